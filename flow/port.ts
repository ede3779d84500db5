/**
 * What the steps need of the outside, by need and not by technology. The AWS adapters and the in-memory ones
 * of the tests obey one contract suite (`test/contract/`). Every write is conditional and repeating it is
 * safe; a port throws only when the infrastructure failed (`Failed`), everything else is in its answer.
 */

import type { Decision, MessageEffect } from '#core/decision'
import type { Event } from '#core/event'
import type { AddressGate, CustomerGate } from '#core/gate'
import type { Message } from '#core/message'
import type { Quota, Tally } from '#core/quota'
import type { Live, Release } from '#core/release'
import type { Day, ReportDay } from '#core/report/day'
import type { Progress } from '#core/report/progress'
import type { Pulse } from '#core/silence'
import type { State } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import type { Instant } from '#core/time'

/** The server's clock, UTC. */
export type Clock = () => Instant

/** Whose a device is; undefined: nobody's. Reads are consistent. A user id needs no row: `derive('c', 'user', userId)`. */
export interface Identities {
  visitor(anonymousId: string): Promise<string | undefined>
}

export interface ManyGates {
  /** Keyed hash → inbox. */
  addresses: Map<string, AddressGate>
  /** Customer id → person. */
  customers: Map<string, CustomerGate>
}

export interface Gates {
  /** The inbox by its keyed hash (`addressHash`); undefined when never heard of. */
  address(hash: string): Promise<AddressGate | undefined>
  customer(customerId: string): Promise<CustomerGate | undefined>
  /** Many rows in few calls, by their ids; what is not there is left out. Reads are consistent. */
  many(of: Readonly<Record<keyof ManyGates, readonly string[]>>): Promise<ManyGates>
  /** Puts the inbox if its version is still `gate.version` (0: absent), one higher. */
  putAddress(hash: string, gate: AddressGate): Promise<'stored' | 'changed'>
  /** Puts the person, under the same condition. */
  putCustomer(customerId: string, gate: CustomerGate): Promise<'stored' | 'changed'>
}

/** What is written beside an event, in one transaction with it. */
export type Beside =
  /** `first`: must not exist yet. */
  | { kind: 'visitor'; anonymousId: string; customerId: string; first: boolean }
  /** The inbox whole: put if its version is still `gate.version` (0: absent), one higher. */
  | { kind: 'address'; hash: string; gate: AddressGate }
  /** The person whole (`customer:<id>`), put as `address` is. May come twice, for two persons. */
  | { kind: 'customer'; customerId: string; gate: CustomerGate }
  /** The order's id is taken by this message; must not exist yet. */
  | { kind: 'order'; orderId: string; messageId: string }

export interface EventLog {
  /**
   * Stores the event once, with what goes beside it, all or nothing.
   * `duplicate`: its key is there already, whatever else failed. `changed`: something beside it was not as
   * expected: read again. With nothing beside it, this is one plain conditional put.
   */
  record(event: Event, beside: readonly Beside[]): Promise<'stored' | 'duplicate' | 'changed'>
  /**
   * A customer's (or visitor's) events, oldest key first, or newest first where read `backwards`, at most `limit`;
   * `after`: those whose key comes after it in that order.
   */
  eventsOf(
    customerId: string,
    options?: { limit?: number; after?: string; backwards?: boolean },
  ): Promise<Event[]>
  /**
   * Whose logs `decide` hears of, a page at a time from `after` on; more than once where a log is long, then one
   * straight after the other.
   */
  heardOf(after?: string): Promise<{ customerIds: string[]; next?: string }>
  /** The message that took an order id, if any. */
  orderTakenBy(orderId: string): Promise<string | undefined>
  /** Takes events out for ever, by their keys; those that are not there are no failure. Only erasure does it. */
  remove(customerId: string, keys: readonly string[]): Promise<void>
}

/** A row of the customer's decision log. */
export interface DecisionRow {
  version: number
  at: Instant
  eventIds: string[]
  release: number
  decisions: Decision[]
}

