/**
 * Hostile requests through the real handlers over the in-memory ports, and what must hold whatever they hold:
 * no answer of 500 or above and nothing thrown; a refusal is a problem with a code that docs/errors.md knows;
 * what was stored is read back by the schemas of its row, through the very rows of the tables; and nothing of it
 * is a poison to `decide`. `test/proofs/fuzz.ts` runs 100,000, the unit test 10,000.
 */
import { marshall } from '@aws-sdk/util-dynamodb'
import { eventOfRow, eventRow } from '#adapters/dynamo-events'
import { besideAction } from '#adapters/dynamo-gates'
import { AddressGate, CustomerGate } from '#core/gate'
import { makeToken, type Purpose, pathOf } from '#core/link'
import { refusalCodes } from '#core/refusal'
import { State } from '#core/state'
import { answerIngest } from '#functions/ingest'
import { answerTrack } from '#functions/track'
import { aRelease, aSettings } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'
import { aMail } from '#test/fixture/story'
import { type Envelope, hostile } from './hostile.ts'

const shows = (...path: string[]) => ({ path, frame: 0 })

/** A mail that says all of what strangers may have said, each in another place. */
const aTellingMail = aMail({
  required: [],
  subject: ['For ', { print: shows('customer', 'firstName'), as: 'plain' }],
  html: [
    '<p title="',
    { print: shows('customer', 'lastName'), as: 'attribute' },
    '">',
    { print: shows('cart', 'id'), as: 'text' },
    '</p><a href="',
    { url: [{ print: shows('cart', 'url'), as: 'url' }], track: true, as: 'attribute' },
    '">',
    { print: shows('event', 'properties', 'name'), as: 'text' },
    '</a>',
  ],
})

/** A shop in memory that has mailed one customer, and all her links. */
export async function aMailedLoop(): Promise<Loop & { links: string[] }> {
  const settings = aSettings({ remindersWithoutConsent: true, cap: { mails: 50, within: '1d' } })
  const loop = await aLoop(aRelease({ settings }))
  for (const hash of loop.world.tables.mails.keys()) loop.world.tables.mails.set(hash, aTellingMail)
  await loop.say('identify', { userId: '42', anonymousId: 'd-1', traits: { email: 'rina@example.com' } })
  await loop.say('track', { userId: '42', event: 'Consent Given' })
  const products = [{ product_id: 'mug', name: 'Morning mug', price: 18.5, quantity: 2 }]
  await loop.say('track', { userId: '42', event: 'Cart Updated', properties: { cart_id: 'c1', products } })
  await loop.pass(2 * 3_600_000)
  const [mail] = loop.mails()
  if (mail === undefined) throw new Error('the world of the fuzz has mailed nobody')
  const { messageId } = mail
  const keys = await loop.world.keys.linkKeys()
  const purposes = Object.keys(pathOf) as Purpose[]
  const link = { customerId: loop.user('42'), messageId }
  const links = purposes.flatMap((purpose) =>
    [0, 1].map((index) => `${pathOf[purpose]}/${makeToken({ ...link, purpose, index }, keys)}`),
  )
  return { ...loop, links }
}

const hourMs = 3_600_000

const known: ReadonlySet<string> = new Set(refusalCodes)

/** What is wrong with an answer; undefined: nothing. */
function wrongAnswer(
  envelope: Envelope,
  answer: Awaited<ReturnType<typeof answerIngest>>,
): string | undefined {
  const { statusCode, headers, body } = answer
  if (statusCode >= 500 || statusCode < 200) return `answered ${statusCode} ${body.slice(0, 200)}`
  for (const [name, value] of Object.entries(headers))
    if (/[\r\n\0]/.test(name + value)) return `a control character in the header ${name}`
  if (statusCode < 400 || !envelope.rawPath.startsWith('/v1')) return undefined
  if (headers['content-type'] !== 'application/problem+json') return `${statusCode} that is no problem+json`
  const problem = JSON.parse(body)
  return known.has(problem.code) && problem.status === statusCode
    ? undefined
    : `${statusCode} with the code ${problem.code}`
}

/** What DynamoDB takes of a row: its keys' sizes, the whole. Throws what does not fit. */
function fitsTable(item: Record<string, unknown>, keys: readonly string[]): void {
  const bytes = (value: unknown) => Buffer.byteLength(String(value))
  for (const [index, key] of keys.entries())
    if (bytes(item[key]) > (index === 0 ? 2048 : 1024) || item[key] === '')
      throw new Error(`the key ${key}: size`)
  const text = JSON.stringify(marshall(item, { removeUndefinedValues: true }))
  if (text.length > 400 * 1024) throw new Error('the row is larger than 400 KB')
  if (/\\ud[89a-f]/i.test(text)) throw new Error('half a character in what a table takes as UTF-8')
}

