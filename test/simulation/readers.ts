/**
 * Customers with their mail: some click, some unsubscribe by the link of the mail program, some confirm, choose
 * topic by topic, answer, or go on with their cart. And the shop that calls: again and again until it is answered.
 */
import { factOf } from '#core/fact'
import { makeToken, type Purpose } from '#core/link'
import { toInstant } from '#core/time'
import { ingest } from '#flow/ingest'
import { click } from '#flow/track'
import { confirmConsent } from '#flow/track-confirm'
import { lookAtPreferences, savePreferences, type Wanted } from '#flow/track-preferences'
import { restore } from '#flow/track-restore'
import { answerSurvey } from '#flow/track-survey'
import { unsubscribe } from '#flow/track-unsubscribe'
import { type Chance, chanceOf } from './chance.ts'
import type { Accepted } from './mail-service.ts'
import type { Said } from './shoppers.ts'
import type { World, WorldPorts } from './world.ts'

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
  /** Fewer mails are asked for, or no longer; `undefined`: the answer is on its way. */
  fewer(address: string, wanted: boolean | undefined): void
}

const minuteMs = 60_000
const hourMs = 3_600_000

export class Readers {
  private readonly world: World
  private readonly heard: Heard
  private readonly chance: Chance
  private readonly nets: Chance
  private readonly choices: Chance
  /** Addresses whose last wish for fewer mails is not answered yet. */
  private readonly asking = new Set<string>()

  constructor(world: World, heard: Heard) {
    this.world = world
    this.heard = heard
    this.chance = chanceOf(world.seed, 'readers')
    this.nets = chanceOf(world.seed, 'nets')
    this.choices = chanceOf(world.seed, 'choices')
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
    if (chance.hit(0.03))
      scheduler.after(chance.int(60_000, 3_600_000), () => this.unsubscribe(accepted, 'all'))
    if (this.journeyOf(accepted) === 'confirm') this.mayConfirm(accepted)
    if (world.shop.choosy) this.choose(accepted)
  }

  private mayConfirm(accepted: Accepted): void {
    const { choices, world } = this
    if (!choices.hit(0.8)) return
    world.scheduler.after(choices.int(minuteMs, 10 * hourMs), () => this.confirm(accepted))
    // Pressed twice, or found again days later.
    if (choices.hit(0.3))
      world.scheduler.after(choices.int(minuteMs, 60 * hourMs), () => this.confirm(accepted))
  }

