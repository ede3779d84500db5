/**
 * Deliver: a dispatched message through the last question, the claim, one send and the confirmation. SES
 * accepts at most one mail a message: the claim is taken before the send, a send is never repeated, and where
 * the outcome is not known the row stays CLAIMED and is settled by evidence (`core/settle.ts`).
 */
import pLimit from 'p-limit'
import { type Case, judge, type Verdict } from '#core/claim'
import { own } from '#core/event'
import { Failed } from '#core/failed'
import { type AddressGate, newAddressGate, newCustomerGate, opensTopic } from '#core/gate'
import { addressHash } from '#core/id'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { messageEvent, sentEvent } from '#core/message-event'
import type { Tally } from '#core/quota'
import { type Reason, reason } from '#core/reason'
import type { Live } from '#core/release'
import { plus, toMs } from '#core/time'
import { addressOf } from '#core/traits'
import { type Composed, compose, type Sender } from './compose.ts'
import { addTo, type Batch, type BatchPorts, newBatch, type Turns, turnsFor } from './deliver-batch.ts'
import { follow } from './identify.ts'
import type {
  Claim,
  Clock,
  Customers,
  Dispatch,
  EventLog,
  Gates,
  Keys,
  Log,
  Mailer,
  Messages,
  SendOutcome,
  Workspace,
} from './port.ts'

export interface DeliverPorts extends BatchPorts {
  clock: Clock
  log: Log
  events: Pick<EventLog, 'record'>
  customers: Pick<Customers, 'load'>
  gates: Pick<Gates, 'address' | 'customer'>
  messages: Pick<Messages, 'load' | 'claim' | 'confirm' | 'release' | 'fail' | 'refuse'>
  workspace: Pick<Workspace, 'live' | 'release' | 'mail' | 'leaseRate' | 'leasedOn' | 'uncount' | 'pulse'>
  mailer: Mailer
  keys: Keys
  stage: {
    readonly sender: string
    readonly linkBaseUrl: string
    readonly postalAddress: string
    readonly allowList: readonly string[]
  }
}

/**
 * `done`: nothing more to do for this dispatch. `again`: give it back to the queue. `stopped`: the account may not
 * send; the mail is planned again, and the rest of its batch is given back unclaimed.
 */
export type Delivery = 'done' | 'again' | 'stopped'

/** `place`: how many mails of its batch were let through before it. */
type Ready = Composed & { of: Case; live: Live; claim: Omit<Claim, 'at'>; place: Tally }

function tell(ports: DeliverPorts, message: Message, outcome: string, why: Reason): void {
  const { customerId, messageId, journey, step, runId } = message
  const at = ports.clock()
  ports.log({
    level: 'info',
    step: 'deliver',
    event: 'decision',
    at,
    customerId,
    journey,
    journeyStep: step,
    runId,
    messageId,
    outcome,
    reason: why,
  })
}

type Refusal = Exclude<Verdict, { to: 'CLAIMED' }>

/** Ends or holds a planned message, with the event that tells her state. */
async function refuse(ports: DeliverPorts, message: Message, refusal: Refusal): Promise<Delivery> {
  const { code, explanation } = refusal.reason
  const until = refusal.to === 'HELD' ? { until: refusal.until } : {}
  const held = refusal.to === 'HELD'
  const event = messageEvent(message, {
    now: ports.clock(),
    name: held ? own.held : own.skipped,
    what: held ? 'held' : 'skipped',
    more: { code, explanation, ...until },
  })
  const outcome = await ports.messages.refuse(message, { to: refusal.to, reason: code, event, ...until })
  if (outcome === 'refused') tell(ports, message, refusal.to.toLowerCase(), refusal.reason)
  return 'done'
}

interface Read {
  of: Case
  live: Live
  hash: string
  sender: Sender
}

/** The inbox; whose it is is followed to who she became. */
async function inboxOf(ports: DeliverPorts, hash: string, customerId: string): Promise<AddressGate> {
  const gate = (await ports.gates.address(hash)) ?? newAddressGate()
  if (gate.owner === undefined || gate.owner === customerId) return gate
  return { ...gate, owner: (await follow(ports.gates, gate.owner)).customerId }
}

/** Reads what the question needs; a reason when there is nothing to ask. */
async function readCase(ports: DeliverPorts, message: Message): Promise<Read | { refusal: Refusal }> {
  const [live, customer, person, addressKey, linkKeys] = await Promise.all([
    ports.workspace.live(),
    ports.customers.load(message.customerId),
    ports.gates.customer(message.customerId),
    ports.keys.addressKey(),
    ports.keys.linkKeys(),
  ])
  const release = live && (await ports.workspace.release(live.release))
  if (live === undefined || release === undefined) {
    const what = live === undefined ? 'no release is live' : `the live release ${live.release} is not stored`
    throw new Failed({
      code: 'release-missing',
      message: `${what}; run npm run publish, the mail waits for it`,
      retryable: true,
    })
  }
  const toShop = message.to === 'shop'
  const address = customer && (toShop ? release.settings.shop.mailbox : addressOf(customer.state))
  if (customer === undefined || address === undefined)
    return { refusal: { to: 'SKIPPED', reason: reason('no-address') } }
  const hash = addressHash(address, addressKey)
  const gate = await inboxOf(ports, hash, message.customerId)
  const { sender: from, linkBaseUrl, postalAddress, allowList } = ports.stage
  const of: Case = {
    message,
    journey: release.journeys[message.journey],
    settings: release.settings,
    state: customer.state,
    address,
    gate,
    person: person ?? newCustomerGate(),
    paused: live.paused,
    allowList,
    now: ports.clock(),
  }
  return { of, live, hash, sender: { from, linkBaseUrl, postalAddress, linkKeys } }
}

