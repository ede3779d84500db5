/** The DynamoDB adapters keep the contract, against the embedded database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoCustomers } from '#adapters/dynamo-customers'
import { dynamoEventLog } from '#adapters/dynamo-events'
import { dynamoGates, dynamoIdentities } from '#adapters/dynamo-gates'
import { dynamoMessages } from '#adapters/dynamo-messages'
import { dynamoReports } from '#adapters/dynamo-report'
import { dynamoWorkspace } from '#adapters/dynamo-workspace'
import { type Dynoxide, startDynoxide, type TableNames } from '#test/fixture/dynoxide'
import { alarmContract } from './customers.ts'
import { reportsContract } from './reports.ts'
import { everyContract } from './suites.ts'
import { fresh, type World } from './world.ts'

let dynoxide: Dynoxide
beforeAll(async () => {
  dynoxide = await startDynoxide()
})
afterAll(async () => dynoxide.close())

function worldOf(names: TableNames, shards: number): World {
  const now = { at: '2026-03-02T09:00:00.000Z' }
  const tables = {
    database: dynoxide.database,
    ...names,
    clock: () => now.at,
    dueShards: shards,
    reportShards: shards,
  }
  return {
    now,
    events: dynamoEventLog(tables),
    identities: dynamoIdentities(tables),
    gates: dynamoGates(tables),
    customers: dynamoCustomers(tables),
    messages: dynamoMessages(tables),
    workspace: dynamoWorkspace(tables),
    reports: dynamoReports(tables),
  }
}

const open = async (shards: number) => worldOf(await dynoxide.makeTables(fresh('t')), shards)

let shared: Promise<TableNames> | undefined
const openShared = async () => {
  shared ??= dynoxide.makeTables('shared')
  return worldOf(await shared, 1)
}

describe('in DynamoDB, indexes on one shard', () => everyContract(async () => open(1), openShared))
describe('in DynamoDB, indexes on many shards', () => {
  alarmContract(async () => open(8))
  reportsContract(async () => open(8))
})

describe('two containers', () => {
  it('share one line, whatever each saw of it last', async () => {
    const names = await dynoxide.makeTables(fresh('t'))
    const [one, other] = [worldOf(names, 1).workspace, worldOf(names, 1).workspace]
    const nowMs = Date.parse('2026-03-02T09:00:00.000Z')
    const wanted = { total: 8, marketing: 8, ratePerSecond: 1, waitMs: 20_000, nowMs }

    const leases = [
      await one.leaseRate(wanted),
      await other.leaseRate(wanted),
      await one.leaseRate(wanted),
      await other.leaseRate(wanted),
    ]

    expect(leases.map((lease) => lease?.total)).toEqual([8, 8, 4, undefined])
    expect(leases.map((lease) => lease?.firstMs)).toEqual([nowMs, nowMs + 8_000, nowMs + 16_000, undefined])
    expect(await other.leasedOn(nowMs)).toEqual({ total: 20, marketing: 20 })
  })
})
