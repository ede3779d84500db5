/**
 * The report of one journey on one day: a line of figures for each step and variant, of the messages planned on
 * that UTC day. A day is open as long as its messages may change (`limits.reportOpenDays` after it ended) and is
 * counted anew each hour; then it is closed and stays as it is. `flow/report.ts` reads and stores days.
 */
import * as z from 'zod'
import { limits } from '#core/limits'
import type { Message } from '#core/message'
import { type Instant, plus, toInstant, toMs } from '#core/time'
import { added, Figures, figuresOf } from './figures.ts'

const Line = z.object({
  step: z.string(),
  /** The arm of a test; absent where there is none. */
  variant: z.string().optional(),
  figures: Figures,
})
export type Line = z.infer<typeof Line>

/** A UTC day as `YYYY-MM-DD`. */
export type Day = string

export const ReportDay = z.object({
  day: z.string(),
  journey: z.string(),
  /** Counted after it had closed: it is not counted again. */
  closed: z.boolean(),
  lines: z.array(Line),
})
export type ReportDay = z.infer<typeof ReportDay>

/** Lines by day: what pages of messages came to so far. It survives a JSON round trip. */
export const Counted = z.record(z.string(), z.array(Line))
export type Counted = z.infer<typeof Counted>

const dayMs = 86_400_000

export const dayOf = (instant: Instant): Day => instant.slice(0, 10)

/** A day so many days later. @example dayPlus('2026-02-28', 1) // '2026-03-01' */
export const dayPlus = (day: Day, days: number): Day =>
  dayOf(toInstant(toMs(`${day}T00:00:00.000Z`) + days * dayMs))

/** The oldest day that is still open. */
export const openFrom = (now: Instant): Day => dayOf(plus(now, -limits.reportOpenDays * dayMs))

export const isClosed = (day: Day, now: Instant): boolean => day < openFrom(now)

/** Every day from one to another, both included, at most `limits.reportDays`. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = []
  for (let day = from; day <= to && days.length < limits.reportDays; day = dayPlus(day, 1)) days.push(day)
  return days
}

const keyOf = ({ step, variant }: Pick<Line, 'step' | 'variant'>): string =>
  JSON.stringify([step, variant ?? ''])

const byKey = (one: Line, other: Line): number => (keyOf(one) < keyOf(other) ? -1 : 1)

/** Lines with other lines added to them, in the order of their steps' names. */
export function linesTogether(one: readonly Line[], other: readonly Line[]): Line[] {
  const lines = new Map<string, Line>()
  for (const line of [...one, ...other]) {
    const before = lines.get(keyOf(line))
    lines.set(keyOf(line), before ? { ...before, figures: added(before.figures, line.figures) } : line)
  }
  return [...lines.values()].sort(byKey)
}

/**
 * What was counted with more messages. The order and the pages they come in do not matter; each must come once.
 * @example withMessages({}, []) // {}
 */
export function withMessages(counted: Counted, messages: readonly Message[]): Counted {
  const next = new Map(Object.entries(counted))
  for (const message of messages) {
    const { step, variant, plannedAt } = message
    const line = { step, ...(variant !== undefined && { variant }), figures: figuresOf(message) }
    next.set(dayOf(plannedAt), linesTogether(next.get(dayOf(plannedAt)) ?? [], [line]))
  }
  return Object.fromEntries(next)
}
