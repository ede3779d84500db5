/**
 * The story of a world as people read it, and its digest, into which every step goes. Both are made only where a
 * trace is asked for: most worlds are lived to be counted.
 */
import { createHash } from 'node:crypto'
import type { Done, Invocation } from './invocation.ts'
import type { World } from './world.ts'

/** Calls that are told by name; the others are only counted into the digest. */
const toldCalls = new Set([
  'events.record',
  'customers.commit',
  'messages.claim',
  'messages.confirm',
  'messages.release',
  'messages.fail',
  'messages.refuse',
  'messages.observe',
  'gates.putAddress',
  'gates.putCustomer',
  'workspace.putLive',
])

interface Named {
  customerId?: string
  messageId?: string
  name?: string
  journey?: string
  step?: string
  message?: Named
  state?: { movedTo?: string }
  due?: string
}

function aboutOf(first: unknown): string {
  if (typeof first !== 'object' || first === null) return typeof first === 'string' ? ` ${first}` : ''
  const one = (first as Named).message ?? (first as Named)
  const { customerId, messageId, name, journey, step } = one
  const due = (first as Named).due === undefined ? undefined : `alarm ${(first as Named).due}`
  const parts = [name, journey && `${journey}/${step}`, messageId, customerId, due]
  return parts.flatMap((part) => (part === undefined ? [] : [` ${part}`])).join('')
}

export class Story {
  readonly lines: string[] = []
  readonly tally: Record<string, number> = {}
  private readonly world: World
  private readonly traced: boolean
  private readonly hash = createHash('md5')

  constructor(world: World, traced: boolean) {
    this.world = world
    this.traced = traced
  }

  private say(who: string, what: string): void {
    this.hash.update(`${this.world.scheduler.nowMs()} ${who} ${what}`)
    const at = this.world.now()
    this.lines.push(`${at.slice(5, 10)} ${at.slice(11, 23)}  ${who.padEnd(14)} ${what}`)
  }

  tell(who: string, what: string): void {
    if (this.traced) this.say(who, what)
  }

  count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1
  }

  done({ invocation, call, args, answer }: Done): void {
    if (!this.traced) return
    const who = `${invocation.step} ${invocation.id}`
    if (!toldCalls.has(call)) {
      this.hash.update(`${this.world.scheduler.nowMs()} ${who} ${call}`)
      return
    }
    const said = typeof answer === 'string' ? ` → ${answer}` : ''
    this.say(who, `${call}${aboutOf(args[0])}${said}`)
  }

  logged(line: Record<string, unknown>, { step, id }: Invocation): void {
    if (!this.traced) return
    const { event, outcome, journey, journeyStep, reason, error, customerId } = line
    const why = (reason as { explanation?: string } | undefined)?.explanation ?? error ?? ''
    const parts = [event, outcome, journey, journeyStep, why, customerId].filter((one) => one !== undefined)
    this.say(`${step} ${id}`, parts.join(' '))
  }

  /** Of all steps, and of everything that is stored now; undefined where no trace was asked for. */
  digest(): string | undefined {
    if (!this.traced) return undefined
    for (const [name, table] of Object.entries(this.world.memory.tables))
      this.hash.update(`${name} ${JSON.stringify(table instanceof Map ? [...table].map(flat) : table)}`)
    return this.hash.digest('hex').slice(0, 16)
  }
}

const flat = ([key, value]: [unknown, unknown]) => [key, value instanceof Map ? [...value] : value]
