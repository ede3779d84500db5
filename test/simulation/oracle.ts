/**
 * The oracle: the invariants of the architecture (§10) that a world can show, watched at every call that changes
 * something. It keeps books of its own, of what was answered to the shop and what the mail service really took, and
 * never asks the product whether it was right. What can only be judged at the end is in `ending.ts`; what other
 * tests hold is named in `docs/proofs.md`.
 */
import { dueOf } from '#core/decide'
import type { Event } from '#core/event'
import { type Message, mayBecome, type Status } from '#core/message'
import { type Instant, toMs } from '#core/time'
import { zoneOf } from '#core/traits'
import type { Claim, Commit, Customers } from '#flow/port'
import type { Done, Invocation } from './invocation.ts'
import type { Accepted } from './mail-service.ts'
import type { Choice } from './readers.ts'
import { cap, isMarketing, quietHours, topicOf } from './shop.ts'
import type { Said, Shopper } from './shoppers.ts'
import type { World } from './world.ts'

/** An invariant that did not hold: which, and what was seen. */
export interface Violation {
  invariant: Invariant
  what: string
  at: Instant
}

export type Invariant =
  | 'never twice'
  | 'never lost'
  | 'claim before send'
  | 'send soon after the claim'
  | 'consent'
  | 'suppression'
  | 'erasure'
  | 'order gate'
  | 'cap'
  | 'quiet hours'
  | 'kill switch'
  | 'times of a message'
  | 'life of a message'
  | 'one alarm, never late'
  | 'named ends'
  | 'orders once'
  | 'one log'
  | 'poison is parked'
  | 'no address in a URL or log'
  | 'report is a recount'
  | 'facts whatever the order'

interface Claimed {
  messageId: string
  atMs: number
  /** As the function's clock had it. */
  claimedAt: Instant
  exempt: boolean
}

type Stored = Awaited<ReturnType<Customers['load']>>

interface Order {
  said: Said
  orderId: string
  total: number
  startedMs: number
  answeredMs: number
}

/** How long after its claim a mail may be taken: ten seconds to begin, eight to be answered. */
const takenWithinMs = 18_500

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local minutes since midnight, by the platform's own calendar. */
function localMinutes(ms: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(timeZone, format)
  return minutesOf(format.format(ms))
}

function isQuiet(ms: number, timeZone: string): boolean {
  const minutes = localMinutes(ms, timeZone)
  return minutes >= minutesOf(quietHours.from) || minutes < minutesOf(quietHours.to)
}

