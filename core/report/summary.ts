/**
 * A report as it is read: days added up by journey and by step and variant, with a row of days beside each for
 * how it went. Journeys are in the order of their names, steps in that of the live release where it has them.
 */
import { type Day, daysBetween, type Line, linesTogether, type ReportDay } from './day.ts'
import { added, type Figures, noFigures } from './figures.ts'

export interface JourneySummary {
  journey: string
  figures: Figures
  lines: Line[]
  /** Mails sent of those planned on each day, oldest first. */
  sentByDay: number[]
}

export interface Summary {
  from: Day
  to: Day
  figures: Figures
  journeys: JourneySummary[]
}

const sum = (lines: readonly Line[]): Figures =>
  lines.reduce((all, { figures }) => added(all, figures), noFigures())

/** Adds up days. `stepsOf`: a journey's steps in the order they are walked. */
export function summaryOf(
  days: readonly ReportDay[],
  of: { from: Day; to: Day; stepsOf: (journey: string) => readonly string[] },
): Summary {
  const { from, to, stepsOf } = of
  const names = [
    ...new Set(days.filter(({ lines }) => lines.length > 0).map(({ journey }) => journey)),
  ].sort()
  const journeys = names.map((journey): JourneySummary => {
    const its = days.filter((one) => one.journey === journey)
    const steps = stepsOf(journey)
    const place = ({ step }: Line) => (steps.includes(step) ? steps.indexOf(step) : steps.length)
    const lines = its.reduce<Line[]>((all, day) => linesTogether(all, day.lines), [])
    const sentOn = new Map(its.map(({ day, lines: ofDay }) => [day, sum(ofDay).sent]))
    return {
      journey,
      figures: sum(lines),
      lines: lines.toSorted((one, other) => place(one) - place(other)),
      sentByDay: daysBetween(from, to).map((day) => sentOn.get(day) ?? 0),
    }
  })
  const figures = journeys.reduce((all, one) => added(all, one.figures), noFigures())
  return { from, to, figures, journeys }
}
