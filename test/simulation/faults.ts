/**
 * What goes wrong in one world. Each seed draws its own few kinds of faults and how often each strikes (a
 * swarm: many different mixes find more than one mix of everything), with more of them at the calls on which
 * the promises rest. Once healed, nothing goes wrong any more.
 */
import { type Chance, chanceOf } from './chance.ts'

/** Rates, each in [0, 1]: how often a call, batch, message, send or notice meets the fault. */
export interface FaultMix {
  /** Refused, and surely nothing done. */
  refused: number
  /** Done, and the answer lost. */
  lostReply: number
  /** Done twice, as when the SDK tries again after a lost answer: the second answer is the one that is seen. */
  doneTwice: number
  killedBefore: number
  killedAfter: number
  /** Waits up to a minute before or after a call. */
  paused: number
  /** A stream's batch comes again after it was done. */
  batchTwice: number
  /** A shard stands still for hours; now and then for longer than its records live. */
  stalled: number
  /** A queue's message comes twice. */
  messageTwice: number
  /** The mail service: 429, refused connection, 5xx, reset and timeout before and after it took the mail, refusal. */
  throttledMail: number
  failedMail: number
  rejectedMail: number
  /** Notices of the mail service. */
  noticeLost: number
  noticeLate: number
  noticeTwice: number
  /** The answer to a shop's call never reaches it: it calls again. */
  answerLost: number
  /** How far the clock of a function is off, at most, in ms. */
  skewMs: number
  /** How long the index of alarms lags behind, at most, in ms. */
  indexLagMs: number
  /** How many times more often a dangerous call is struck. */
  danger: number
}

/** What happens to one call of a port. */
export type Fate = {
  delayMs: number
  kind: 'well' | 'refused' | 'lost-reply' | 'done-twice' | 'killed-before' | 'killed-after'
  /** Waits so long after it was done before the function goes on. */
  pauseMs: number
}

export interface Faults {
  readonly mix: FaultMix
  readonly chance: Chance
  /** What happens to a call; `dangerous`: the promises rest on it. */
  fate(call: { dangerous: boolean; changes: boolean }): Fate
  hit(kind: keyof FaultMix): boolean
  heal(): void
  readonly healed: boolean
}

export const noFaults: FaultMix = {
  refused: 0,
  lostReply: 0,
  doneTwice: 0,
  killedBefore: 0,
  killedAfter: 0,
  paused: 0,
  batchTwice: 0,
  stalled: 0,
  messageTwice: 0,
  throttledMail: 0,
  failedMail: 0,
  rejectedMail: 0,
  noticeLost: 0,
  noticeLate: 0,
  noticeTwice: 0,
  answerLost: 0,
  skewMs: 0,
  indexLagMs: 0,
  danger: 1,
}

/** Often, where it is drawn at all. */
const rare: readonly (keyof FaultMix)[] = ['refused', 'lostReply', 'doneTwice', 'killedBefore', 'killedAfter']
const common: readonly (keyof FaultMix)[] = [
  'batchTwice',
  'messageTwice',
  'throttledMail',
  'failedMail',
  'rejectedMail',
  'noticeLost',
  'noticeLate',
  'noticeTwice',
  'answerLost',
]

/** The mix of a seed: about half of the kinds, each at a rate of its own. */
function mixOf(chance: Chance): FaultMix {
  const mix = { ...noFaults }
  for (const kind of rare) mix[kind] = chance.hit(0.5) ? chance.pick([0.001, 0.005, 0.02]) : 0
  for (const kind of common) mix[kind] = chance.hit(0.5) ? chance.pick([0.02, 0.1, 0.3]) : 0
  mix.paused = chance.hit(0.5) ? chance.pick([0.002, 0.01, 0.04]) : 0
  mix.stalled = chance.hit(0.5) ? chance.pick([0.2, 0.5]) : 0
  mix.skewMs = chance.hit(0.4) ? chance.pick([50, 500, 2000]) : 0
  mix.indexLagMs = chance.hit(0.5) ? chance.pick([1000, 20_000, 180_000]) : 0
  mix.danger = chance.pick([1, 3, 10, 20])
  return mix
}

export function faultsOf(seed: number, given?: FaultMix): Faults {
  const chance = chanceOf(seed, 'faults')
  const mix = given ?? mixOf(chanceOf(seed, 'mix'))
  let healed = false
  const well = (): Fate => ({ delayMs: chance.int(1, 12), kind: 'well', pauseMs: 0 })
  return {
    mix,
    chance,
    get healed() {
      return healed
    },
    heal: () => {
      healed = true
    },
    hit: (kind) => !healed && chance.hit(mix[kind]),
    fate: ({ dangerous, changes }) => {
      const fate = well()
      if (healed) return fate
      const factor = dangerous ? mix.danger : 1
      if (chance.hit(mix.paused * Math.min(factor, 4))) {
        const ms = chance.hit(0.5) ? chance.int(500, 9000) : chance.int(1000, 60_000)
        if (chance.hit(0.5)) fate.delayMs = ms
        else fate.pauseMs = ms
      }
      if (chance.hit(mix.refused * factor)) fate.kind = 'refused'
      else if (chance.hit(mix.killedBefore * factor)) fate.kind = 'killed-before'
      else if (chance.hit(mix.killedAfter * factor)) fate.kind = 'killed-after'
      else if (chance.hit(mix.lostReply * factor)) fate.kind = 'lost-reply'
      else if (changes && chance.hit(mix.doneTwice * factor)) fate.kind = 'done-twice'
      return fate
    },
  }
}