  private choose(accepted: Accepted): void {
    const { choices, world } = this
    const later = (share: number, act: () => void) => {
      if (choices.hit(share)) world.scheduler.after(choices.int(minuteMs, 20 * hourMs), act)
    }
    later(0.15, () => this.flip(accepted))
    later(0.08, () => this.chooseNone(accepted))
    later(0.12, () => this.askForFewer(accepted, choices.hit(0.7)))
    later(0.1, () => this.answer(accepted))
    later(0.1, () => this.restore(accepted))
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

  private chooseNone(accepted: Accepted): void {
    const madeMs = this.world.scheduler.nowMs()
    this.save(
      accepted,
      async () => ({ wanted: 'none' }),
      () => this.refused(accepted, undefined, madeMs),
    )
  }

  /** One topic of the page is turned on or off; the others are left as they stand there. */
  private flip(accepted: Accepted): void {
    const { world, heard, choices } = this
    const { nowMs } = world.scheduler
    const madeMs = nowMs()
    const nth = choices.int(0, 2)
    let made: Choice | undefined
    this.save(
      accepted,
      async (ports, token) => {
        const page = await lookAtPreferences(ports, token)
        const shown = page?.topics[nth]
        if (page === undefined || shown === undefined) return undefined
        // What she wants stays what she wanted at first, however often it has to be said.
        const { given, topic = '' } = made ?? { given: !shown.on, topic: shown.id }
        if (made === undefined) {
          made = { address: accepted.mail.to, given, topic, madeMs }
          // A yes may count before it is answered.
          if (given) heard.chose(made)
        }
        if (given) made.madeMs = nowMs()
        const topics = new Map(page.topics.map(({ id, on }) => [id, id === topic ? given : on]))
        return { wanted: { topics } }
      },
      () => {
        if (made?.given === false) this.refused(accepted, made.topic, madeMs)
        else if (made !== undefined) made.answeredMs = nowMs()
      },
    )
  }

  private askForFewer(accepted: Accepted, fewer: boolean): void {
    const { asking, heard } = this
    const { to } = accepted.mail
    if (asking.has(to)) return
    asking.add(to)
    heard.fewer(to, undefined)
    this.save(
      accepted,
      async () => ({ wanted: { topics: new Map(), fewer } }),
      () => {
        asking.delete(to)
        heard.fewer(to, fewer)
      },
    )
  }

  private refused({ mail }: Accepted, topic: string | undefined, madeMs: number): void {
    const answeredMs = this.world.scheduler.nowMs()
    this.heard.chose({ address: mail.to, given: false, topic, madeMs, answeredMs })
  }

  /** Saves what is wanted on the page that a mail leads to; `saved` only where there was such a page. */
  private save(
    accepted: Accepted,
    want: (ports: WorldPorts, token: string) => Promise<{ wanted: Wanted } | undefined>,
    saved: () => void,
  ): void {
    this.press(accepted, 'preferences', {
      press: async (ports, token) => {
        const asked = await want(ports, token)
        return asked && savePreferences(ports, { token, ...asked, worded: () => 'yes, write to me' })
      },
      pressed: saved,
    })
  }

  private confirm(accepted: Accepted): void {
    const { world, heard } = this
    const { nowMs } = world.scheduler
    const { messageId, customerId, mail } = accepted
    const { properties = {} } =
      world.memory.tables.messages.get(customerId)?.get(messageId)?.message.event ?? {}
    const fact = factOf({ type: 'track', name: 'Consent Given', properties }, 'EUR')
    const topics = fact.kind === 'consent' ? fact.topics : undefined
    const yeses = (topics ?? [undefined]).map(
      (topic): Choice => ({ address: mail.to, given: true, topic, madeMs: nowMs() }),
    )
    for (const yes of yeses) heard.chose(yes)
    this.press(accepted, 'confirm', {
      press: (ports, token) => {
        for (const yes of yeses) yes.madeMs = nowMs()
        return confirmConsent(ports, { token, worded: () => 'yes, write to me' })
      },
      pressed: () => {
        for (const yes of yeses) yes.answeredMs = nowMs()
      },
    })
  }

  private answer(accepted: Accepted): void {
    const given = {
      score: String(this.choices.int(0, 10)),
      comment: '',
      byItself: false,
      userAgent: browserAgent,
    }
    this.press(accepted, 'survey', { press: (ports, token) => answerSurvey(ports, { ...given, token }) })
  }

  private restore(accepted: Accepted): void {
    const hit = { userAgent: browserAgent, look: false }
    this.press(accepted, 'restore', { press: (ports, token) => restore(ports, { ...hit, token }) })
  }

  /** What she does on a page of ours, until it was answered; `pressed` where the link still led anywhere. */
  private press<T>(
    { customerId, messageId }: Accepted,
    purpose: Purpose,
    of: { press: (ports: WorldPorts, token: string) => Promise<T | undefined>; pressed?: () => void },
  ): void {
    this.world.command(
      'track',
      async (ports) => {
        const keys = await ports.keys.linkKeys()
        return of.press(ports, makeToken({ purpose, customerId, messageId, index: 0 }, keys))
      },
      (page) => {
        if (page !== undefined) of.pressed?.()
      },
    )
  }

  private journeyOf({ customerId, messageId }: Accepted): string | undefined {
    return this.world.memory.tables.messages.get(customerId)?.get(messageId)?.message.journey
  }
}
