/**
 * What a publish or rollback changed, said to the person who did it: what is new, and what becomes of the
 * customers who are inside a journey.
 */

import { count } from '#cli/terminal/style'
import type { Published, RolledBack, Switched } from '#flow/publish'

const list = (journeys: readonly string[]): string => journeys.join(', ')

/** The lines about a release that went live. */
export function liveLines(published: Extract<Published, { kind: 'published' }>): string[] {
  const { changes, previous, release } = published
  const lines = [`Release ${release} is live${previous === undefined ? '' : ` (before: ${previous})`}.`]
  if (changes.added.length > 0) lines.push(`  new: ${list(changes.added)}`)
  if (changes.content.length > 0)
    lines.push(`  other mails: ${list(changes.content)} – at once, for customers inside too`)
  if (changes.structure.length > 0)
    lines.push(
      `  other steps or conditions: ${list(changes.structure)} – for those who enter from now on; ` +
        'who is inside walks on as she entered',
    )
  if (changes.removed.length > 0)
    lines.push(
      `  gone: ${list(changes.removed)} – nobody enters any more; who is inside leaves it at her next step`,
    )
  if (changes.settings && previous !== undefined) lines.push('  other settings – at once, for everybody')
  if (published.woken > 0) {
    const of = changes.scheduled.length > 0 ? list(changes.scheduled) : 'left by an earlier publish'
    lines.push(`  ${of}: the next date of ${count(published.woken, 'customer')} is being set`)
  }
  lines.push(...pausedLines(published.paused))
  return lines
}

/** What is paused, and how to end it. */
export function pausedLines(paused: readonly string[]): string[] {
  if (paused.includes('*')) return ['  All mail is paused. When all is ready: npm run resume']
  return paused.length > 0 ? [`  Paused: ${list(paused)} (npm run resume -- <journey>)`] : []
}

export const overtakenLine = (release: number | undefined): string =>
  `Somebody published release ${release ?? '?'} at this very moment; nothing was changed. ` +
  'Look at what is live and publish again.'

/** What a rollback came to, and the exit code. */
export function rolledBack(result: RolledBack): { lines: string[]; code: number } {
  switch (result.kind) {
    case 'published':
      return { lines: liveLines(result), code: 0 }
    case 'unchanged':
      return { lines: [`Release ${result.release} is live already.`], code: 0 }
    case 'overtaken':
      return { lines: [overtakenLine(result.release)], code: 1 }
    case 'nothing-before':
      return {
        lines: [
          result.release === undefined
            ? 'Nothing is published yet. First: npm run publish'
            : `There is no release before ${result.release}.`,
        ],
        code: 1,
      }
    case 'no-such-release':
      return {
        lines: [`There is no release ${result.number}. There is: ${result.there.join(', ')}.`],
        code: 1,
      }
  }
}

/** What moving a pause switch came to, and the exit code. */
export function switched(
  result: Switched,
  to: { journey: string; paused: boolean; dryRun?: boolean },
): { lines: string[]; code: number } {
  const what = to.journey === '*' ? 'all mail' : `the mail of ${to.journey}`
  switch (result.kind) {
    case 'switched': {
      if (to.dryRun === true)
        return { lines: [`Would ${to.paused ? 'pause' : 'resume'} ${what}. Nothing was changed.`], code: 0 }
      const lines = to.paused
        ? [`Paused ${what}, within 10 seconds. What falls due meanwhile waits.`]
        : [
            `Resumed ${what}. What waited goes out when it is next looked at, if it is not too late for it:`,
            '  after a quarter of its age, at least 15 minutes and at most four hours.',
          ]
      return { lines: [...lines, ...pausedLines(result.paused)], code: 0 }
    }
    case 'unchanged':
      return { lines: [`Nothing to do: ${what} is ${to.paused ? 'paused' : 'not paused'}.`], code: 0 }
    case 'nothing-live':
      return { lines: ['Nothing is published yet. First: npm run publish'], code: 1 }
    case 'all-paused':
      return {
        lines: ['All mail is paused; one journey cannot be resumed alone. All: npm run resume'],
        code: 1,
      }
    case 'no-such-journey':
      return { lines: [`There is no journey "${to.journey}". There is: ${list(result.there)}.`], code: 1 }
  }
}
