/**
 * The sample year: the same seed lives the same year, and what was lived obeys the promises of the house. It is
 * lived here by a few people with the templates as they are; the rows go through the adapters' own functions.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { memoryPorts } from '#adapters/memory/ports'
import { rowsOf } from '#adapters/memory/rows'
import { buildDraft } from '#cli/stage/draft'
import { liveYear, type Year } from '#cli/start/sample/year'
import type { Message } from '#core/message'
import { publish } from '#flow/publish'

const now = '2026-11-24T13:00:00.000Z'
const people = 8
const LIVE_MS = 120_000
const stage = {
  sender: 'Meadow & Loom <hello@shop.example>',
  linkBaseUrl: 'https://links.shop.example',
  postalAddress: '1 Loom Lane',
  allowList: ['*'],
}

async function live(seed: number): Promise<Year> {
  const ports = memoryPorts(now)
  const { draft } = await buildDraft('templates')
  if (draft === undefined) throw new Error('the templates have errors')
  await publish(ports, draft)
  const [release] = ports.tables.releases.values()
  if (release === undefined) throw new Error('nothing was published')
  const { mails } = ports.tables
  return liveYear({ seed, people, now, release, mails, keys: ports.keys, stage, url: 'https://shop.example' })
}

const rowsIn = (year: Year) => JSON.stringify([...rowsOf(year.tables, { dueShards: 4, reportShards: 4 })])
const messagesOf = ({ tables }: Year): Message[] =>
  [...tables.messages.values()].flatMap((rows) => [...rows.values()].map(({ message }) => message))

let year: Year

describe('the sample year', () => {
  beforeAll(async () => {
    year = await live(7)
  }, LIVE_MS)

  it(
    'is the same for the same seed, and another for another',
    async () => {
      const [again, other] = [await live(7), await live(8)]

      expect(rowsIn(again)).toBe(rowsIn(year))
      expect(rowsIn(other)).not.toBe(rowsIn(year))
    },
    LIVE_MS,
  )

  it('ends at its now: nothing happened later, nothing is parked, every mail has its row', () => {
    const received = [...year.tables.events.values()].flatMap((log) => [...log.values()])
    const sent = messagesOf(year).filter(({ status }) => status === 'SENT')

    expect(received.filter(({ receivedAt }) => receivedAt > now)).toEqual([])
    expect(year.tables.parked.size).toBe(0)
    expect(sent).toHaveLength(year.mails.length)
    expect(new Set(sent.map(({ sesMessageId }) => sesMessageId)).size).toBe(year.mails.length)
    expect(year.mails.length).toBeGreaterThan(people)
  })

  it('counts as its events do', () => {
    const names = [...year.tables.events.values()].flatMap((log) => [...log.values()].map(({ name }) => name))
    const orders = [...year.tables.customers.values()].map(({ state }) => state.orders.length)

    expect(names.filter((name) => name === 'Email Sent')).toHaveLength(year.mails.length)
    expect(orders.reduce((sum, count) => sum + count, 0)).toBe(
      names.filter((name) => name === 'Order Completed').length,
    )
  })

  it('writes no marketing mail to who left, nor more than the cap allows', () => {
    const [release] = year.tables.releases.values()
    const { mails: most, within } = release?.settings.cap ?? { mails: 0, within: 0 }
    const gates = [...year.tables.addresses.values()]
    for (const { consent, ring } of gates) {
      const marketing = ring.filter(({ exempt }) => exempt !== true)
      const said = consent['*']
      const late = marketing.filter(({ at }) => said?.given === false && at > said.at)
      expect(late).toEqual([])
      for (const { at } of marketing) {
        const sinceMs = Date.parse(at) - Number(within)
        const near = marketing.filter((one) => one.at <= at && Date.parse(one.at) > sinceMs)
        expect(near.length).toBeLessThanOrEqual(most)
      }
    }
    expect(gates.some(({ ring }) => ring.length > 0)).toBe(true)
  })
})
