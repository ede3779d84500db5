/**
 * Releases go live here, go back, and are paused. Everything is put before the pointer moves, and the pointer
 * moves only from where it was read: two who publish at once cannot undo each other, and a publish that breaks
 * off before has changed nothing. With the pointer goes the note that everybody is to be woken; one that breaks
 * off after is finished by the next publish or rollback. Called by the command line; `cli/publish.ts` shows what
 * comes of it.
 */
import { type Changes, changesBetween, type Draft, isSame, releaseOf } from '#core/draft'
import { limits } from '#core/limits'
import type { Live, Release } from '#core/release'
import type { Instant } from '#core/time'
import type { Clock, Customers, WakeQueue, Workspace } from './port.ts'

export interface PublishPorts {
  workspace: Workspace
  customers: Pick<Customers, 'all'>
  wakeQueue: WakeQueue
  clock: Clock
}

export type Published =
  | { kind: 'unchanged'; release: number }
  | {
      kind: 'published'
      release: number
      /** The release that was live before; undefined at the first publish. */
      previous: number | undefined
      changes: Changes
      /** Customers whose alarm is being set anew: a date or recurring time changed, now or where others broke off. */
      woken: number
      paused: string[]
    }
  /** Somebody else published in between: nothing was changed. */
  | { kind: 'overtaken'; release: number | undefined }

/**
 * Makes the draft the live release, under the next free number. A draft that equals the live release makes no
 * new one, and wakes whom an earlier publish did not come to. Safe to repeat.
 * `pauseFirst`: a stage's very first release goes live with all mail paused.
 */
export async function publish(
  ports: PublishPorts,
  draft: Draft,
  options: { pauseFirst?: boolean } = {},
): Promise<Published> {
  const { workspace } = ports
  const live = await workspace.live()
  const before = live && (await workspace.release(live.release))
  if (live !== undefined && before !== undefined && isSame(before, draft)) {
    await wakeAsAsked(ports, live.waking)
    return { kind: 'unchanged', release: live.release }
  }

  for (const [hash, mail] of Object.entries(draft.mails)) await workspace.putMail(hash, mail)
  const release = await putUnderFreeNumber(ports, draft)
  const paused = live?.paused ?? (options.pauseFirst ? ['*'] : [])
  return goLive(ports, { release, paused, before: live?.release }, { live, before })
}

/** Moves the pointer, noting with it whether everybody is to be woken; then wakes them. */
async function goLive(
  ports: PublishPorts,
  to: { release: Release; paused: string[]; before?: number | undefined },
  from: { live: Live | undefined; before: Release | undefined },
): Promise<Exclude<Published, { kind: 'unchanged' }>> {
  const changes = changesBetween(from.before, to.release)
  const wanted: Live = {
    release: to.release.number,
    paused: to.paused,
    before: to.before,
    ...(changes.scheduled.length > 0 && { waking: ports.clock() }),
  }
  const moved = await movePointer(ports.workspace, wanted, from.live)
  if (moved.kind === 'overtaken') return moved
  const { release, paused, waking } = moved.live
  const woken = await wakeAsAsked(ports, waking)
  return { kind: 'published', release, previous: from.live?.release, changes, woken, paused }
}

async function putUnderFreeNumber({ workspace, clock }: PublishPorts, draft: Draft): Promise<Release> {
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const highest = Math.max(0, ...(await workspace.releases()).map(({ number }) => number))
    const release = releaseOf(draft, { number: highest + 1, publishedAt: clock() })
    if ((await workspace.putRelease(release)) === 'stored') return release
  }
  throw new Error('no free release number was found: others are publishing at the same time; try again')
}

/**
 * Moves the pointer from the release in `from`; who paused or woke somebody meanwhile is heeded. One that was moved
 * and whose answer was lost is found where it was to be.
 */
async function movePointer(
  workspace: Workspace,
  to: Live,
  from: Live | undefined,
): Promise<{ kind: 'moved'; live: Live } | { kind: 'overtaken'; release: number | undefined }> {
  let known = from
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const live = { ...known, ...to, paused: known?.paused ?? to.paused }
    if ((await workspace.putLive(live, known)) === 'stored') return { kind: 'moved', live }
    known = await workspace.live()
    if (known?.release === to.release) return { kind: 'moved', live: known }
    if (known?.release !== from?.release) return { kind: 'overtaken', release: known?.release }
  }
  return { kind: 'overtaken', release: known?.release }
}