export interface Commit {
  customerId: string
  state: State
  /** The version the state was read with; 0 when there was none. */
  expectedVersion: number
  /** The alarm to store, as given; undefined: none. `flow/decide.ts` keeps an earlier one that is yet to come. */
  due: Instant | undefined
  row: Omit<DecisionRow, 'version'> | undefined
  effects: readonly MessageEffect[]
}

/** What of a customer could not be decided. */
export interface Parked {
  /** Since when. */
  at: Instant
  /** Keys of her events; at most `limits.parkedEvents`. */
  eventKeys: string[]
  /** There are more events than keys: they were received from then on. */
  moreFrom?: Instant | undefined
  /** What deciding the last of them threw. */
  error: string
  /** How often something was added; 0: by older builds. */
  version: number
}

export interface Parking extends Pick<Parked, 'at' | 'eventKeys' | 'error'> {
  /** When the first of these events was received; `at` where that is not known. */
  receivedAt?: Instant
}

export interface Customers {
  /** `due`: the stored alarm, which may be earlier than the state's. `erased`: she was, and `state` is an empty one. */
  load(
    customerId: string,
  ): Promise<{ state: State; version: number; due: Instant | undefined; erased?: true } | undefined>
  /**
   * Stores state, decision row and message changes, all or nothing (one plain put without row and effects).
   * `changed`: another commit came first: read and decide again.
   * A `move` whose message is no longer as expected is dropped and the rest is stored.
   */
  commit(commit: Commit): Promise<'committed' | 'changed'>
  decisionsOf(customerId: string): Promise<DecisionRow[]>
  /** Keeps an input that could not be decided, with its error, beside what is parked already. */
  park(customerId: string, parking: Parking): Promise<void>
  parked(customerId: string): Promise<Parked | undefined>
  /** Takes out what is parked, if it still is as it was read. Only `redrive` does it. */
  unpark(customerId: string, parked: Parked): Promise<'unparked' | 'changed'>
  /** Ids of customers whose alarm is due at `now`, oldest first in each shard, at most `limit`. */
  dueAt(now: Instant, limit: number): Promise<{ customerId: string; due: Instant }[]>
  /**
   * Leaves a tombstone for her state, one version higher, so that no commit that was under way holds; takes her
   * decisions and what is parked out and answers how many rows that were. Repeating it is safe.
   */
  erase(customerId: string): Promise<number>
  /** All customers with a state, page by page. */
  all(after?: string): Promise<{ customerIds: string[]; next?: string }>
  /** Customers with a parked input. */
  allParked(): Promise<string[]>
}

/** The inputs a mail was rendered from, kept so that it can be shown again. */
export interface Claim {
  message: Message
  hash: string
  /** The inbox as judged; its version is compared, its ring grows. */
  gate: AddressGate
  /** The person as judged: no order since `runStartedAt` where `exitsOnOrder`, not merged, not erased. */
  at: Instant
  exempt: boolean
  inputs: unknown
  links: string[]
  /** The hash of the compiled mail it was rendered with. */
  mailHash: string
}

/** What a mail was rendered from, as it was kept with the claim. */
export interface Rendered {
  inputs: unknown
  mailHash: string
}

/** What a public page notes on the row of its mail. */
export type Noted = Partial<Pick<Message, 'openedAt' | 'unsubscribedAt' | 'answer'>>

