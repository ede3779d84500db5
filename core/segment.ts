/**
 * A call of the Segment specification, read from what a shop or a stranger sent. `readCall` answers a clean
 * call with its warnings, or what is wrong with it; it trusts nothing: sizes, depths, hostile keys, times and
 * names that are not the sender's to use. Who the call is about is decided by `flow/identify.ts`.
 */
import * as z from 'zod'
import { readAddress } from './address.ts'
import { clean } from './clean.ts'
import { type Bag, EventType } from './event.ts'
import { ownOnly, problemsOf, serverOnly } from './fact.ts'
import { derive } from './id.ts'
import { limits } from './limits.ts'
import { isPlaceholder } from './placeholder.ts'
import type { Refusal, Warning } from './refusal.ts'
import { type Instant, toInstant, toMs } from './time.ts'

export type Source = 'server' | 'browser'

/** A call as it is worked with: ids trimmed, times read, what is not its sender's to say taken out. */
export interface Call {
  type: EventType
  name: string
  messageId: string
  /** Its id is that of its content: it came without one. */
  byContent?: true
  userId?: string
  anonymousId?: string
  /** An id it came with that names nobody: it counts for nothing, and where nothing else says who, nor does the call. */
  nobody?: string
  /** Its e-mail address, where the sender may give one. */
  email?: string
  /** The address is a browser's word only. */
  unverified?: true
  /** The id that `userId` takes over; an account's only where the shop's server says so. */
  previousId?: string
  /** The client's own time, as sent. */
  timestamp?: Instant
  sentAt?: Instant
  history: boolean
  properties: Bag
  traits?: Bag
  context?: Bag
}

export type Read = { call: Call; warnings: Warning[] } | { refusals: [Refusal, ...Refusal[]] }

const names = {
  identify: 'Identified',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  alias: 'Aliased',
  group: 'Grouped',
} as const

const written = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/** An instant as clients write it: ISO 8601 (UTC where it names no zone) or milliseconds since the epoch. */
function readInstant(value: unknown): Instant | undefined {
  if (typeof value === 'number') {
    return value >= 0 && value < 253_402_300_800_000 ? toInstant(value) : undefined
  }
  if (typeof value !== 'string' || !written.test(value)) return undefined
  const zoned = value.length <= 10 || /(Z|[+-]\d\d:?\d\d)$/i.test(value.slice(10))
  const ms = toMs(zoned ? value.replace(' ', 'T') : `${value.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) || ms < -62_135_596_800_000 ? undefined : toInstant(ms)
}

const When = z
  .unknown()
  .transform((value, context) => {
    if (value === undefined || value === null || value === '') return undefined
    const instant = readInstant(value)
    if (instant !== undefined) return instant
    context.addIssue({ code: 'custom', message: 'not a time; write it as 2026-11-24T13:00:00.000Z' })
    return z.NEVER
  })
  .optional()

const Id = z
  .preprocess(
    (value) => (typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : value),
    z.string({ error: 'an id is a text or a number' }).max(limits.idCharacters).nullish(),
  )
  .transform((value) => (value === null || value === '' ? undefined : value))

const Bagged = z
  .record(z.string(), z.unknown(), { error: 'write an object' })
  .nullish()
  .transform((value) => value ?? {})

const Raw = z.object({
  messageId: Id,
  userId: Id,
  anonymousId: Id,
  previousId: Id,
  groupId: Id,
  event: z.unknown().optional(),
  name: z.unknown().optional(),
  category: z.unknown().optional(),
  timestamp: When,
  sentAt: When,
  properties: Bagged,
  traits: Bagged,
  context: Bagged,
})
type Raw = z.infer<typeof Raw>

const refuse = (code: Refusal['code'], path: string, message: string): { refusals: [Refusal] } => ({
  refusals: [{ code, path, message }],
})

/** The UTF-8 size of a value as JSON, in bytes. */
const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

function typeOf(raw: Bag, asked: EventType | undefined): EventType | undefined {
  const read = EventType.safeParse(asked ?? raw.type)
  return read.success ? read.data : undefined
}

/** What the sender may not say; browsers' keys are public. */
function forbidden(
  call: { type: EventType; name: string; context: Bag },
  source: Source,
): Refusal | undefined {
  if (call.type === 'track' && ownOnly.has(call.name))
    return { code: 'own-name', path: 'event', message: `"${call.name}" is a name only Homeward gives` }
  if (source === 'server') return undefined
  if (call.type === 'track' && serverOnly.has(call.name))
    return {
      code: 'server-only',
      path: 'event',
      message: `"${call.name}" must come from the shop's server, with the server key`,
    }
  if (call.context.history !== undefined && call.context.history !== false)
    return {
      code: 'server-only',
      path: 'context.history',
      message: 'history is imported with the server key',
    }
  return undefined
}

const keptOfContext = ['traits', 'locale', 'timezone', 'campaign', 'groupId', 'history'] as const
const keptOfPage = ['url', 'title', 'referrer'] as const