/** Judges and renders: a mail ready to be claimed, or what became of the message instead. */
async function prepare(
  ports: DeliverPorts,
  message: Message,
  by: { batch: Batch; place?: Tally | undefined },
): Promise<Ready | Delivery> {
  const { batch } = by
  const [read, { day, pulse }] = await Promise.all([readCase(ports, message), batch.known()])
  if ('refusal' in read) return refuse(ports, message, read.refusal)
  const { live, hash, sender } = read
  const place = by.place ?? { ...batch.passed }
  const of: Case = { ...read.of, pulse, day: { ...day, tally: addTo(day.tally, place) } }
  const verdict = judge(of)
  if (verdict.to !== 'CLAIMED') return refuse(ports, message, verdict)
  // Counted at once, before anything is awaited: the next mail of the batch is judged behind this one.
  if (by.place === undefined) batch.passed = addTo(place, tallyOf(verdict))
  const { journey } = of
  const mailHash = journey?.mails[message.mail]
  const compiled = mailHash === undefined ? undefined : await ports.workspace.mail(mailHash)
  if (journey === undefined || mailHash === undefined || compiled === undefined) {
    const error = `the live release has no mail "${message.mail}"`
    return refuse(ports, message, { to: 'SKIPPED', reason: reason('mail-broken', { error }) })
  }
  try {
    const { settings, state, address, now } = of
    const opens = of.gate.consent[opensTopic]?.given === true
    const composed = compose({ message, journey, settings, state, compiled, address, sender, now, opens })
    if ('missing' in composed)
      return refuse(ports, message, { to: 'SKIPPED', reason: reason('nothing-left') })
    const { inputs, links } = composed
    const claim = { message, hash, gate: of.gate, exempt: verdict.exempt, inputs, links, mailHash }
    return { ...composed, of, live, claim, place }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return refuse(ports, message, { to: 'SKIPPED', reason: reason('mail-broken', { error: words }) })
  }
}

/** What one attempt came to, written down. */
async function conclude(
  ports: DeliverPorts,
  claimed: Message,
  hash: string,
  outcome: SendOutcome,
): Promise<Delivery> {
  const now = ports.clock()
  switch (outcome.kind) {
    case 'sent': {
      const { sesMessageId } = outcome
      await ports.messages.confirm(claimed, { at: now, sesMessageId })
      tell(ports, claimed, 'sent', reason('sent'))
      await ports.events.record(sentEvent(claimed, now), [])
      return 'done'
    }
    case 'rejected': {
      const why = reason('rejected', { error: outcome.error })
      const more = { code: why.code, explanation: why.explanation }
      const event = messageEvent(claimed, { now, name: own.skipped, what: 'failed', more })
      await ports.messages.fail(claimed, { hash, reason: why.code, event })
      tell(ports, claimed, 'failed', why)
      return 'done'
    }
    case 'not-sent':
    case 'stopped': {
      const backoffMs = outcome.kind === 'stopped' ? limits.stoppedBackoffMs : limits.notSentBackoffMs
      const why = reason('not-sent', { error: outcome.error })
      await ports.messages.release(claimed, { hash, notBefore: plus(now, backoffMs), reason: why.code })
      tell(ports, claimed, 'released', why)
      return outcome.kind === 'stopped' ? 'stopped' : 'done'
    }
    case 'ambiguous':
      ports.log({
        level: 'warn',
        step: 'deliver',
        event: 'ambiguous',
        messageId: claimed.messageId,
        error: outcome.error,
      })
      tell(ports, claimed, 'unknown', reason('unknown'))
      return 'done'
  }
}

const tallyOf = ({ exempt }: { exempt: boolean }): Tally => ({ total: 1, marketing: exempt ? 0 : 1 })

/** Claims and sends once. `undefined`: something changed since it was judged; judge again. */
async function claimAndSend(
  ports: DeliverPorts,
  ready: Ready,
  by: { batch: Batch; before: Tally },
): Promise<Delivery | undefined> {
  const { batch, before } = by
  const at = ports.clock()
  const claim: Claim = { ...ready.claim, at }
  // Its turn may have been long in coming: quiet hours have begun, its time is over, others used the day up.
  const day = ready.of.day && { ...ready.of.day, tally: addTo(before, ready.place) }
  const verdict = judge({ ...ready.of, day, now: at })
  if (verdict.to !== 'CLAIMED') return refuse(ports, claim.message, verdict)
  if ((await ports.messages.claim(claim)) === 'changed') return undefined
  const claimed: Message = { ...claim.message, status: 'CLAIMED', claimedAt: at }
  // Too long after the claim an order or unsubscribe may have been answered meanwhile: leave it unsent.
  if (toMs(ports.clock()) - toMs(at) > limits.sendAfterClaimMs) return 'done'
  const outcome = await ports.mailer.send(ready.mail)
  if (outcome.kind === 'stopped') batch.stopped = true
  if (outcome.kind === 'sent' || outcome.kind === 'ambiguous') {
    batch.accepted = addTo(batch.accepted, tallyOf(verdict))
  }
  return conclude(ports, claimed, claim.hash, outcome)
}