export interface Messages {
  load(customerId: string, messageId: string): Promise<Message | undefined>
  messagesOf(customerId: string): Promise<Message[]>
  /** Takes her messages out for ever and answers how many there were. Only erasure does it. */
  removeAll(customerId: string): Promise<number>
  /** One transaction over message (noting `inbox`), inbox and person. `changed`: one is no longer as judged. */
  claim(claim: Claim): Promise<'claimed' | 'changed'>
  /** CLAIMED → SENT. `changed`: it is not CLAIMED any more. */
  confirm(message: Message, sent: { at: Instant; sesMessageId: string }): Promise<'confirmed' | 'changed'>
  /** CLAIMED → PLANNED in the next round, and out of the inbox's ring, in one transaction. */
  release(
    message: Message,
    release: { hash: string; notBefore: Instant; reason: string },
  ): Promise<'released' | 'changed'>
  /** CLAIMED → FAILED, out of the inbox's ring and with the event, in one transaction. */
  fail(
    message: Message,
    failure: { hash: string; reason: string; event: Event },
  ): Promise<'refused' | 'changed'>
  /** PLANNED → HELD, SKIPPED or EXPIRED, with the event that tells her state, in one transaction. */
  refuse(
    message: Message,
    refusal: { to: 'HELD' | 'SKIPPED' | 'EXPIRED'; reason: string; until?: Instant; event: Event },
  ): Promise<'refused' | 'changed'>
  /**
   * UNKNOWN, CLOSED or CLAIMED → SENT by evidence of the mail service; notes times on the row. Safe to repeat.
   * `settled`: it was open and is SENT now. `noted`: it was settled before, or there is no such message.
   */
  observe(
    customerId: string,
    messageId: string,
    seen: {
      sesMessageId?: string
      sentAt?: Instant
      deliveredAt?: Instant
      bouncedAt?: Instant
      complainedAt?: Instant
    },
  ): Promise<'settled' | 'noted'>
  /** Notes a click, raw (count and `lastHitAt`) and human (`clickedAt`, the first); the row as it was before. */
  noteClick(
    customerId: string,
    messageId: string,
    click: { at: Instant; human: boolean },
  ): Promise<Message | undefined>
  /** Notes times (the first stays) and the answer (the last stays); where there is no row, nothing. Safe to repeat. */
  note(customerId: string, messageId: string, noted: Noted): Promise<void>
  /** What a claimed mail was rendered from; undefined: never claimed, gone, or kept by an older build. */
  inputs(customerId: string, messageId: string): Promise<Rendered | undefined>
}

/** What the stage knows of a write key; the key itself is nowhere. */
export interface WriteKeyRow {
  /** Names the key without telling it. */
  id: string
  kind: 'server' | 'browser'
  /** What its makers call it. */
  name?: string
  /** Absent on keys of older builds, like `tail`. */
  createdAt?: Instant
  /** Its last four characters. */
  tail?: string
}

/** `hour`: UTC, as `2026-11-24T13`. */
export interface Strangers {
  hour: string
  count: number
}

export interface Workspace {
  /** The live pointer; undefined before the first publish. */
  live(): Promise<Live | undefined>
  /** A release by number; releases never change, so it may be kept in memory. */
  release(number: number): Promise<Release | undefined>
  /** A compiled mail by its hash. */
  mail(hash: string): Promise<CompiledMail | undefined>
  putMail(hash: string, mail: CompiledMail): Promise<void>
  /** Puts a release under a number that must be free. */
  putRelease(release: Release): Promise<'stored' | 'changed'>
  releases(): Promise<{ number: number; publishedAt: Instant }[]>
  /** Moves the pointer, the pause switches or what is to be woken, if all are still as in `from`. */
  putLive(live: Live, from: Live | undefined): Promise<'stored' | 'changed'>
  /** The kind of a write key; undefined: unknown. */
  writeKey(key: string): Promise<'server' | 'browser' | undefined>
  putWriteKey(
    key: string,
    kind: 'server' | 'browser',
    about?: { createdAt: Instant; name?: string },
  ): Promise<void>
  /** All write keys, in the order of their ids. */
  writeKeys(): Promise<WriteKeyRow[]>
  /** Takes a key's rights away by its id; one that is not there is no failure. */
  removeWriteKey(id: string): Promise<void>
  /**
   * Takes turns for the mails wanted out of the granted rate, shared by all containers; only as many as the line
   * has room for within `waitMs`, service mail first. Undefined: it has none, and nothing was taken.
   */
  leaseRate(wanted: RateWanted): Promise<RateLease | undefined>
  /** What all containers took of the rate on the UTC day of `nowMs`. */
  leasedOn(nowMs: number): Promise<Tally>
  /** Takes mails that were leased at `nowMs` and not sent out of the count of that UTC day, while it is the last. */
  uncount(unsent: Tally & { nowMs: number }): Promise<void>
  /** The shop's orders as a whole; undefined before the first. */
  pulse(): Promise<Pulse | undefined>
  /** How many new addresses a browser's key named in the hour it last named one in. */
  strangers(key: string): Promise<Strangers | undefined>
  /** Puts that count, if it still is as in `from`. */
  putStrangers(key: string, strangers: Strangers, from: Strangers | undefined): Promise<'stored' | 'changed'>
  /** Puts the pulse, if it still is as in `from`. */
  putPulse(pulse: Pulse, from: Pulse | undefined): Promise<'stored' | 'changed'>
}

