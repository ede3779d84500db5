/**
 * A draft: what `templates/` says, checked and compiled, before it has a number. `releaseOf` makes a release
 * of it, `changesBetween` tells what a release changes for customers. Mails are known by the hash of their
 * compiled form, so one that did not change is stored once. Read `flow/publish.ts` next.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Brand } from './brand.ts'
import { base64url } from './id.ts'
import { type Enter, type Journey, mailsOf } from './journey.ts'
import { compileSteps } from './program.ts'
import type { Release, ReleasedJourney } from './release.ts'
import type { Settings } from './settings.ts'
import type { CompiledMail } from './template/compiled.ts'
import type { Instant } from './time.ts'

export interface Draft {
  settings: Settings
  journeys: Record<string, ReleasedJourney>
  brand?: Brand
  /** Compiled mails by hash. */
  mails: Record<string, CompiledMail>
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

/** The hash a compiled mail is stored and found by (144 bits of SHA-256). */
export const mailHash = (mail: CompiledMail): string =>
  base64url(sha256(utf8ToBytes(canonical(mail))).subarray(0, 18))

/**
 * The draft of checked journeys and their compiled mails (journey → mail → compiled).
 * A mail that is not there is left out: `check` has refused the journey before.
 */
export function draftOf(parts: {
  settings: Settings
  journeys: Readonly<Record<string, Journey>>
  mails: Readonly<Record<string, Readonly<Record<string, CompiledMail>>>>
  brand?: Brand
}): Draft {
  const { settings, brand } = parts
  const draft: Draft = { settings, journeys: {}, mails: {}, ...(brand && { brand }) }
  for (const [id, journey] of Object.entries(parts.journeys)) {
    const hashes: Record<string, string> = {}
    for (const name of mailsOf(journey.steps)) {
      const mail = parts.mails[id]?.[name]
      if (mail === undefined) continue
      const hash = mailHash(mail)
      hashes[name] = hash
      draft.mails[hash] = mail
    }
    draft.journeys[id] = { id, journey, program: compileSteps(journey.steps), mails: hashes }
  }
  return draft
}

/** The release a draft becomes under a number. */
export const releaseOf = (draft: Draft, as: { number: number; publishedAt: Instant }): Release => ({
  ...as,
  settings: draft.settings,
  journeys: draft.journeys,
  ...(draft.brand && { brand: draft.brand }),
})

/** What differs between two releases, journey by journey. */
export interface Changes {
  added: string[]
  removed: string[]
  /** Who enters, what ends it, or its steps: those inside keep what they entered with. */
  structure: string[]
  /** Its mails say something else: at once, for those inside too. */
  content: string[]
  settings: boolean
  /** Journeys by a date or a recurring time that are new or changed: everybody's alarm must be set anew. */
  scheduled: string[]
}

const differ = (left: unknown, right: unknown): boolean => canonical(left) !== canonical(right)

const isScheduled = (enter: Enter): boolean => 'date' in enter || 'every' in enter || 'after' in enter

type Content = Pick<Release, 'settings' | 'journeys' | 'brand'>

/** What `to` changes for customers who lived under `from`; undefined: under nothing. */
export function changesBetween(from: Content | undefined, to: Content): Changes {
  const before = from?.journeys ?? {}
  const kept = Object.values(to.journeys).filter(({ id }) => before[id] !== undefined)
  const zone = from !== undefined && from.settings.timeZone !== to.settings.timeZone
  return {
    added: Object.keys(to.journeys).filter((id) => before[id] === undefined),
    removed: Object.keys(before).filter((id) => to.journeys[id] === undefined),
    structure: kept.filter(({ id, journey }) => differ(journey, before[id]?.journey)).map(({ id }) => id),
    content: kept.filter(({ id, mails }) => differ(mails, before[id]?.mails)).map(({ id }) => id),
    settings:
      from === undefined ||
      differ(from.settings, to.settings) ||
      differ(from.brand ?? null, to.brand ?? null),
    scheduled: Object.values(to.journeys)
      .filter(({ journey }) => isScheduled(journey.enter))
      .filter(({ id, journey }) => zone || differ(journey.enter, before[id]?.journey.enter))
      .map(({ id }) => id),
  }
}

/** Whether a release with this content would be the same as `live`. */
export const isSame = (live: Content, draft: Content): boolean =>
  !differ(live.settings, draft.settings) &&
  !differ(live.journeys, draft.journeys) &&
  !differ(live.brand ?? null, draft.brand ?? null)