/** Nothing without it is an address; most lines are done with it. */
const atSign = /@|%40/
const urls = /(?:https?|mailto):[^\s"'<>\\]+/g

const key = (customerId: string, messageId: string) => `${customerId}/${messageId}`

export class Oracle {
  readonly violations: Violation[] = []
  readonly answered = new Map<string, Said>()
  readonly orders = new Map<string, Order>()
  readonly accepted = new Map<string, Accepted>()
  readonly erased = new Set<Shopper>()
  readonly world: World
  /** Addresses of all shoppers, as they are and as a URL may hold them. */
  private readonly addresses: readonly string[]
  private readonly gone = new Map<string, number>()
  private readonly choices: Choice[] = []
  private readonly claims = new Map<string, Claimed[]>()
  private readonly claimed = new Map<string, { atMs: number; zone: string | undefined }>()
  /** Invocation and customer → her zone as that invocation read it last: what it may judge by. */
  private readonly zones = new Map<string, string>()
  private readonly suppressed = new Set<string>()
  /** Address → whether she wants fewer mails. */
  private readonly fewerMails = new Map<string, boolean | undefined>()
  private readonly lives = new Map<string, { status: Status; round: number }>()
  private readonly pauses: { journey: string; fromMs: number; toMs?: number }[] = []
  private readonly steps = new Map<string, string>()
  /** Message id of a call → when what stored it first began; what is said again later is no later news. */
  private readonly storedMs = new Map<string, number>()
  /** Message id of a call → the customer whose log it went to. */
  private readonly logs = new Map<string, string>()

  constructor(world: World) {
    this.world = world
    this.addresses = world.shoppers.flatMap(({ address }) => [address, encodeURIComponent(address)])
  }

  fail(invariant: Invariant, what: string): void {
    if (this.violations.length < 20) this.violations.push({ invariant, what, at: this.world.now() })
  }

  /** How far two clocks may be apart, with what a network takes. */
  private get marginMs(): number {
    return 2 * this.world.faults.mix.skewMs + 1000
  }

  private get nowMs(): number {
    return this.world.scheduler.nowMs()
  }

  saidAnswered(said: Said, status: number, startedMs: number): void {
    const { body, about } = said
    if (status !== 200) return
    if (this.answered.has(body.messageId)) return
    this.answered.set(body.messageId, said)
    if (about.kind === 'consent')
      for (const choice of this.choices)
        if (choice.address === about.address && choice.madeMs === toMs(body.timestamp))
          choice.answeredMs ??= this.nowMs
    if (about.kind !== 'order' || about.again) return
    const { orderId, total } = about
    this.orders.set(orderId, { said, orderId, total, startedMs, answeredMs: this.nowMs })
  }

  /** A choice that is on its way: it may count from now on. */
  saying({ about, body }: Said): void {
    if (about.kind !== 'consent') return
    const { address, given, topic } = about
    if (given && this.world.shop.doubleOptIn) return
    this.choices.push({ address, given, topic, madeMs: toMs(body.timestamp) })
  }

  chose(choice: Choice): void {
    this.choices.push(choice)
  }

  /** She asked for fewer mails, or no longer; `undefined`: the answer is on its way. */
  fewer(address: string, wanted: boolean | undefined): void {
    this.fewerMails.set(address, wanted)
  }

  paused(journey: string): void {
    this.pauses.push({ journey, fromMs: this.nowMs })
  }

  resumed(journey: string): void {
    for (const pause of this.pauses)
      if (pause.journey === journey || journey === '*') pause.toMs ??= this.nowMs
  }

  observed(raw: unknown): void {
    const { eventType, mail, bounce } = raw as {
      eventType: string
      mail: { destination: string[] }
      bounce?: { bounceType: string }
    }
    const [address] = mail.destination
    if (address === undefined) return
    if (eventType === 'Complaint' || (eventType === 'Bounce' && bounce?.bounceType === 'Permanent'))
      this.suppressed.add(address)
  }

  private tells(text: string): boolean {
    return atSign.test(text) && this.addresses.some((address) => text.includes(address))
  }

  /** A step said something: that something failed is for infrastructure only, and nobody is named by her address. */
  logged(line: Record<string, unknown>): void {
    const text = JSON.stringify(line)
    if (this.tells(text)) this.fail('no address in a URL or log', text)
    if (line.step === 'decide' && line.event === 'failed' && line.name !== 'Failed')
      this.fail('poison is parked', `${line.customerId} was given back to the stream: ${line.error}`)
  }

  done({ invocation, call, args, answer }: Done): void {
    const [first] = args
    switch (call) {
      case 'customers.load':
        if (invocation.step === 'deliver') this.known(first as string, answer as Stored, invocation)
        return
      case 'messages.claim':
        if (answer === 'claimed') this.claim(first as Claim, invocation)
        return this.live((first as Claim).message.customerId, invocation)
      case 'messages.release':
      case 'messages.fail':
        if (answer !== 'changed') this.givenBack(first as Message)
        return this.live((first as Message).customerId, invocation)
      case 'messages.confirm':
      case 'messages.refuse':
        return this.live((first as Message).customerId, invocation)
      case 'messages.observe':
        return this.live(first as string, invocation)
      case 'customers.commit':
        if (answer === 'committed') this.alarm(first as Commit)
        return this.live((first as Commit).customerId, invocation)
      case 'events.record':
        if (answer === 'stored') this.stored(first as Event, invocation)
        return
      default:
    }
  }

  /** She was erased: whoever of the stored people that is, nothing of theirs is taken from now on. */
  forgotten(shopper: Shopper): void {
    this.erased.add(shopper)
    for (const [customerId, { erased }] of this.world.memory.tables.persons)
      if (erased === true && !this.gone.has(customerId)) this.gone.set(customerId, this.nowMs)
  }

  private stored(event: Event, { startedMs }: Invocation): void {
    const goneMs = this.gone.get(event.customerId)
    if (goneMs !== undefined && startedMs > goneMs && event.source !== 'homeward')
      this.fail('erasure', `${event.customerId} was erased, and ${event.messageId} was taken`)
    if (!this.storedMs.has(event.messageId)) this.storedMs.set(event.messageId, startedMs)
    if (event.source === 'homeward' || this.logs.has(event.messageId)) return
    if (event.repeat !== true) this.logs.set(event.messageId, event.customerId)
  }

  /** The alarm may be early, never late. */
  private alarm({ customerId, state, due }: Commit): void {
    const wanted = dueOf(state)
    if (wanted === undefined || (due !== undefined && due <= wanted)) return
    if (this.world.memory.tables.parked.has(customerId)) return
    this.fail('one alarm, never late', `${customerId} is due at ${wanted}, her alarm is set to ${due}`)
  }

  /** Each change of a row is an arrow of `core/message.ts`, written by the step that may. */
  private live(customerId: string, { step }: Invocation): void {
    for (const { message } of this.world.memory.tables.messages.get(customerId)?.values() ?? []) {
      const { messageId, status, round } = message
      const id = key(customerId, messageId)
      const before = this.lives.get(id)
      if (before?.status === status && before.round === round) continue
      this.lives.set(id, { status, round })
      if (before === undefined) {
        if (status !== 'PLANNED') this.fail('life of a message', `${id} begins as ${status}`)
        continue
      }
      const same = before.status === status && status !== 'PLANNED'
      if (same || !mayBecome(before.status, status))
        this.fail('life of a message', `${step} moved ${id} from ${before.status} to ${status}`)
      if (status === 'PLANNED' && round !== before.round + 1)
        this.fail('life of a message', `${id} was planned again in round ${round} after ${before.round}`)
    }
  }

  private givenBack({ messageId }: Message): void {
    for (const [hash, list] of this.claims)
      this.claims.set(
        hash,
        list.filter((one) => one.messageId !== messageId),
      )
    if (this.accepted.has(messageId)) this.fail('never twice', `${messageId} was taken and is given back`)
  }

  private known(customerId: string, stored: Stored, { id }: Invocation): void {
    if (stored !== undefined) this.zones.set(`${id} ${customerId}`, zoneOf(stored.state, 'Europe/Berlin'))
  }

  private claim(claim: Claim, invocation: Invocation): void {
    const { message, hash, at, exempt, gate } = claim
    const { messageId, customerId, journey } = message
    const address = this.world.hashes.get(hash) ?? ''
    const before = this.claims.get(hash) ?? []
    if (before.some((one) => one.messageId === messageId))
      this.fail('never twice', `${messageId} was claimed before and not given back`)
    if (this.accepted.has(messageId)) this.fail('never twice', `${messageId} was claimed after it was taken`)
    if (isMarketing(journey)) this.permission(address, journey, messageId)
    if (this.suppressed.has(address)) this.fail('suppression', `${messageId} is for a suppressed inbox`)
    this.person(message, address)
    this.times(claim)
    this.switches(message, invocation)
    if (!exempt) {
      const sinceMs = toMs(at) - cap.withinMs + this.marginMs
      const recent = before.filter((one) => !one.exempt && toMs(one.claimedAt) > sinceMs)
      const wanted = this.fewerMails.get(address) === true ? cap.fewer : cap.mails
      const most = gate.unverified === true ? Math.min(2, wanted) : wanted
      if (recent.length >= most)
        this.fail('cap', `${messageId} is mail ${recent.length + 1} of ${most} to one inbox`)
    }
    this.claims.set(hash, [...before, { messageId, atMs: this.nowMs, claimedAt: at, exempt }])
    const zone = this.zones.get(`${invocation.id} ${customerId}`)
    this.claimed.set(key(customerId, messageId), { atMs: this.nowMs, zone })
  }

  private permission(address: string, journey: string, messageId: string): void {
    const topic = topicOf(journey)
    const hers = this.choices.filter(
      (one) => one.address === address && (one.topic === undefined || one.topic === topic),
    )
    const marginMs = this.marginMs + 60_000
    const no = hers.find(
      ({ given, answeredMs, madeMs }) =>
        !given &&
        answeredMs !== undefined &&
        answeredMs < this.nowMs &&
        !hers.some((yes) => yes.given && yes.madeMs >= madeMs - marginMs),
    )
    if (no !== undefined) this.fail('consent', `${messageId} (${journey}) was claimed after a no`)
    const mayRemind = this.world.shop.reminding && topic === 'reminders'
    if (!mayRemind && !hers.some(({ given }) => given))
      this.fail('consent', `${messageId} (${journey}) was claimed for who never said yes`)
  }

  private person(message: Message, address: string): void {
    const { customerId, messageId } = message
    const { persons } = this.world.memory.tables
    if ([...this.erased].some((one) => one.address === address))
      this.fail('erasure', `${messageId} was claimed for someone erased`)
    if (persons.get(customerId)?.mergedInto !== undefined)
      this.fail('life of a message', `${messageId} was claimed for a record that was taken over`)
    if (!message.exitsOnOrder) return
    for (const { said, startedMs, orderId } of this.orders.values()) {
      let whose = this.logs.get(said.body.messageId)
      for (let into = whose; into !== undefined; into = persons.get(into)?.mergedInto) whose = into
      const toldMs = this.storedMs.get(said.body.messageId) ?? startedMs
      if (whose === customerId && toldMs > toMs(message.runStartedAt) + this.marginMs)
        this.fail('order gate', `${messageId} was claimed though ${orderId} had been acknowledged`)
    }
  }

  private times({ message, at }: Claim): void {
    const { messageId, notBefore, notAfter } = message
    if (toMs(at) < toMs(notBefore) - this.marginMs)
      this.fail('times of a message', `${messageId} was claimed before ${notBefore}`)
    if (at >= notAfter) this.fail('times of a message', `${messageId} was claimed after ${notAfter}`)
  }

  private switches({ journey, messageId }: Message, { startedMs }: Invocation): void {
    const paused = this.pauses.some(
      (one) =>
        (one.journey === '*' || one.journey === journey) &&
        startedMs > one.fromMs &&
        (one.toMs === undefined || this.nowMs < one.toMs),
    )
    if (paused) this.fail('kill switch', `${messageId} (${journey}) was claimed while it was paused`)
  }

  /** The mail service took a mail: the moment that counts. */
  taken(accepted: Accepted): void {
    const { messageId, customerId, mail } = accepted
    if (this.accepted.has(messageId)) this.fail('never twice', `${messageId} was taken twice`)
    for (const [url] of JSON.stringify(mail).matchAll(urls))
      if (this.tells(url)) this.fail('no address in a URL or log', `${messageId} links to ${url}`)
    this.accepted.set(messageId, accepted)
    const row = this.world.memory.tables.messages.get(customerId)?.get(messageId)?.message
    // Erased while her mail was on the wire: the row is gone, the mail was claimed before.
    const claimed = this.claimed.get(key(customerId, messageId))
    if (claimed === undefined || (row !== undefined && row.status !== 'CLAIMED'))
      return this.fail('claim before send', `${messageId} was sent while ${row?.status ?? 'not there'}`)
    const sinceMs = this.nowMs - claimed.atMs
    if (sinceMs > takenWithinMs)
      this.fail('send soon after the claim', `${messageId} was taken ${sinceMs} ms after it`)
    if (row === undefined) return
    const step = `${row.runId} ${row.step}`
    if (this.steps.has(step)) this.fail('never twice', `two mails were taken for ${step}`)
    this.steps.set(step, messageId)
    if (isMarketing(row.journey) && claimed.zone !== undefined) this.quiet(claimed.zone, messageId)
  }

  private quiet(zone: string, messageId: string): void {
    const earlierMs = this.nowMs - takenWithinMs - this.marginMs - 60_000
    const laterMs = this.nowMs + this.marginMs
    if (isQuiet(this.nowMs, zone) && isQuiet(earlierMs, zone) && isQuiet(laterMs, zone))
      this.fail('quiet hours', `${messageId} was taken at ${localMinutes(this.nowMs, zone)} min in ${zone}`)
  }
}
