/**
 * Observe: what the mail service says became of a mail. Evidence settles sends whose outcome was not known;
 * deliveries are noted on the row and nowhere else; bounces and complaints change the inbox in one transaction
 * with the event that tells her log. Every notice may come twice and in any order.
 */
import { type Event, own, ownEvent } from '#core/event'
import { Failed } from '#core/failed'
import { type AddressGate, newAddressGate } from '#core/gate'
import { addressHash, derive } from '#core/id'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { factsOf, sentEvent } from '#core/message-event'
import type { Notice } from '#core/notice'
import type { Instant } from '#core/time'
import type { Clock, EventLog, Gates, Keys, Log, Messages } from './port.ts'

export interface ObservePorts {
  clock: Clock
  log: Log
  keys: Pick<Keys, 'addressKey'>
  gates: Pick<Gates, 'address' | 'putAddress'>
  events: Pick<EventLog, 'record'>
  messages: Pick<Messages, 'load' | 'observe'>
}

const open: ReadonlySet<Message['status']> = new Set(['CLAIMED', 'UNKNOWN', 'CLOSED'])

/** Notes what was seen on the row; where that settled an open send, her log is told that the mail went out. */
async function note(
  ports: ObservePorts,
  of: NonNullable<Notice['message']>,
  seen: Parameters<Messages['observe']>[2],
): Promise<void> {
  const { customerId, messageId } = of
  if ((await ports.messages.observe(customerId, messageId, seen)) !== 'settled') return
  const message = await ports.messages.load(customerId, messageId)
  if (message !== undefined) await ports.events.record(sentEvent(message, ports.clock()), [])
}

/** A send that was confirmed needs no evidence, and its row no write. */
async function sent(ports: ObservePorts, notice: Notice): Promise<void> {
  const { message, sesMessageId, sentAt } = notice
  if (message === undefined) return
  const row = await ports.messages.load(message.customerId, message.messageId)
  if (row !== undefined && open.has(row.status)) await note(ports, message, { sesMessageId, sentAt })
}

async function hashesOf(ports: ObservePorts, notice: Notice): Promise<string[]> {
  const key = await ports.keys.addressKey()
  return [...new Set(notice.recipients.map((address) => addressHash(address, key)))]
}

/** Changes an inbox as it is now, alone or with an event; undefined from `next`: leave it. */
async function changeInbox(
  ports: ObservePorts,
  hash: string,
  change: { next: (gate: AddressGate) => AddressGate | undefined; event?: Event },
): Promise<void> {
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const gate = (await ports.gates.address(hash)) ?? newAddressGate()
    const next = change.next(gate)
    const { event } = change
    if (event !== undefined) {
      const beside = next === undefined ? [] : [{ kind: 'address' as const, hash, gate: next }]
      if ((await ports.events.record(event, beside)) !== 'changed') return
    } else if (next === undefined || (await ports.gates.putAddress(hash, next)) === 'stored') return
  }
  throw new Failed({ code: 'contended', message: 'the inbox is being changed by others', retryable: true })
}

async function delivered(ports: ObservePorts, notice: Notice & { kind: 'delivered' }): Promise<void> {
  const { message, sesMessageId, sentAt, at } = notice
  if (message !== undefined) await note(ports, message, { sesMessageId, sentAt, deliveredAt: at })
  for (const hash of await hashesOf(ports, notice)) {
    await changeInbox(ports, hash, {
      next: (gate) => (gate.softBounces > 0 ? { ...gate, softBounces: 0 } : undefined),
    })
  }
}

type Why = NonNullable<AddressGate['suppressed']>['why']

/** What outweighs what, where an inbox is suppressed for more than one reason. */
const weights: Record<Why, number> = { 'soft-bounces': 0, manual: 1, bounce: 2, complaint: 3, erased: 4 }

function suppress(gate: AddressGate, why: Why, at: Instant): AddressGate {
  const before = gate.suppressed
  return before !== undefined && weights[before.why] >= weights[why]
    ? gate
    : { ...gate, suppressed: { why, at } }
}

function afterSoftBounce(gate: AddressGate, at: Instant): AddressGate {
  const softBounces = gate.softBounces + 1
  const counted = { ...gate, softBounces }
  return softBounces >= limits.softBounces ? suppress(counted, 'soft-bounces', at) : counted
}

/** The event of a bounce or complaint; undefined where no message of ours is behind the mail. */
async function eventOf(
  ports: ObservePorts,
  notice: Notice & { kind: 'bounced' | 'complained' },
): Promise<Event | undefined> {
  if (notice.message === undefined) return undefined
  const { customerId, messageId } = notice.message
  const message = await ports.messages.load(customerId, messageId)
  if (message === undefined) return undefined
  const bounced = notice.kind === 'bounced'
  const properties = {
    ...factsOf(message),
    ...(bounced && { permanent: notice.weight === 'permanent', code: notice.code }),
  }
  const cause = derive('e', messageId, notice.kind, notice.id)
  const name = bounced ? own.bounced : own.complained
  return ownEvent(name, { customerId, cause, now: ports.clock(), properties })
}

async function badNews(
  ports: ObservePorts,
  notice: Notice & { kind: 'bounced' | 'complained' },
): Promise<void> {
  const { at } = notice
  const next = (gate: AddressGate): AddressGate | undefined => {
    if (notice.kind === 'complained') return suppress(gate, 'complaint', at)
    if (notice.weight === 'permanent') return suppress(gate, 'bounce', at)
    return notice.weight === 'soft' ? afterSoftBounce(gate, at) : undefined
  }
  const event = await eventOf(ports, notice)
  const [first, ...others] = await hashesOf(ports, notice)
  if (first !== undefined) await changeInbox(ports, first, { next, ...(event && { event }) })
  for (const hash of others) await changeInbox(ports, hash, { next })
  if (notice.message === undefined) return
  const { sesMessageId, sentAt } = notice
  const seen = notice.kind === 'bounced' ? { bouncedAt: at } : { complainedAt: at }
  await note(ports, notice.message, { sesMessageId, sentAt, ...seen })
}

/** Takes one notice. Repeating it is safe; throws `Failed` when the infrastructure did. */
export async function observe(ports: ObservePorts, notice: Notice): Promise<void> {
  switch (notice.kind) {
    case 'sent':
      return sent(ports, notice)
    case 'delivered':
      return delivered(ports, notice)
    case 'bounced':
    case 'complained':
      return badNews(ports, notice)
  }
}
