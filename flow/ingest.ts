/**
 * Takes calls of the Segment specification in: each is read, resolved to whom it is about and stored once,
 * together with what it changes on the gates (`flow/ingest-beside.ts`), before the answer is given. A good
 * event of a batch does not wait for a bad one; one person's events are stored in the order they were sent.
 */
import { type Event, type EventType, eventKey } from '#core/event'
import { Failed } from '#core/failed'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { problemOf, type Refusal, statusOf, type Warning } from '#core/refusal'
import { type Call, occurredAt, readCall, type Source, unverifiedWords } from '#core/segment'
import type { Instant } from '#core/time'
import { identify, type Who } from './identify.ts'
import { type Besides, besidesOf, type IngestPorts } from './ingest-beside.ts'
import { inOrder } from './ingest-order.ts'
import { beatWith } from './pulse.ts'
import { admitStranger } from './strangers.ts'

export type { IngestPorts } from './ingest-beside.ts'

/** An answer to the caller, as JSON. */
export interface Answer {
  status: number
  body: unknown
}

type Stored = { warnings: Warning[] } | { refusals: [Refusal, ...Refusal[]] }

const refuse = (code: Refusal['code'], path: string, message: string): { refusals: [Refusal] } => ({
  refusals: [{ code, path, message }],
})

const refused = (refusals: readonly [Refusal, ...Refusal[]], more: object = {}): Answer => ({
  status: statusOf(refusals[0].code),
  body: { ...problemOf(refusals), ...more },
})

function eventOf(
  call: Call,
  about: { who: Exclude<Who, { kind: 'erased' }>; besides: Besides; source: Source },
) {
  const { who, besides, source } = about
  const { at, receivedAt } = besides
  return {
    customerId: who.customerId,
    key: eventKey(call.timestamp, call.messageId),
    messageId: call.messageId,
    type: call.type,
    name: call.name,
    occurredAt: at,
    receivedAt,
    source,
    reachable: who.kind === 'customer',
    ...(call.anonymousId !== undefined && { anonymousId: call.anonymousId }),
    ...(call.userId !== undefined && { userId: call.userId }),
    properties: call.properties,
    ...(besides.traits && { traits: besides.traits }),
    ...(call.context && { context: call.context }),
    ...(call.history && { history: true }),
    ...(besides.repeat && { repeat: true }),
    ...(besides.folds !== undefined && { folds: besides.folds }),
    ...(besides.absorbs !== undefined && { absorbs: besides.absorbs }),
  } satisfies Event
}

/** Whether the shop's yes still wants a second one, by the link in a mail. */
async function wantsTwo({ workspace }: IngestPorts, call: Call): Promise<boolean> {
  if (call.name !== 'Consent Given' || call.history || call.properties.confirmed === true) return false
  const live = await workspace.live()
  const release = live && (await workspace.release(live.release))
  return release?.settings.doubleOptIn === true
}

/** Whether a call makes a guest of an address that nobody was ever heard of by. */
const isStranger = (call: Call, who: Who): boolean =>
  call.unverified === true && who.kind === 'customer' && who.inbox?.standing === 'free'

/**
 * The call under the id that it is stored by. A no without a time and an id of its own is a new one each time it
 * is told: after a yes it would else be taken for the first, and told twice it does no harm.
 */
function named(call: Call, receivedAt: Instant): Call {
  const isNo = call.name === 'Consent Withdrawn' && call.byContent === true && call.timestamp === undefined
  return isNo ? { ...call, messageId: derive('e', call.messageId, receivedAt) } : call
}

function withoutAddress({ email: _, unverified: __, ...call }: Call): Call {
  return call
}

/** Stores a call once. What others changed meanwhile is read again, a bounded number of times. */
async function store(
  ports: IngestPorts,
  asked: Call,
  from: { source: Source; receivedAt: Instant; key: string },
): Promise<Stored> {
  let call = named(asked, from.receivedAt)
  if (await wantsTwo(ports, call)) call = { ...call, name: 'Consent Requested' }
  let admitted = false
  const flooded: Warning[] = []
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const who = await identify(ports, call)
    if (who.kind === 'erased')
      return refuse('erased', 'userId', 'this customer was erased; nothing about her is taken any more')
    if (!admitted && isStranger(call, who)) {
      admitted = await admitStranger(ports.workspace, from.key, from.receivedAt)
      if (!admitted) {
        call = withoutAddress(call)
        flooded.push({ code: 'address-unverified', path: 'traits.email', message: unverifiedWords })
        continue
      }
    }
    const at = occurredAt(call, from.receivedAt)
    const besides = await besidesOf(ports, { call, who, at, receivedAt: from.receivedAt })
    if (besides === undefined) continue
    const event = eventOf(call, { who, besides, source: from.source })
    const recorded = await ports.events.record(event, besides.list)
    if (recorded === 'stored') await beatWith(ports.workspace, event)
    if (recorded !== 'changed') return { warnings: [...flooded, ...besides.warnings] }
  }
  throw new Failed({
    code: 'contended',
    message: `the event ${call.messageId} met ${limits.commitAttempts} concurrent changes of the same rows; send it again`,
    retryable: true,
  })
}