const isBag = (value: unknown): value is Bag =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const pick = (bag: Bag, keys: readonly string[]): Bag =>
  Object.fromEntries(
    keys.flatMap((key) => (bag[key] === undefined || bag[key] === null ? [] : [[key, bag[key]]])),
  )

/** What decisions and mails can use of a context; devices, libraries and IP addresses are not kept. */
function keptContext(context: Bag): Bag {
  const page = isBag(context.page) ? pick(context.page, keptOfPage) : {}
  return { ...pick(context, keptOfContext), ...(Object.keys(page).length > 0 && { page }) }
}

const without = (bag: Bag, key: string): Bag => {
  const { [key]: _, ...rest } = bag
  return rest
}

/** What becomes of an address that only a browser gave; it does not say which, since that tells who is known. */
export const unverifiedWords =
  'an address from a browser is not verified: it is dropped, or makes a guest of little word; the event is kept'

/**
 * Takes the address out of wherever it stands; says so where it could not be taken. `mayName`: a browser that
 * names no user may say whose inbox this is; whether that is believed, the gates say.
 */
function takeAddress(
  bags: { properties: Bag; traits: Bag; context: Bag },
  from: { source: Source; mayName: boolean },
  warnings: Warning[],
) {
  const { source, mayName } = from
  const inContext = isBag(bags.context.traits) ? bags.context.traits : {}
  const places = [
    ['traits.email', bags.traits.email],
    ['context.traits.email', inContext.email],
    ...(source === 'server' ? [['properties.email', bags.properties.email] as const] : []),
  ] as const
  const traits = without(bags.traits, 'email')
  // null takes a trait back; only the server may
  if (source === 'server' && bags.traits.email === null) traits.email = null
  const context = isBag(bags.context.traits)
    ? { ...bags.context, traits: without(inContext, 'email') }
    : bags.context
  const given = places.find(([, value]) => value !== undefined && value !== null && value !== '')
  if (given === undefined) return { traits, context }
  const [path, value] = given
  const email = readAddress(value)
  if (source === 'browser' && !mayName) {
    warnings.push({ code: 'address-unverified', path, message: unverifiedWords })
    return { traits, context }
  }
  if (email === undefined) {
    const message = 'not an e-mail address that can be written to: dropped, the event is kept'
    warnings.push({ code: 'address-not-read', path, message })
    return { traits, context }
  }
  return { traits, context, email }
}

/** Properties without the URLs that are not safe to link to. */
function withoutUnsafe(properties: Bag, warnings: readonly { path: string }[]): Bag {
  if (warnings.length === 0) return properties
  const copy = structuredClone(properties)
  for (const { path } of warnings) {
    const parts = path.split('.').slice(1)
    const last = parts.pop() ?? ''
    let holder: unknown = copy
    for (const part of parts) holder = (holder as Bag)[part]
    delete (holder as Bag)[last]
  }
  return copy
}

function propertiesOf(type: EventType, raw: Raw): Bag {
  const named = pick({ name: raw.name, category: raw.category }, ['name', 'category'])
  if (type === 'page' || type === 'screen') return { ...named, ...raw.properties }
  if (type === 'group') return { groupId: raw.groupId, traits: raw.traits }
  if (type === 'alias') return { previousId: raw.previousId }
  return type === 'track' ? raw.properties : {}
}

function nameOf(type: EventType, event: unknown): string | undefined {
  if (type !== 'track') return names[type]
  const name = typeof event === 'string' ? event.trim() : ''
  return name === '' || name.length > limits.nameCharacters ? undefined : name
}

/** The id of a call that came without one: of its content, so that sending it again is not a second event. */
function idOfContent(type: EventType, cleaned: Bag): string {
  const { sentAt: _, writeKey: __, _metadata: ___, ...content } = cleaned
  return derive('e', type, JSON.stringify(content))
}

/** The ids that name someone; a warning for those that do not. */
function idsOf(
  type: EventType,
  raw: Raw,
  warnings: Warning[],
): Pick<Call, 'userId' | 'anonymousId' | 'nobody'> {
  const ids = {
    userId: raw.userId,
    anonymousId: type === 'alias' ? (raw.previousId ?? raw.anonymousId) : raw.anonymousId,
  }
  const named: Pick<Call, 'userId' | 'anonymousId' | 'nobody'> = {}
  for (const field of ['anonymousId', 'userId'] as const) {
    const id = ids[field]
    if (id !== undefined && isPlaceholder(id)) {
      named.nobody = id
      const message = `"${id}" names nobody: it counts for nothing; an event that only it names is kept apart`
      warnings.push({ code: 'placeholder-id', path: field, message })
    } else if (id !== undefined) named[field] = id
  }
  return named
}

/** Whether an alias may name an account; what is the call's own device is none. */
const takesOver = (raw: Raw): raw is Raw & { previousId: string } =>
  raw.previousId !== undefined && raw.previousId !== raw.anonymousId

