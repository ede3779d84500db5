/**
 * A file to import, seen as items: its columns are known from its header, its rows become customers or orders
 * one after the other. Read once to look (`survey`) and once to import; both see the same items.
 */
import { createHash } from 'node:crypto'
import { type Encoding, hashOf, rowsOf } from '#adapters/csv-file'
import { type CsvReader, type CsvRow, csvReader, type Delimiter } from '#core/csv'
import { type Column, customerColumns, orderColumns } from '#core/import/columns'
import { customerItem, type ImportOptions, type Item } from '#core/import/customer'
import { orderGatherer, orderItem } from '#core/import/order'

export interface Asked {
  file: string
  orders: boolean
  encoding: Encoding
  map: ReadonlyMap<string, string>
  status: string | undefined
  consentSource: string | undefined
}

/** Items one after the other, made by the columns the header named. */
interface Maker {
  columns: Column<string>[]
  problems: string[]
  take(row: CsvRow): Item | undefined
  end(): Item | undefined
}

function makerFor(asked: Asked, header: readonly string[], options: ImportOptions): Maker {
  if (!asked.orders) {
    const { columns, problems } = customerColumns(header, asked.map)
    return { columns, problems, take: (row) => customerItem(columns, row, options), end: () => undefined }
  }
  const { columns, problems } = orderColumns(header, asked.map)
  const gatherer = orderGatherer(columns)
  const seen = new Set<string>()
  const itemOf = (rows: ReturnType<typeof gatherer.take>): Item | undefined => {
    if (rows === undefined) return undefined
    const item = orderItem(columns, rows, options)
    const again = rows.orderId !== '' && seen.has(rows.orderId)
    seen.add(rows.orderId)
    if (!again) return item
    const what = `rows of the order "${rows.orderId}" stand apart; only the first of them were taken`
    const note = { kind: 'refused', column: 'orderId', what, cure: 'sort the file by order' } as const
    return { ...item, standing: 'refused', calls: [], notes: [note] }
  }
  return {
    columns,
    problems,
    take: (row) => itemOf(gatherer.take(row)),
    end: () => itemOf(gatherer.end()),
  }
}

export interface Source {
  /** Stands for the content of the file and what its columns are taken for. */
  fingerprint: string
  items(now: string, onHeader?: (seen: Header) => void): AsyncGenerator<Item>
}

export interface Header {
  columns: Column<string>[]
  problems: string[]
  delimiter: Delimiter
}

async function* itemsOf(
  asked: Asked,
  options: ImportOptions,
  onHeader: ((seen: Header) => void) | undefined,
): AsyncGenerator<Item> {
  const reader: CsvReader = csvReader()
  let maker: Maker | undefined
  for await (const row of rowsOf(asked.file, asked.encoding, reader)) {
    if (maker === undefined) {
      maker = makerFor(asked, row.cells, options)
      const { columns, problems } = maker
      onHeader?.({ columns, problems, delimiter: reader.delimiter() })
      if (problems.length > 0) return
      continue
    }
    const item = maker.take(row)
    if (item !== undefined) yield item
  }
  const last = maker?.end()
  if (last !== undefined) yield last
}

/** The file as a source of items. Throws `file-unreadable`. */
export async function sourceOf(asked: Asked): Promise<Source> {
  const { orders, encoding, status, consentSource } = asked
  const how = JSON.stringify([orders, encoding, [...asked.map].sort(), status, consentSource])
  const content = await hashOf(asked.file)
  const fingerprint = createHash('sha256').update(`${content} ${how}`).digest('base64url').slice(0, 22)
  return {
    fingerprint,
    items: (now, onHeader) => itemsOf(asked, { fingerprint, now, status, consentSource }, onHeader),
  }
}
