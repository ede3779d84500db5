/**
 * Who runs the shop's stage: publishes while people are inside, pauses and resumes, erases a customer, and once
 * all is well again brings back what streams and queues gave up. Each command is tried until it went through.
 */
import { erase } from '#flow/erase'
import { findSubject } from '#flow/person'
import { publish, type Switched, switchMail } from '#flow/publish'
import { redrive, redriveSpan } from '#flow/redrive'
import { report } from '#flow/report'
import { type Chance, chanceOf } from './chance.ts'
import type { Said, Shopper } from './shoppers.ts'
import { dayMs, start, type World } from './world.ts'

export interface Orders {
  paused(journey: string): void
  resumed(journey: string): void
  erased(shopper: Shopper): void
}

const hourMs = 3_600_000

export class Operator {
  private readonly world: World
  private readonly orders: Orders
  private readonly chance: Chance

  constructor(world: World, orders: Orders) {
    this.world = world
    this.orders = orders
    this.chance = chanceOf(world.seed, 'operator')
  }

  private at(ms: number, act: () => void): void {
    const { scheduler } = this.world
    scheduler.at(Date.parse(start) + ms, act)
  }

  publish(draft: World['shop']['first'], then: () => void = () => undefined): void {
    this.world.command('operator', (ports) => publish(ports, draft), then)
  }

  private pause(journey: string, forMs: number): void {
    const { world, orders } = this
    const turn = (paused: boolean, then: (switched: Switched) => void) =>
      world.command('operator', (ports) => switchMail(ports.workspace, { journey, paused }), then)
    turn(true, ({ kind }) => {
      // a release without this journey was live: there was nothing to pause
      if (kind !== 'switched' && kind !== 'unchanged') return
      orders.paused(journey)
      world.watcher.tell('operator', `paused ${journey}`)
      world.scheduler.after(forMs, () => {
        orders.resumed(journey)
        turn(false, () => world.watcher.tell('operator', `resumed ${journey}`))
      })
    })
  }

  erase(shopper: Shopper): void {
    const { world, orders } = this
    world.command(
      'operator',
      async (ports) => {
        const subject = await findSubject(ports, shopper.address)
        return subject === undefined ? undefined : erase(ports, subject)
      },
      (erased) => {
        if (erased === undefined) return
        world.watcher.tell('operator', `erased ${shopper.name}`)
        orders.erased(shopper)
      },
    )
  }

  /** Lays down her week. `story`: what customers will do, which is when it is dangerous to do something. */
  plan(story: readonly Said[]): void {
    const { chance, world } = this
    const { shop, shoppers } = world
    for (const draft of shop.later) this.at(chance.int(12 * hourMs, 5 * dayMs), () => this.publish(draft))
    for (let pauses = chance.hit(0.4) ? chance.int(1, 2) : 0; pauses > 0; pauses -= 1) {
      const journey = chance.pick(['cart', 'welcome', '*'])
      const forMs = chance.int(hourMs, 6 * hourMs)
      this.at(chance.int(6 * hourMs, 4.5 * dayMs), () => this.pause(journey, forMs))
    }
    const gone = shoppers[chance.int(0, shoppers.length - 1)]
    const hers = story.filter(({ shopper, at }) => shopper === gone && at > world.at(dayMs))
    const last = hers[chance.int(0, Math.max(0, hers.length - 1))]
    if (gone !== undefined && last !== undefined && chance.hit(0.5))
      world.scheduler.at(Date.parse(last.at) + chance.int(1, 1500), () => this.erase(gone))
    for (let half = 1; half <= 12; half += 1) this.at(half * 12 * hourMs, () => this.report())
  }

  report(then: () => void = () => undefined): void {
    let pages = 0
    const hasTime = () => {
      pages += 1
      return pages < 400
    }
    this.world.command('report', (ports) => report(ports, hasTime), then)
  }

  /** The morning after: dead letters, parked inputs, and what a stream lost come back. */
  mend(): void {
    const { world } = this
    for (const queue of [world.wakeQueue, world.urgentQueue, world.bulkQueue, world.observeQueue])
      queue.redrive()
    this.publish(world.shop.last, () => {
      for (const customerId of world.memory.tables.parked.keys())
        world.command('operator', (ports) => redrive(ports, customerId))
    })
    if (world.eventStream.lost === 0) return
    const span = { from: start, to: world.now() }
    for (const customerId of world.memory.tables.events.keys())
      if (customerId.startsWith('c'))
        world.command('operator', (ports) => redriveSpan(ports, customerId, span))
  }
}