/** What is counted and kept for the report. */
export interface Reports {
  /**
   * Messages of a journey planned on UTC days from one to another, both included, a page at a time, each once.
   * They may be a moment old.
   */
  planned(
    of: { journey: string; from: Day; to: Day },
    after?: string,
  ): Promise<{ messages: Message[]; next?: string }>
  /** States of all customers who were not erased, page by page; they may be a moment old. */
  states(after?: string): Promise<{ states: State[]; next?: string }>
  /** The stored days of all journeys, from one day to another, both included. */
  days(from: Day, to: Day): Promise<ReportDay[]>
  /** Puts a day in place of what was stored of it. */
  putDay(day: ReportDay): Promise<void>
  /** How far the count has come, and the last figures of the shop; undefined before the first. */
  progress(): Promise<Progress | undefined>
  putProgress(progress: Progress): Promise<void>
}

/** Turns that are asked for: for so many mails, none later than `waitMs` after `nowMs`. */
export interface RateWanted extends Tally {
  ratePerSecond: number
  waitMs: number
  nowMs: number
}

/** Turns that were taken, for so many of the mails wanted. */
export interface RateLease extends Tally {
  /** When the first may go, in ms since the epoch; the others follow `1000 / ratePerSecond` ms apart. */
  firstMs: number
  /** What all containers took on this UTC day until then. */
  before: Tally
}

export interface WakeQueue {
  /** Asks for the customers' alarms to be decided as of `firedAt`. */
  wake(customers: readonly { customerId: string; firedAt: Instant }[]): Promise<void>
}

/** A planned message on its way to `deliver`. */
export interface Dispatch {
  customerId: string
  messageId: string
  round: number
}

export interface DeliveryQueues {
  /** Puts a message on the urgent or the bulk queue, not before `delayMs` (≤ 15 min) from now. */
  dispatch(messages: readonly (Dispatch & { urgent: boolean; delayMs: number })[]): Promise<void>
}

/** A mail, ready to go. */
export interface Mail {
  to: string
  from: string
  subject: string
  html: string
  text: string
  headers: Record<string, string>
  tags: Record<string, string>
}

/** What became of the one attempt; `ambiguous`: it may have been taken. */
export type SendOutcome =
  | { kind: 'sent'; sesMessageId: string }
  /** Surely not sent: try again later. */
  | { kind: 'not-sent'; error: string }
  /** Never will be. */
  | { kind: 'rejected'; error: string }
  /** The account may not send: stop the line. */
  | { kind: 'stopped'; error: string }
  | { kind: 'ambiguous'; error: string }

export interface Mailer {
  /** One attempt, never repeated, at most 8 s. Never throws. */
  send(mail: Mail): Promise<SendOutcome>
  /** What the account grants, at most a minute old. Never throws: unknown is the slowest rate, and no ceiling. */
  quota(): Promise<Quota>
}

/** The keys of the stage: for hashing inboxes (never rotated) and for signing links (by version). */
export interface Keys {
  addressKey(): Promise<string>
  /** By id. `wanted`: the id of a key that is looked for; where it is not known, they are read anew (not often). */
  linkKeys(wanted?: string): Promise<Record<string, string>>
}

/** One line of the log: a step says what it did. Never an address. */
export type Log = (line: Record<string, unknown>) => void