function assemble(
  { type, name, cleaned, raw }: { type: EventType; name: string; cleaned: Bag; raw: Raw },
  source: Source,
  warnings: Warning[],
): Call {
  const properties = propertiesOf(type, raw)
  const own = type === 'group' || type === 'alias' ? {} : raw.traits
  const bags = { properties, traits: own, context: keptContext(raw.context) }
  const ids = idsOf(type, raw, warnings)
  const mayName = type === 'identify' && ids.userId === undefined
  const { traits, context, email } = takeAddress(bags, { source, mayName }, warnings)
  return {
    type,
    name,
    messageId: raw.messageId ?? idOfContent(type, cleaned),
    ...(raw.messageId === undefined && { byContent: true as const }),
    ...ids,
    ...(email !== undefined && { email, ...(source === 'browser' && { unverified: true as const }) }),
    ...(type === 'alias' && source === 'server' && takesOver(raw) && { previousId: raw.previousId }),
    ...(raw.timestamp !== undefined && { timestamp: raw.timestamp }),
    ...(raw.sentAt !== undefined && { sentAt: raw.sentAt }),
    history: context.history === true,
    properties,
    ...(Object.keys(traits).length > 0 && { traits }),
    ...(Object.keys(context).length > 0 && { context }),
  }
}

/**
 * Reads one call. `type`: what the path said, else the call says it itself. Never throws.
 * @example readCall({ type: 'track', event: 'Cart Viewed', userId: '42' }, { source: 'server' })
 */
export function readCall(value: unknown, from: { type?: EventType; source: Source }): Read {
  if (!isBag(value)) return refuse('not-an-event', '', 'an event is a JSON object')
  const warnings: Warning[] = []
  const cleaned = clean(value, warnings)
  if (cleaned === undefined)
    return refuse('too-deep', '', `objects and lists may stand ${limits.eventDepth} deep at most`)
  // measured after cleaning: what is nested without bound would exhaust the stack of the measuring
  if (bytesOf(cleaned) > limits.eventBytes)
    return refuse('event-too-large', '', `an event is at most ${limits.eventBytes / 1024} KB of JSON`)
  const type = typeOf(cleaned, from.type)
  if (type === undefined)
    return refuse('unknown-type', 'type', `write one of ${EventType.options.join(', ')}`)
  const read = Raw.safeParse(cleaned)
  if (!read.success) {
    const [first, ...rest] = read.error.issues.map(
      (issue): Refusal => ({ code: 'bad-field', path: issue.path.join('.'), message: issue.message }),
    )
    return first === undefined ? refuse('not-an-event', '', 'not readable') : { refusals: [first, ...rest] }
  }
  const name = nameOf(type, read.data.event)
  if (name === undefined)
    return refuse('no-name', 'event', `name the event in 1 to ${limits.nameCharacters} characters`)
  const refused = forbidden({ type, name, context: read.data.context }, from.source)
  if (refused !== undefined) return { refusals: [refused] }
  const call = assemble({ type, name, cleaned, raw: read.data }, from.source, warnings)
  return checked(call, warnings)
}

function checked(call: Call, warnings: Warning[]): Read {
  const named = call.userId ?? call.anonymousId ?? call.email ?? call.nobody
  if (named === undefined)
    return refuse(
      'no-identity',
      'userId',
      'say who it is about: userId, anonymousId or, from a server, an address',
    )
  if (call.type !== 'track') return { call, warnings }
  const problems = problemsOf(call.name, call.properties)
  const [first, ...rest] = problems.errors.map((one): Refusal => ({ code: 'bad-properties', ...one }))
  if (first !== undefined) return { refusals: [first, ...rest] }
  const unsafe = problems.warnings.map((one): Warning => ({ code: 'unsafe-url', ...one }))
  return {
    call: { ...call, properties: withoutUnsafe(call.properties, unsafe) },
    warnings: [...warnings, ...unsafe],
  }
}

/** A clock is corrected in steps of this: what is left, either way, is how long the call was on its way. */
const SKEW_STEP_MS = 10_000

/**
 * When it happened: the client's time, its clock corrected by `sentAt`, never later than when we heard of it.
 * Time on the way is no skew: taken for skew, two calls of one browser would change places with the network.
 */
export function occurredAt(
  call: Pick<Call, 'timestamp' | 'sentAt'> & Partial<Pick<Call, 'name'>>,
  receivedAt: Instant,
): Instant {
  if (call.timestamp === undefined) return receivedAt
  const saidMs = toMs(call.timestamp)
  const skewMs = call.sentAt === undefined ? 0 : toMs(receivedAt) - toMs(call.sentAt)
  const correctedMs = saidMs + Math.round(skewMs / SKEW_STEP_MS) * SKEW_STEP_MS
  // what waited in somebody's queue looks like a slow clock: a yes never counts from later than it says itself
  const ms = call.name === 'Consent Given' ? Math.min(saidMs, correctedMs) : correctedMs
  return ms >= toMs(receivedAt) || ms < -62_135_596_800_000 ? receivedAt : toInstant(ms)
}