/**
 * Asks for every customer's alarm, so that dates and recurring times of the release reach all of them, and then
 * takes the note out that says so. Undefined: nobody asked. Repeating it is safe.
 */
async function wakeAsAsked(ports: PublishPorts, asked: Instant | undefined): Promise<number> {
  if (asked === undefined) return 0
  const { customers, wakeQueue, clock } = ports
  let count = 0
  let after: string | undefined
  do {
    const page = await customers.all(after)
    const firedAt = clock()
    await wakeQueue.wake(page.customerIds.map((customerId) => ({ customerId, firedAt })))
    count += page.customerIds.length
    after = page.next
  } while (after !== undefined)
  await noteWoken(ports.workspace, asked)
  return count
}

/** Takes out the note of this very asking: who published meanwhile has one of her own. */
async function noteWoken(workspace: Workspace, asked: Instant): Promise<void> {
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const live = await workspace.live()
    if (live?.waking !== asked) return
    const { waking: _, ...woken } = live
    if ((await workspace.putLive(woken, live)) === 'stored') return
  }
}

export type RolledBack =
  | Exclude<Published, { kind: 'unchanged' }>
  | { kind: 'unchanged'; release: number }
  | { kind: 'nothing-before'; release: number | undefined }
  | { kind: 'no-such-release'; number: number; there: number[] }

/**
 * Makes an earlier release live again: the one that was live before, or the one with this number. The release
 * that is left stays as it is and may be gone back to by its number; a second rollback goes to a lower one.
 */
export async function rollback(ports: PublishPorts, number?: number): Promise<RolledBack> {
  const { workspace } = ports
  const live = await workspace.live()
  const there = (await workspace.releases()).map((one) => one.number).sort((a, b) => a - b)
  const lower = there.filter((one) => live !== undefined && one < live.release).at(-1)
  const wanted = number ?? live?.before ?? lower
  if (live === undefined || wanted === undefined) return { kind: 'nothing-before', release: live?.release }
  if (wanted === live.release) {
    await wakeAsAsked(ports, live.waking)
    return { kind: 'unchanged', release: wanted }
  }
  const release = await workspace.release(wanted)
  if (release === undefined) return { kind: 'no-such-release', number: wanted, there }

  const before = await workspace.release(live.release)
  return goLive(ports, { release, paused: live.paused }, { live, before })
}

export type Switched =
  | { kind: 'switched' | 'unchanged'; paused: string[] }
  | { kind: 'nothing-live' }
  | { kind: 'no-such-journey'; there: string[] }
  /** Everything is paused: one journey cannot be resumed out of it. */
  | { kind: 'all-paused' }

const everything = '*'

/**
 * Pauses or resumes the mail of a journey, or (`*`) of all. Mail that falls due meanwhile waits. Resuming all
 * clears single pauses too. `dryRun`: answers what would come of it and changes nothing.
 */
export async function switchMail(
  workspace: Pick<Workspace, 'live' | 'release' | 'putLive'>,
  to: { journey: string; paused: boolean; dryRun?: boolean },
): Promise<Switched> {
  for (let attempt = 0; attempt < limits.commitAttempts; attempt += 1) {
    const live = await workspace.live()
    if (live === undefined) return { kind: 'nothing-live' }
    const there = Object.keys((await workspace.release(live.release))?.journeys ?? {})
    const known = to.journey === everything || there.includes(to.journey) || live.paused.includes(to.journey)
    if (!known) return { kind: 'no-such-journey', there }
    if (!to.paused && to.journey !== everything && live.paused.includes(everything))
      return { kind: 'all-paused' }
    const others =
      to.journey === everything && !to.paused ? [] : live.paused.filter((one) => one !== to.journey)
    const paused = to.paused ? [...others, to.journey].sort() : others
    if (paused.length === live.paused.length) return { kind: 'unchanged', paused: live.paused }
    if (to.dryRun === true) return { kind: 'switched', paused }
    if ((await workspace.putLive({ ...live, paused }, live)) === 'stored') return { kind: 'switched', paused }
  }
  throw new Error('the switch is being moved by others at the same time; try again')
}
