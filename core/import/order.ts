/**
 * Rows of a file of orders as completed orders of the past: marked as history, so that they count towards what
 * is known of a customer and begin nothing. Rows that follow each other with one order id are one order, a row
 * a product. Pure; `flow/import.ts` hands them in.
 */
import { readAddress } from '#core/address'
import type { Bag } from '#core/event'
import { derive } from '#core/id'
import { type Cells, cellsOf, momentCure, readAmount, readMoment, shown } from './cell.ts'
import type { Column, OrderField } from './columns.ts'
import type { ImportOptions, Item } from './customer.ts'

type Row = { row: number; cells: readonly string[] }

/** The rows of one order. */
export interface OrderRows {
  orderId: string
  rows: Row[]
}

/** Puts rows together that are one order; each call answers the order that is whole by then. */
export function orderGatherer(columns: readonly Column<OrderField>[]) {
  let open: OrderRows | undefined
  return {
    take: (row: Row): OrderRows | undefined => {
      const orderId = cellsOf(columns, row.cells).text('orderId') ?? ''
      if (open !== undefined && open.orderId === orderId && orderId !== '') {
        open.rows.push(row)
        return undefined
      }
      const whole = open
      open = { orderId, rows: [row] }
      return whole
    },
    end: (): OrderRows | undefined => open,
  }
}

/** The first cell of a field among an order's rows: exports fill it in once. */
const firstOf = (all: readonly Cells<OrderField>[], field: OrderField): string | undefined =>
  all.map((cells) => cells.text(field)).find((text) => text !== undefined)

function amountIn(cells: Cells<OrderField>, field: OrderField, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const amount = readAmount(text)
  if (amount === undefined)
    cells.note('note', field, `${shown(text)} is no amount: left out`, 'write it as 1234.50')
  return amount
}

function productIn(cells: Cells<OrderField>): Bag[] {
  const [productId, sku, name] = [cells.text('productId'), cells.text('sku'), cells.text('product')]
  // a product without an id of its own is known by its name
  const id = productId ?? (sku === undefined ? name : undefined)
  if (id === undefined && sku === undefined) return []
  const price = amountIn(cells, 'price', cells.text('price'))
  const quantity = amountIn(cells, 'quantity', cells.text('quantity'))
  const category = cells.text('category')
  return [
    {
      ...(id !== undefined && { product_id: id }),
      ...(sku !== undefined && { sku }),
      ...(name !== undefined && { name }),
      ...(price !== undefined && { price }),
      ...(quantity !== undefined && Number.isInteger(quantity) && { quantity }),
      ...(category !== undefined && { category }),
    },
  ]
}

/** Why an order is left out although nothing is wrong with it. */
function whyLeftOut(all: readonly Cells<OrderField>[]): string | undefined {
  if (firstOf(all, 'cancelledAt') !== undefined) return 'cancelled'
  const status = firstOf(all, 'status')?.toLowerCase() ?? ''
  return /^(cancell?ed|refunded|voided|failed)$/.test(status) ? status : undefined
}

/** What the rows of one order come to. */
export function orderItem(
  columns: readonly Column<OrderField>[],
  { orderId, rows }: OrderRows,
  options: ImportOptions,
): Item {
  const all = rows.map(({ cells }) => cellsOf(columns, cells))
  const row = rows[0]?.row ?? 0
  const [first = cellsOf(columns, [])] = all
  const item = (standing: Item['standing'], more: Partial<Item> = {}): Item => ({
    row,
    standing,
    ids: [],
    calls: [],
    notes: all.flatMap(({ notes }) => notes),
    ...more,
  })
  const left = whyLeftOut(all)
  if (left !== undefined) {
    first.note('note', 'status', `the order is ${left}: left out`, 'nothing is to be done')
    return item('left out')
  }
  const [address, userId, when] = [firstOf(all, 'email'), firstOf(all, 'userId'), firstOf(all, 'at')]
  const email = readAddress(address)
  const at = when === undefined ? undefined : readMoment(when)
  if (orderId === '') first.note('refused', 'orderId', 'the order has no id', 'give its number')
  if (email === undefined && userId === undefined) {
    const what = address === undefined ? 'the order names nobody' : `${shown(address)} is no e-mail address`
    first.note('refused', 'email', what, 'give an e-mail address or a user id')
  }
  if (at === undefined || at > options.now)
    first.note('refused', 'at', `${shown(when ?? '')} is no time in the past`, momentCure)
  if (first.notes.some(({ kind }) => kind === 'refused') || at === undefined) return item('refused')
  const total = amountIn(first, 'total', firstOf(all, 'total'))
  const currency = firstOf(all, 'currency')
  const products = all.flatMap(productIn)
  const call: Bag = {
    type: 'track',
    event: 'Order Completed',
    messageId: derive('e', 'import', options.fingerprint, row, 'order'),
    ...(userId !== undefined && { userId }),
    timestamp: at,
    properties: {
      order_id: orderId,
      ...(total !== undefined && { total }),
      ...(currency !== undefined && { currency: currency.toUpperCase() }),
      ...(products.length > 0 && { products }),
    },
    context: { history: true, ...(email !== undefined && { traits: { email } }) },
  }
  const ids = [...(email ? [`address ${email.toLowerCase()}`] : []), ...(userId ? [`user ${userId}`] : [])]
  return item('order', { ids, calls: [call] })
}
