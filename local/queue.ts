/**
 * One SQS standard queue on the virtual clock: delays, visibility, receive counts, retention and redrive to its
 * dead-letter queue, remembered in the store. `sqs.ts` is its HTTP face, `queue-mapping.ts` its reader.
 */
import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from './clock.ts'
import { shuffled } from './faults.ts'
import { Heap } from './heap.ts'
import type { StoreTable } from './store.ts'

export type MessageAttributes = Record<
  string,
  { DataType: string; StringValue?: string; BinaryValue?: string }
>

export type QueueMessage = {
  id: string
  body: string
  attributes: MessageAttributes
  sentMs: number
  visibleMs: number
  receives: number
  firstReceivedMs: number | undefined
  /** The handle of the latest receive; deleting needs it. */
  handle: string | undefined
}

export type QueueSpec = {
  name: string
  logicalId: string
  arn: string
  url: string
  delayMs: number
  visibilityMs: number
  retentionMs: number
  redrive: { arn: string; maxReceives: number } | undefined
}

export class Queue {
  readonly spec: QueueSpec
  /** Called whenever a message became visible. */
  onVisible: () => void = () => {}
  /** Called with messages received too often; the owner moves them to the dead-letter queue. */
  onDead: (message: QueueMessage) => void = () => {}
  private readonly messages: StoreTable<QueueMessage>
  private readonly clock: Clock
  private ready: string[] = []
  private readonly hidden = new Heap<{ id: string; visibleMs: number }>()
  private timer: Timer | undefined

  constructor(spec: QueueSpec, messages: StoreTable<QueueMessage>, clock: Clock) {
    this.spec = spec
    this.messages = messages
    this.clock = clock
    for (const [id, message] of messages.entries()) {
      if (message.visibleMs <= clock.now()) this.ready.push(id)
      else this.hidden.push(message.visibleMs, { id, visibleMs: message.visibleMs })
    }
    this.arm()
  }

  /** Whether a message could be received now. */
  get hasVisible(): boolean {
    return this.ready.length > 0
  }

  send(
    body: string,
    options: { delayMs?: number | undefined; attributes?: MessageAttributes | undefined } = {},
  ): QueueMessage {
    const now = this.clock.now()
    return this.put({
      id: randomUUID(),
      body,
      attributes: options.attributes ?? {},
      sentMs: now,
      visibleMs: now + (options.delayMs ?? this.spec.delayMs),
      receives: 0,
      firstReceivedMs: undefined,
      handle: undefined,
    })
  }

  /** Takes a message over from another queue (redrive): it keeps its id, body and age. */
  adopt(message: QueueMessage): void {
    this.put({
      ...message,
      visibleMs: this.clock.now(),
      receives: 0,
      firstReceivedMs: undefined,
      handle: undefined,
    })
  }

  /** Brings what is visible into another order: a standard queue promises none. */
  shuffle(random: () => number): void {
    this.ready = shuffled(this.ready, random)
  }

  /** At most `limit` visible messages, hidden from others for the visibility timeout. */
  receive(limit: number, visibilityMs = this.spec.visibilityMs): QueueMessage[] {
    const taken: QueueMessage[] = []
    while (taken.length < limit) {
      const id = this.ready.shift()
      if (id === undefined) break
      const message = this.messages.get(id)
      if (message === undefined || this.isSpent(message)) continue
      const now = this.clock.now()
      const hidden = {
        ...message,
        receives: message.receives + 1,
        firstReceivedMs: message.firstReceivedMs ?? now,
        visibleMs: now + visibilityMs,
        handle: `${message.id}#${randomUUID()}`,
      }
      this.hide(hidden)
      taken.push(hidden)
    }
    return taken
  }

  /** What could not be kept as hidden stays in sight. */
  private hide(message: QueueMessage): void {
    try {
      this.put(message)
    } catch (error) {
      this.ready.unshift(message.id)
      throw error
    }
  }

  /** Deletes by receipt handle; an outdated handle is ignored, as on AWS. */
  delete(handle: string): void {
    const message = this.byHandle(handle)
    if (message === undefined) return
    this.messages.delete(message.id)
    this.arm()
  }

  /** Hides a received message until `visibilityMs` from now. */
  changeVisibility(handle: string, visibilityMs: number): void {
    const message = this.byHandle(handle)
    if (message !== undefined) this.put({ ...message, visibleMs: this.clock.now() + visibilityMs })
  }

  counts(): { visible: number; hidden: number; delayed: number } {
    const now = this.clock.now()
    const counts = { visible: 0, hidden: 0, delayed: 0 }
    for (const [, message] of this.messages.entries()) {
      if (message.visibleMs <= now) counts.visible++
      else if (message.receives > 0) counts.hidden++
      else counts.delayed++
    }
    return counts
  }

  purge(): void {
    for (const [id] of [...this.messages.entries()]) this.messages.delete(id)
    this.ready = []
  }

  private byHandle(handle: string): QueueMessage | undefined {
    const message = this.messages.get(handle.slice(0, handle.indexOf('#')))
    return message?.handle === handle ? message : undefined
  }

  private isSpent(message: QueueMessage): boolean {
    if (this.clock.now() - message.sentMs > this.spec.retentionMs) {
      this.messages.delete(message.id)
      return true
    }
    const { redrive } = this.spec
    if (redrive === undefined || message.receives < redrive.maxReceives) return false
    this.messages.delete(message.id)
    this.onDead(message)
    return true
  }

  private put(message: QueueMessage): QueueMessage {
    this.messages.set(message.id, message)
    if (message.visibleMs <= this.clock.now()) {
      this.ready.push(message.id)
      this.onVisible()
    } else {
      this.hidden.push(message.visibleMs, { id: message.id, visibleMs: message.visibleMs })
      this.arm()
    }
    return message
  }

  /** One timer, at the next message to become visible. */
  private arm(): void {
    this.dropGone()
    const first = this.hidden.peek()
    if (first !== undefined && this.timer?.dueMs === first.visibleMs) return
    this.clock.cancel(this.timer)
    this.timer = undefined
    if (first === undefined) return
    this.timer = this.clock.at(first.visibleMs, () => this.reveal(), {
      label: `queue ${this.spec.logicalId}`,
    })
  }

  private reveal(): void {
    this.timer = undefined
    const now = this.clock.now()
    for (
      let first = this.hidden.peek();
      first !== undefined && first.visibleMs <= now;
      first = this.hidden.peek()
    ) {
      this.hidden.pop()
      // Deleted, or hidden anew for longer: that entry is in the heap by itself.
      if (this.messages.get(first.id)?.visibleMs === first.visibleMs) this.ready.push(first.id)
    }
    this.arm()
    if (this.ready.length > 0) this.onVisible()
  }

  /** Entries whose message is gone must not keep a timer alive: fast-forward would stop there for nothing. */
  private dropGone(): void {
    for (let first = this.hidden.peek(); first !== undefined; first = this.hidden.peek()) {
      if (this.messages.get(first.id)?.visibleMs === first.visibleMs) return
      this.hidden.pop()
    }
  }
}
