/**
 * The survey page: a score, and a comment if she likes. An answer counts when the page posts it, never because
 * its link was followed. It becomes an event first, then stands on the mail's row; the same answer again is the
 * same event, another one takes its place.
 */
import { own, ownEvent } from '#core/event'
import { isHuman } from '#core/human'
import { derive } from '#core/id'
import { limits } from '#core/limits'
import { surveys } from '#core/link'
import type { Answer } from '#core/message'
import { fromMail, type Known, know, readerOf, type Shown, type TrackPorts } from './track-known.ts'

type Survey = Answer['survey']

/** What may be answered: whole scores, ends included. */
export const scoresOf = { nps: { from: 0, to: 10 }, ces: { from: 1, to: 5 } } as const satisfies Record<
  Survey,
  { from: number; to: number }
>

/** What the survey page shows. */
export interface Asking extends Shown {
  survey: Survey
  /** What she answered before, by this mail. */
  answer?: Answer
}

interface Asked {
  known: Known
  page: Asking
  customerId: string
}

async function ask(ports: TrackPorts, token: string): Promise<Asked | undefined> {
  const known = await know(ports, token, 'survey')
  const survey = known && surveys[known.link.index]
  if (survey === undefined || known?.message === undefined) return undefined
  const reader = await readerOf(ports, known)
  if (reader === undefined) return undefined
  const { answer } = known.message
  const page = { ...known.shown, survey, ...(answer?.survey === survey && { answer }) }
  return { known, page, customerId: reader.customerId }
}

/** The page of a survey's link; undefined: the token is none of ours, or the mail is gone. Changes nothing. */
export const lookAtSurvey = async (ports: TrackPorts, token: string): Promise<Asking | undefined> =>
  (await ask(ports, token))?.page

/** A score as it was sent; undefined: none of this survey's. */
export function scoreOf(survey: Survey, sent: string): number | undefined {
  const score = /^\d{1,2}$/.test(sent) ? Number(sent) : Number.NaN
  const { from, to } = scoresOf[survey]
  return score >= from && score <= to ? score : undefined
}

/** A comment as it is kept: one text without control characters, of bounded length; undefined: none. */
function commentOf(sent: string): string | undefined {
  const text = sent
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .trim()
  return text === '' ? undefined : [...text].slice(0, limits.surveyCommentCharacters).join('')
}

/** An answer as the page posted it. `byItself`: without her pressing the button, by a browser that stayed. */
interface Given {
  token: string
  score: string
  comment: string
  byItself: boolean
  userAgent: string | undefined
}

/**
 * Takes an answer. `wrong`: the score is none of this survey's. `left`: the page posted by itself, but for a
 * machine, or where she had answered already. Repeating it is safe. Undefined: the token is none of ours, or
 * the mail is gone.
 */
export async function answerSurvey(
  ports: TrackPorts,
  given: Given,
): Promise<{ kind: 'taken' | 'wrong' | 'left'; page: Asking } | undefined> {
  const asked = await ask(ports, given.token)
  if (asked === undefined) return undefined
  const { known, page, customerId } = asked
  const { survey, answer: before } = page
  const score = scoreOf(survey, given.score)
  if (score === undefined) return { kind: 'wrong', page }
  const comment = commentOf(given.comment)
  if (before?.score === score && before.comment === comment) return { kind: 'taken', page }
  const now = ports.clock()
  const { byItself, userAgent } = given
  const machine = byItself && !isHuman({ at: now, userAgent }, known.message ?? {})
  if (machine || (byItself && before !== undefined)) return { kind: 'left', page }
  const said = { survey, score, ...(comment !== undefined && { comment }) }
  // told apart by what it replaces: two at once are one, and going back to an earlier answer is a new one
  const cause = derive('e', known.link.messageId, survey, score, comment ?? '', before?.at ?? '')
  const properties = { ...fromMail(known), ...said }
  await ports.events.record(ownEvent(own.answered, { customerId, cause, now, properties }), [])
  const answer: Answer = { ...said, at: now }
  await ports.messages.note(known.link.customerId, known.link.messageId, { answer })
  return { kind: 'taken', page: { ...page, answer } }
}
