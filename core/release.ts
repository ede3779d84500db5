/**
 * A release: journeys, settings and the hashes of compiled mails under one number. It never changes once
 * published; the live pointer says which one is in force. Built by `npm run publish` from `templates/`.
 */
import type { Brand } from './brand.ts'
import type { Journey } from './journey.ts'
import type { Instruction } from './program.ts'
import type { Settings } from './settings.ts'
import type { Instant } from './time.ts'

/** A journey ready to walk. `mails`: mail name → hash of its compiled form. */
export interface ReleasedJourney {
  id: string
  journey: Journey
  program: Instruction[]
  mails: Record<string, string>
}

export interface Release {
  number: number
  publishedAt: Instant
  settings: Settings
  journeys: Record<string, ReleasedJourney>
  /** How our own pages look; absent where `brand.yaml` says nothing. */
  brand?: Brand
}

/** What is in force now: the live release's number, and the journeys (or `*` for all) whose mail is paused. */
export interface Live {
  release: number
  paused: string[]
  /** The release that the live one took the place of; absent after a rollback. */
  before?: number | undefined
  /** Everybody is to be woken, as was asked at this instant; absent once that is done. */
  waking?: Instant | undefined
}

/** The releases a decision may need: the live one, and by number those that runs are pinned to. */
export interface Releases {
  live: Release
  pinned: ReadonlyMap<number, Release>
}

/** The journey a run walks: of the release it entered with, else of the live one. */
export const journeyOf = (
  releases: Releases,
  run: { journey: string; release: number },
): ReleasedJourney | undefined => (releases.pinned.get(run.release) ?? releases.live).journeys[run.journey]
