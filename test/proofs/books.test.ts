/** The audit of the proofs: each kind of mistake it is there for is found, and a sound system passes. */
import { describe, expect, it } from 'vitest'
import type { Message } from '#core/message'
import type { MailHead } from '#test/fixture/runtime'
import { examine, type Found, wrongIn } from './books.ts'

const row = (messageId: string, more: Partial<Message> = {}) =>
  ({
    messageId,
    customerId: 'c1',
    runId: `run ${messageId}`,
    step: 'reminder',
    status: 'SENT',
    ...more,
  }) as Message
const mail = (messageId: string) => ({ messageId, to: 'rina@example.com' }) as MailHead

const sound: Found = {
  events: new Set(['e1', 'e2']),
  mails: [mail('m1'), mail('m2')],
  messages: [row('m1'), row('m2', { status: 'UNKNOWN' }), row('m3', { status: 'SKIPPED', customerId: 'c2' })],
  owners: new Map([['mina@example.com', 'c2']]),
}
const accepted = { events: new Set(['e1', 'e2']), reminded: new Set<string>() }

describe('the audit', () => {
  it('passes a sound system', () => {
    expect(examine(sound, accepted)).toEqual({ lost: [], twice: [], unequal: [] })
  })

  it.each<[string, Partial<Found>, 'lost' | 'twice' | 'unequal', RegExp]>([
    ['an accepted event in no log', { events: new Set(['e1']) }, 'lost', /event e2/],
    ['somebody forgotten', { owners: new Map([['a@example.com', 'c9']]) }, 'lost', /a@example\.com/],
    ['somebody unknown', { owners: new Map([['a@example.com', undefined]]) }, 'lost', /a@example\.com/],
    ['two mails of a message', { mails: [mail('m1'), mail('m1'), mail('m2')] }, 'twice', /m1/],
    [
      'two mails of a run and step',
      { messages: [row('m1', { runId: 'r' }), row('m2', { runId: 'r' })] },
      'twice',
      /r reminder/,
    ],
    ['a mail without a row', { mails: [mail('m1'), mail('m2'), mail('m9')] }, 'unequal', /mail m9.*none/],
    ['a mail of a skipped row', { mails: [mail('m1'), mail('m2'), mail('m3')] }, 'unequal', /m3.*SKIPPED/],
    ['a SENT row without a mail', { mails: [mail('m2')] }, 'unequal', /m1 is SENT/],
    [
      'a row without an end',
      { messages: [row('m1'), row('m2', { status: 'CLAIMED' })] },
      'unequal',
      /CLAIMED/,
    ],
  ])('finds %s', (_, change, kind, words) => {
    const found = examine({ ...sound, ...change }, accepted)

    expect(found[kind].join()).toMatch(words)
  })

  it('tells of each kind the first few', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f']

    expect(wrongIn({ lost: [], twice: [], unequal: [] })).toEqual([])
    expect(wrongIn({ lost: many, twice: ['m1'], unequal: ['m2'] })).toEqual([
      '6 lost: a; b; c; d; e',
      '1 sent twice: m1',
      '1 do not agree: m2',
    ])
  })
})
