/**
 * Customers with their mail: some click, some unsubscribe by the link of the mail program, some choose no mail
 * at all. And the shop that calls: again and again until it is answered.
 */
import { toInstant } from '#core/time'
import { ingest } from '#flow/ingest'
import { click } from '#flow/track'
import { savePreferences } from '#flow/track-preferences'
import { unsubscribe } from '#flow/track-unsubscribe'
import { type Chance, chanceOf } from './chance.ts'
import type { Accepted } from './mail-service.ts'
import type { Said } from './shoppers.ts'
import type { World } from './world.ts'

const browserAgent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/146.0 Safari/537.36'

/** A choice she made, as the oracle keeps it. `topic` undefined: all. */
export interface Choice {
  address: string
  given: boolean
  topic: string | undefined
  /** When she made it, and when it was answered. */
  madeMs: number
  answeredMs?: number
}

export interface Heard {
  /** A call is on its way, and was answered with a status. */
  said(said: Said): void
  answered(said: Said, status: number, startedMs: number): void
  chose(choice: Choice): void
}

export class Readers {
  private readonly world: World
  private readonly heard: Heard
  private readonly chance: Chance
  private readonly nets: Chance

  constructor(world: World, heard: Heard) {
    this.world = world
    this.heard = heard
    this.chance = chanceOf(world.seed, 'readers')
    this.nets = chanceOf(world.seed, 'nets')
  }

  /** A call, until it is answered; given up after a while. */
  say(said: Said, tries = 0): void {
    const { world, heard, nets } = this
    const { endpoint, key, body } = said
    if (tries === 0) heard.said(said)
    const sentAt = toInstant(world.scheduler.nowMs())
    const again = () => {
      if (tries < 12)
        world.scheduler.after(nets.int(500, 4000) * (tries + 1), () => this.say(said, tries + 1))
    }
    world.functions.run(
      'ingest',
      (invocation) => ingest(world.portsFor(invocation), { endpoint, key, body: { ...body, sentAt } }),
      (end, { startedMs }) => {
        if (end.kind !== 'answered') return again()
        heard.answered(said, end.value.status, startedMs)
        if (world.faults.hit('answerLost')) {
          world.watcher.count('duplicates')
          again()
        }
      },
    )
  }

  /** She finds a mail in her inbox. */
  read(accepted: Accepted): void {
    const { chance, world } = this
    const { scheduler } = world
    if (chance.hit(0.35)) scheduler.after(chance.int(60_000, 8 * 3_600_000), () => this.click(accepted))
    if (chance.hit(0.07))
      scheduler.after(chance.int(30_000, 20 * 3_600_000), () =>
        this.unsubscribe(accepted, chance.hit(0.5) ? 'topic' : 'all'),
      )
    if (chance.hit(0.03)) scheduler.after(chance.int(60_000, 3_600_000), () => this.chooseNone(accepted))
  }

  private click({ mail }: Accepted): void {
    const token = /\/c\/([A-Za-z0-9_-]{60})/.exec(mail.html)?.[1]
    if (token === undefined) return
    const hit = { token, userAgent: browserAgent, look: false }
    this.world.command('track', (ports) => click(ports, hit))
  }

  private unsubscribe({ mail }: Accepted, from: 'topic' | 'all'): void {
    const token = /\/u\/([A-Za-z0-9_-]{60})/.exec(mail.headers['List-Unsubscribe'] ?? '')?.[1]
    if (token === undefined) return
    const { world, heard } = this
    const madeMs = world.scheduler.nowMs()
    world.command(
      'track',
      (ports) => unsubscribe(ports, { token, from }),
      (page) => {
        if (page === undefined) return
        const topic = page.from === 'topic' ? page.topic?.id : undefined
        const answeredMs = world.scheduler.nowMs()
        heard.chose({ address: mail.to, given: false, topic, madeMs, answeredMs })
      },
    )
  }

  private chooseNone({ mail }: Accepted): void {
    const unsubscribing = mail.headers['List-Unsubscribe'] ?? ''
    const token = /\/p\/([A-Za-z0-9_-]{60})/.exec(`${unsubscribing} ${mail.html} ${mail.text}`)?.[1]
    if (token === undefined) return this.unsubscribe({ ...noMail, mail }, 'all')
    const { world, heard } = this
    const madeMs = world.scheduler.nowMs()
    world.command(
      'track',
      (ports) => savePreferences(ports, { token, wanted: 'none', worded: () => '' }),
      (page) => {
        if (page === undefined) return
        const answeredMs = world.scheduler.nowMs()
        heard.chose({ address: mail.to, given: false, topic: undefined, madeMs, answeredMs })
      },
    )
  }
}

const noMail: Omit<Accepted, 'mail'> = { sesMessageId: '', at: '', messageId: '', customerId: '' }