const current = (message: Message | undefined, dispatch: Dispatch): message is Message =>
  message !== undefined && message.status === 'PLANNED' && message.round === dispatch.round

/** Looks at one dispatch: a mail ready for its turn, or what became of it. Throws `Failed` when it cannot be looked at. */
async function begin(
  ports: DeliverPorts,
  dispatch: Dispatch,
  by: { batch: Batch; place?: Tally },
): Promise<Ready | Delivery> {
  const message = await ports.messages.load(dispatch.customerId, dispatch.messageId)
  return current(message, dispatch) ? prepare(ports, message, by) : 'done'
}

/** Whether a release or the switches changed since a mail was judged, as far as is known within seconds. */
async function isOutdated(ports: DeliverPorts, batch: Batch, { of, live }: Ready): Promise<boolean> {
  if (toMs(ports.clock()) - toMs(of.now) <= limits.liveKnownMs) return false
  const now = await batch.live()
  return now?.release !== live.release || now.paused.join() !== live.paused.join()
}

/**
 * Takes a ready mail through its turn, the claim and the send. Repeating it is safe: what is not PLANNED in this
 * round any more is left alone. Throws `Failed` when the infrastructure does before the claim; after it, what
 * failed is never taken for a failed send.
 */
async function finish(
  ports: DeliverPorts,
  dispatch: Dispatch,
  by: { ready: Ready; batch: Batch; turns: Turns },
): Promise<Delivery> {
  const { batch, turns } = by
  const { place, claim } = by.ready
  const giveBack = (): Delivery => {
    batch.givenBack += 1
    return 'again'
  }
  const before = await turns.next(claim)
  if (before === undefined) return giveBack()
  let ready: Ready | Delivery = by.ready
  for (let tries = 0; tries < limits.claimAttempts; tries += 1) {
    // What meets a change has sent nothing: it keeps its turn and its place.
    if (tries > 0 || (await isOutdated(ports, batch, by.ready))) {
      ready = await begin(ports, dispatch, { batch, place })
    }
    if (typeof ready === 'string') return ready
    if (batch.stopped) return giveBack()
    const delivery = await claimAndSend(ports, ready, { batch, before })
    if (delivery !== undefined) return delivery
  }
  return giveBack()
}

/** Ends a batch: tells once what of it goes back to the queue, and counts for the day only what was accepted. */
async function close(ports: DeliverPorts, batch: Batch, turns: Turns): Promise<void> {
  const { givenBack: mails, stopped, accepted } = batch
  if (mails > 0) {
    const { perSecond } = (await batch.known()).day.quota
    ports.log({
      level: 'warn',
      step: 'deliver',
      event: 'again',
      at: ports.clock(),
      mails,
      stopped,
      perSecond,
    })
  }
  try {
    await turns.settle(accepted)
  } catch (error) {
    // Its mails are gone; at worst the day counts more than was sent.
    const words = error instanceof Error ? error.message : String(error)
    ports.log({ level: 'error', step: 'deliver', event: 'failed', error: words })
  }
}

/**
 * Delivers a batch, its mails concurrently; answers, dispatch by dispatch, what is to become of it. All are
 * looked at first, so that of the granted rate only as much is leased as will be sent.
 */
export async function deliver(ports: DeliverPorts, dispatches: readonly Dispatch[]): Promise<Delivery[]> {
  const batch = newBatch(ports)
  const limit = pLimit(limits.deliverConcurrency)
  const guarded = async <T>({ messageId }: Dispatch, run: () => Promise<T>): Promise<T | 'again'> => {
    try {
      return await run()
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      ports.log({ level: 'error', step: 'deliver', event: 'failed', messageId, error: words })
      return 'again'
    }
  }
  const begun = await Promise.all(
    dispatches.map((dispatch) => limit(() => guarded(dispatch, () => begin(ports, dispatch, { batch })))),
  )
  const claims = begun.flatMap((ready) => (typeof ready === 'string' ? [] : [ready.claim]))
  const turns = turnsFor(ports, {
    ...claims.map(tallyOf).reduce(addTo, { total: 0, marketing: 0 }),
    urgent: claims.some(({ message }) => message.urgent),
  })
  const ended = dispatches.map(async (dispatch, index): Promise<Delivery> => {
    const ready = begun[index] ?? 'again'
    if (typeof ready === 'string') return ready
    return limit(() => guarded(dispatch, () => finish(ports, dispatch, { ready, batch, turns })))
  })
  const deliveries = await Promise.all(ended)
  await close(ports, batch, turns)
  return deliveries
}
