/**
 * A report as a flat table, for spreadsheets: one row a day, journey, step and variant, with the same columns
 * always; amounts and reasons are written out in the last two. Names and codes come from a shop's files and are hostile to a
 * spreadsheet until `csvLine` wrote them.
 */
import { csvLine } from '#core/csv'
import { toMajor } from '#core/currency'
import type { Line, ReportDay } from './day.ts'
import { type Figures, totalOf } from './figures.ts'

const columns = {
  planned: ({ planned }: Figures) => planned,
  waiting: ({ waiting }: Figures) => waiting,
  sent: ({ sent }: Figures) => sent,
  held: ({ held }: Figures) => totalOf(held),
  skipped: ({ skipped }: Figures) => totalOf(skipped),
  expired: ({ expired }: Figures) => totalOf(expired),
  failed: ({ failed }: Figures) => totalOf(failed),
  unknown: ({ unknown }: Figures) => unknown,
  closed: ({ closed }: Figures) => closed,
  delivered: ({ delivered }: Figures) => delivered,
  bounced: ({ bounced }: Figures) => bounced,
  complained: ({ complained }: Figures) => complained,
  opened: ({ opened }: Figures) => opened,
  clicked: ({ clicked }: Figures) => clicked,
  unsubscribed: ({ unsubscribed }: Figures) => unsubscribed,
  orders: ({ orders }: Figures) => orders,
  nps_answers: ({ nps }: Figures) => totalOf(nps),
  ces_answers: ({ ces }: Figures) => totalOf(ces),
} as const

const counts = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .map(([name, count]) => `${name}:${count}`)
    .join(' ')

function reasons({ held, skipped, expired, failed }: Figures): string {
  const named = { held, skipped, expired, failed }
  return Object.entries(named)
    .filter(([, all]) => totalOf(all) > 0)
    .map(([name, all]) => `${name} ${counts(all)}`)
    .join('; ')
}

const revenue = ({ revenueMinor }: Figures): string =>
  Object.entries(revenueMinor)
    .map(([currency, minor]) => `${toMajor(minor, currency)} ${currency}`)
    .join('; ')

const rowOf = ({ day, journey }: ReportDay, { step, variant, figures }: Line): string[] => [
  day,
  journey,
  step,
  variant ?? '',
  ...Object.values(columns).map((read) => String(read(figures))),
  revenue(figures),
  reasons(figures),
]

/** The whole table, its header first. */
export function csvOf(days: readonly ReportDay[]): string {
  const header = ['day', 'journey', 'step', 'variant', ...Object.keys(columns), 'revenue', 'reasons']
  const rows = days.flatMap((day) => day.lines.map((line) => rowOf(day, line)))
  return [header, ...rows].map(csvLine).join('')
}
