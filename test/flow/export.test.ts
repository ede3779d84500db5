/** What an export holds: everything stored about one person, and nothing of anybody else. */
import { expect, it } from 'vitest'
import { derive } from '#core/id'
import { type Entry, exportPerson } from '#flow/export'
import { findSubject } from '#flow/person'
import { aCommit, aMessage } from '#test/fixture/build'
import { aDoor, hers } from '#test/fixture/door'

const door = aDoor()

async function exported(known: string) {
  const subject = await findSubject(door.world, known)
  if (subject === undefined) throw new Error(`nobody is known by ${known}`)
  const { about, entries } = await exportPerson(door.world, subject)
  const all: Entry[] = []
  for await (const entry of entries) all.push(entry)
  const of = (list: Entry['list']) => all.flatMap((entry) => (entry.list === list ? [entry.value] : []))
  return { about, events: of('events'), decisions: of('decisions'), messages: of('messages') }
}

it('holds her ids, inboxes, profile, logs, decisions and mails, and nothing of others', async () => {
  await door.send('track', { anonymousId: 'device-1', event: 'Product Viewed', properties: { sku: 'one' } })
  await door.send('identify', {
    userId: '42',
    anonymousId: 'device-1',
    traits: { email: 'mia@example.com', firstName: 'মিয়া <b>' },
  })
  await door.track({ event: 'Consent Given', properties: { source: 'Form', text: 'Yes, mail me' } })
  await door.send('identify', { userId: '43', traits: { email: 'noor@example.com', firstName: 'Noor' } })
  const row = { at: door.world.now.at, eventIds: ['e'], release: 1, decisions: [] }
  const message = aMessage({ customerId: hers })
  await door.world.customers.commit(aCommit({ customerId: hers, row, effects: [{ kind: 'plan', message }] }))

  const { about, events, decisions, messages } = await exported('mia@example.com')

  expect(about).toMatchObject({
    schema: 1,
    exportedAt: '2026-11-24T13:00:00.000Z',
    ids: {
      customerId: hers,
      userIds: ['42'],
      addresses: ['mia@example.com'],
      devices: ['device-1'],
    },
    inboxes: [
      {
        address: 'mia@example.com',
        consent: {
          '*': { given: true, at: '2026-11-24T13:00:00.000Z', source: 'Form', text: 'Yes, mail me' },
        },
      },
    ],
    people: [{ customerId: hers, state: { customerId: hers } }],
  })
  expect(events).toHaveLength(3)
  expect(events[0]).toMatchObject({ customerId: derive('v', 'device-1'), properties: { sku: 'one' } })
  expect(decisions).toMatchObject([{ customerId: hers, version: 1 }])
  expect(messages).toMatchObject([{ messageId: message.messageId, renderedFrom: null }])
  const text = JSON.stringify({ about, events, decisions, messages })
  expect(text).toContain('মিয়া <b>')
  expect(text).not.toContain('Noor')
  expect(text).not.toContain('noor@')
})

it('of an inbox that nobody has holds that inbox alone', async () => {
  const hash = await door.hashOf('left@example.com')
  await door.world.gates.putAddress(hash, {
    consent: { '*': { given: false, at: '2026-01-01T00:00:00.000Z' } },
    softBounces: 0,
    ring: [],
    version: 0,
  })

  const { about, events } = await exported('left@example.com')

  expect(about).toMatchObject({ ids: { customerId: null }, people: [], inboxes: [{ hash }] })
  expect(events).toEqual([])
})
