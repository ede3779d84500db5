/**
 * Time to live: deletes expired rows once a virtual day, as late as AWS does it within days. A table is only
 * walked again once its earliest known expiry has come or it was written since.
 */

import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'
import type { DynamoClient } from './dynamo-client.ts'
import type { Table } from './dynamo-tables.ts'

const DAY_MS = 86_400_000

type Row = Record<string, { S?: string; N?: string; B?: string }>

export class Expiry {
  private readonly tables: Table[]
  private readonly host: {
    client: DynamoClient
    clock: Clock
    activity: Activity
    onDelete: (table: Table) => void
  }
  private readonly earliestS = new Map<string, number>()

  constructor(
    tables: Table[],
    host: { client: DynamoClient; clock: Clock; activity: Activity; onDelete: (table: Table) => void },
  ) {
    this.tables = tables.filter((table) => table.ttl !== undefined)
    this.host = host
  }

  start(): void {
    if (this.tables.length === 0) return
    this.host.clock.at(this.host.clock.now() + DAY_MS, () => void this.sweep(), { label: 'expiry' })
  }

  /** The table was written: what expires first there is unknown again. */
  written(table: Table): void {
    this.earliestS.delete(table.name)
  }

  /** Deletes what has expired by now. */
  async sweep(): Promise<void> {
    const end = this.host.activity.begin('expiry of rows')
    try {
      const nowS = Math.floor(this.host.clock.now() / 1000)
      for (const table of this.tables) {
        if ((this.earliestS.get(table.name) ?? 0) <= nowS) await this.sweepTable(table, nowS)
      }
    } catch (error) {
      process.stderr.write(`Expiring rows failed: ${String(error)}\n`)
    } finally {
      this.start()
      end()
    }
  }

  private async sweepTable(table: Table, nowS: number): Promise<void> {
    const ttl = table.ttl ?? ''
    let earliest = Number.POSITIVE_INFINITY
    let start: Row | undefined
    do {
      const page: { Items: Row[]; LastEvaluatedKey?: Row } = await this.host.client.call('Scan', {
        TableName: table.name,
        FilterExpression: 'attribute_exists(#ttl)',
        ProjectionExpression: [...table.keys.map((_, index) => `#key${index}`), '#ttl'].join(', '),
        ExpressionAttributeNames: {
          '#ttl': ttl,
          ...Object.fromEntries(table.keys.map((key, index) => [`#key${index}`, key])),
        },
        ...(start ? { ExclusiveStartKey: start } : {}),
      })
      for (const row of page.Items) {
        const expiresS = Number(row[ttl]?.N)
        if (expiresS <= nowS) await this.remove(table, row)
        else if (expiresS < earliest) earliest = expiresS
      }
      start = page.LastEvaluatedKey
    } while (start !== undefined)
    this.earliestS.set(table.name, earliest)
  }

  private async remove(table: Table, row: Row): Promise<void> {
    const Key = Object.fromEntries(table.keys.map((key) => [key, row[key]]))
    await this.host.client.call('DeleteItem', { TableName: table.name, Key })
    this.host.onDelete(table)
  }
}