async function acceptOne(
  ports: IngestPorts,
  request: { type: EventType; source: Source; key: string; body: unknown },
) {
  const receivedAt = ports.clock()
  const read = readCall(request.body, request)
  if ('refusals' in read) return refused(read.refusals)
  const { source, key } = request
  const stored = await store(ports, read.call, { source, key, receivedAt })
  if ('refusals' in stored) return refused(stored.refusals)
  const warnings = [...read.warnings, ...stored.warnings]
  const { messageId } = read.call
  return { status: 200, body: { success: true, messageId, ...(warnings.length > 0 && { warnings }) } }
}

/** Each call with what came of reading it; the batch's `sentAt` stands in where a call has none. */
function readAll(batch: readonly unknown[], sentAt: unknown, source: Source) {
  return batch.map((raw) => {
    const fill = sentAt !== undefined && isBag(raw) && raw.sentAt === undefined
    return readCall(fill ? { ...raw, sentAt } : raw, { source })
  })
}

const isBag = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const messageIdOf = (raw: unknown): string | null =>
  isBag(raw) && typeof raw.messageId === 'string' ? raw.messageId.slice(0, limits.idCharacters) : null

async function acceptBatch(
  ports: IngestPorts,
  request: { source: Source; key: string; body: unknown },
): Promise<Answer> {
  const { source, key, body } = request
  const batch = isBag(body) ? body.batch : undefined
  if (!Array.isArray(batch) || batch.length === 0)
    return refused(refuse('empty-batch', 'batch', 'send a list of 1 to 100 events').refusals)
  if (batch.length > limits.batchEvents)
    return refused(
      refuse('too-many-events', 'batch', `a batch holds at most ${limits.batchEvents} events`).refusals,
    )
  const receivedAt = ports.clock()
  const read = readAll(batch, isBag(body) ? body.sentAt : undefined, source)
  const results: (Stored | undefined)[] = read.map((one) => ('refusals' in one ? one : undefined))
  const calls = read.flatMap((one, index) => ('call' in one ? [{ index, call: one.call }] : []))
  await inOrder(calls, async ({ index, call }) => {
    results[index] = await store(ports, call, { source, key, receivedAt })
  })
  return summary(batch, read, results)
}

function summary(
  batch: readonly unknown[],
  read: readonly ReturnType<typeof readCall>[],
  results: readonly (Stored | undefined)[],
): Answer {
  const bad = results.flatMap((one, index) =>
    one && 'refusals' in one ? [{ index, messageId: messageIdOf(batch[index]), errors: one.refusals }] : [],
  )
  const warnings = results.flatMap((one, index) => {
    const before = read[index]
    if (!one || 'refusals' in one || !before || 'refusals' in before) return []
    const messageId = before.call.messageId
    return [...before.warnings, ...one.warnings].map((warning) => ({ index, messageId, ...warning }))
  })
  const accepted = results.filter((one) => one !== undefined && 'warnings' in one).length
  const more = warnings.length > 0 ? { warnings } : {}
  if (accepted > 0) return { status: 200, body: { success: true, accepted, refused: bad, ...more } }
  const all: Refusal = { code: 'nothing-accepted', path: 'batch', message: 'every event of it was refused' }
  return refused([all], { success: false, accepted, refused: bad })
}

/**
 * Answers one request. `key`: the write key it came with; `body`: its parsed JSON.
 * Sending the same again is safe. Throws `Failed` when the infrastructure did.
 */
export async function ingest(
  ports: IngestPorts,
  request: { endpoint: EventType | 'batch'; key: string | undefined; body: unknown },
): Promise<Answer> {
  const { endpoint, body } = request
  const key = request.key ?? keyIn(body)
  const source = key === undefined ? undefined : await ports.workspace.writeKey(key)
  if (key === undefined || source === undefined) return refused(unknownKey().refusals)
  return endpoint === 'batch'
    ? acceptBatch(ports, { source, key, body })
    : acceptOne(ports, { type: endpoint, source, key, body })
}

const unknownKey = () =>
  refuse(
    'unknown-key',
    'writeKey',
    'give a write key of this shop: "Authorization: Basic <base64 of key:>" or writeKey in the body',
  )

/** The write key in a body: of the request, else of its first event. */
function keyIn(body: unknown): string | undefined {
  if (!isBag(body)) return undefined
  const first: unknown = Array.isArray(body.batch) ? body.batch[0] : undefined
  const key = body.writeKey ?? (isBag(first) ? first.writeKey : undefined)
  return typeof key === 'string' && key !== '' && key.length <= limits.idCharacters ? key : undefined
}

/** What the browser library asks for before it starts: where to send to. Undefined: no such key. */
export async function browserSettings(
  ports: Pick<IngestPorts, 'workspace'>,
  asked: { key: string; protocol: 'http' | 'https'; host: string },
): Promise<Answer> {
  if ((await ports.workspace.writeKey(asked.key)) === undefined) return refused(unknownKey().refusals)
  const own = { apiKey: asked.key, apiHost: `${asked.host}/v1`, protocol: asked.protocol }
  return {
    status: 200,
    body: {
      integrations: { 'Segment.io': { ...own, unbundledIntegrations: [], addBundledMetadata: false } },
      plan: { track: { __default: { enabled: true, integrations: {} } } },
      edgeFunction: {},
      analyticsNextEnabled: true,
      middlewareSettings: {},
      enabledMiddleware: {},
      metrics: { sampleRate: 0 },
      legacyVideoPluginsEnabled: false,
      remotePlugins: [],
    },
  }
}