/** Reads back whatever is stored by the schemas of its rows; answers what cannot be. */
export function unreadable({ world }: Pick<Loop, 'world'>): string[] {
  const bad: string[] = []
  const read = (what: string, act: () => void) => {
    try {
      act()
    } catch (error) {
      bad.push(`${what}: ${error instanceof Error ? error.message.slice(0, 300) : error}`)
    }
  }
  const { events, addresses, persons, visitors, orders, customers } = world.tables
  for (const log of events.values())
    for (const event of log.values())
      read(`event ${JSON.stringify(event.key)}`, () => {
        const row = eventRow(event)
        fitsTable(row, ['customerId', 'key'])
        const back = JSON.stringify(eventOfRow(row))
        if (back.length !== JSON.stringify(event).length)
          throw new Error('it does not come back as it went in')
        if (/\\ud[89a-f]/i.test(back)) throw new Error('half a character')
      })
  const gate = (beside: Parameters<typeof besideAction>[1]) =>
    read(`gate ${beside.kind}`, () => fitsTable(besideAction('', beside).Put?.Item ?? {}, ['gate']))
  for (const [hash, one] of addresses) {
    read('an inbox', () => AddressGate.parse(one))
    gate({ kind: 'address', hash, gate: one })
  }
  for (const [customerId, one] of persons) {
    read('a person', () => CustomerGate.parse(one))
    gate({ kind: 'customer', customerId, gate: one })
  }
  for (const [anonymousId, customerId] of visitors)
    gate({ kind: 'visitor', anonymousId, customerId, first: true })
  for (const [orderId, messageId] of orders) gate({ kind: 'order', orderId, messageId })
  for (const { state } of customers.values()) read(`state of ${state.customerId}`, () => State.parse(state))
  return bad
}

export interface Fuzzed {
  /** A day goes by in each world, so that what came in is mailed where it may be. */
  lives: boolean
  requests: number
  /** Calls that were taken; a fuzz that is always refused at the first check proves little. */
  stored: number
  fives: number
  storedBad: number
  parked: number
  /** Mails that were made of what came in. */
  mailed: number
  failures: string[]
}

async function ask(loop: Loop, envelope: Envelope): Promise<string | undefined> {
  const { world } = loop
  try {
    const answer = envelope.rawPath.startsWith('/v1')
      ? await answerIngest(world, envelope)
      : await answerTrack({ ...world, stage: { linkBaseUrl: 'https://links.shop.example' } }, envelope)
    return wrongAnswer(envelope, answer)
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : error}`
  }
}

const short = (envelope: Envelope): string => JSON.stringify(envelope).slice(0, 600)

/** One world and `count` requests of its seed; what came in is decided at the end. */
async function fuzzWorld(seed: number, count: number, found: Fuzzed): Promise<void> {
  const loop = await aMailedLoop()
  const mailed = loop.world.mailer.attempts.length
  const requests = hostile(seed, loop.links)
  const fail = (what: string) => {
    if (found.failures.length < 20) found.failures.push(`seed ${seed}: ${what}`)
  }
  for (let asked = 0; asked < count; asked += 1) {
    const { value } = requests.next()
    const wrong = await ask(loop, value)
    found.requests += 1
    if (wrong === undefined) continue
    found.fives += 1
    fail(`request ${asked}: ${wrong} to ${short(value)}`)
  }
  found.stored += [...loop.world.tables.events.values()].reduce((sum, log) => sum + log.size, 0)
  const later = found.lives ? loop.pass(26 * hourMs) : loop.carry()
  await later.catch((error: unknown) => fail(`deciding: ${error}`))
  for (const mail of loop.world.mailer.attempts.slice(mailed)) {
    found.mailed += 1
    if (/[\p{Cc}\u2028\u2029]/u.test(mail.subject)) fail(`the subject ${JSON.stringify(mail.subject)}`)
    if (/<script|javascript:|onerror=/i.test(mail.html.replace(/&lt;/g, '')))
      fail(`the mail ${mail.html.slice(0, 300)}`)
  }
  const bad = unreadable(loop)
  found.storedBad += bad.length
  found.parked += loop.world.tables.parked.size
  for (const one of bad.slice(0, 5)) fail(one)
  for (const [customerId, { error }] of [...loop.world.tables.parked].slice(0, 3))
    fail(`parked ${customerId}: ${error}`)
  if (({} as { polluted?: unknown }).polluted !== undefined) fail('a prototype was reached')
}

const perWorld = 500

/** Throws `count` requests at the handlers, a fresh world each 500, from `seed` on. */
export async function fuzz(
  of: { seed: number; count: number; lives?: boolean },
  say: (found: Fuzzed) => void = () => {},
): Promise<Fuzzed> {
  const found: Fuzzed = {
    lives: of.lives === true,
    requests: 0,
    stored: 0,
    fives: 0,
    storedBad: 0,
    parked: 0,
    mailed: 0,
    failures: [],
  }
  for (let world = 0; found.requests < of.count; world += 1) {
    await fuzzWorld(of.seed + world, Math.min(perWorld, of.count - found.requests), found)
    say(found)
  }
  return found
}
