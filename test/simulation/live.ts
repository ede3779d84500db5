/**
 * Lives one world from its seed and says what came of it: whether the oracle found anything wrong, how much was
 * survived, and, where a trace is asked for, the story to read and a digest of every single step.
 */
import { toInstant, toMs } from '#core/time'
import { chanceOf } from './chance.ts'
import { judgeEnding } from './ending.ts'
import type { FaultMix } from './faults.ts'
import { Operator } from './operator.ts'
import { Oracle, type Violation } from './oracle.ts'
import { Readers } from './readers.ts'
import { storyOf } from './shoppers.ts'
import { Story } from './story.ts'
import { dayMs, start, type Watcher, World } from './world.ts'

export interface Lived {
  seed: number
  violations: Violation[]
  /** Of a traced world every step and everything that was stored, in one number: equal digests are equal worlds. */
  digest: string | undefined
  /** What was survived, by name. */
  tally: Record<string, number>
  /** Of a traced world the story, line by line. */
  story: string[]
  steps: number
}

export interface Options {
  trace?: boolean
  /** Instead of the mix that the seed draws. */
  mix?: FaultMix
}

const hourMs = 3_600_000
/** Five days of trouble, one of peace, and as long as the longest wait takes to end. */
const healMs = 5 * dayMs
const shoppedMs = 6 * dayMs
const restedMs = 13 * dayMs

/** Shards that stand still for hours, one now and then for longer than a day. */
function planStalls(world: World): void {
  const chance = chanceOf(world.seed, 'stalls')
  const { faults, scheduler } = world
  if (faults.mix.stalled === 0) return
  for (let day = 0; day < 5; day += 1)
    for (const stream of [world.eventStream, world.messageStream]) {
      if (!chance.hit(faults.mix.stalled)) continue
      const [fromMs, shard] = [toMs(start) + day * dayMs + chance.int(0, dayMs), chance.int(0, 2)]
      const forMs = chance.hit(0.12) ? chance.int(7, 30) * hourMs : chance.int(1, 5 * 60) * 60_000
      scheduler.at(fromMs, () => !faults.healed && stream.stall(shard, fromMs + forMs))
    }
}

function watcherOf(parts: { oracle: Oracle; story: Story; readers: () => Readers }): Watcher {
  const { oracle, story } = parts
  return {
    doing: () => undefined,
    done: (done) => {
      story.done(done)
      oracle.done(done)
    },
    tell: (who, what) => story.tell(who, what),
    count: (what) => story.count(what),
    accepted: (accepted, invocation) => {
      story.count('accepted')
      story.tell(
        `${invocation.step} ${invocation.id}`,
        `SES takes ${accepted.messageId} for ${accepted.mail.to}`,
      )
      oracle.taken(accepted)
      parts.readers().read(accepted)
    },
    logged: (line, invocation) => {
      story.logged(line, invocation)
      oracle.logged(line)
    },
    observed: (raw) => oracle.observed(raw),
  }
}

/** How the world's mails ended and which of its corners were seen: what the faults were survived with. */
function countEnds(world: World, story: Story): void {
  const { messages, customers } = world.memory.tables
  for (const rows of messages.values())
    for (const { message } of rows.values())
      story.count(
        `ended.${message.status === 'SENT' ? 'sent' : `${message.status.toLowerCase()}.${message.reason}`}`,
      )
  for (const { state, erased } of customers.values()) {
    if (state.movedTo !== undefined) story.count('absorbed')
    if (erased === true) story.count('erased')
    if (state.visitors.length > 0) story.count('devicesFolded')
  }
}

/** Lives a world. Throws only where the simulator itself is wrong. */
export async function live(seed: number, options: Options = {}): Promise<Lived> {
  let oracle: Oracle | undefined
  let readers: Readers | undefined
  let story: Story | undefined
  const world = new World(
    seed,
    (one) => {
      oracle = new Oracle(one)
      story = new Story(one, options.trace === true)
      return watcherOf({ oracle, story, readers: () => readers ?? readersOf(one) })
    },
    options.mix,
  )
  if (oracle === undefined || story === undefined) throw new Error('the world has nobody who watches it')
  const judge: Oracle = oracle
  const told: Story = story
  const readersOf = (one: World) =>
    new Readers(one, {
      said: (said) => judge.saying(said),
      answered: (said, status, startedMs) => {
        told.tell('shop', `${said.body.messageId} answered ${status}`)
        judge.saidAnswered(said, status, startedMs)
      },
      chose: (choice) => {
        told.tell(choice.address, `says ${choice.given ? 'yes' : 'no'} to ${choice.topic ?? 'all'}`)
        judge.chose(choice)
      },
      fewer: (address, wanted) => {
        if (wanted !== undefined) told.tell(address, wanted ? 'wants fewer mails' : 'wants mails as ever')
        judge.fewer(address, wanted)
      },
    })
  readers = readersOf(world)
  await world.open()
  const operator = new Operator(world, {
    paused: (journey) => judge.paused(journey),
    resumed: (journey) => judge.resumed(journey),
    erased: (shopper) => judge.forgotten(shopper),
  })
  let isOpen = false
  operator.publish(world.shop.first, () => {
    isOpen = true
  })
  await world.scheduler.live(toInstant(toMs(start) + hourMs), () => isOpen)
  const shopping = storyOf(chanceOf(seed, 'story'), world.shoppers, start)
  for (const said of shopping) world.scheduler.at(toMs(said.at), () => readers?.say(said))
  operator.plan(shopping)
  planStalls(world)
  world.scheduler.at(toMs(start) + healMs, () => {
    world.faults.heal()
    told.tell('world', 'all is well from here on')
    operator.mend()
  })
  world.scheduler.at(toMs(start) + shoppedMs + hourMs, () => operator.mend())
  world.scheduler.at(toMs(start) + restedMs - hourMs, () => operator.report())
  await world.scheduler.live(world.at(restedMs), () => judge.violations.length > 0)
  if (judge.violations.length === 0) judgeEnding(judge)
  countEnds(world, told)
  return {
    seed,
    violations: judge.violations,
    digest: told.digest(),
    tally: told.tally,
    story: told.lines,
    steps: world.scheduler.steps(),
  }
}
