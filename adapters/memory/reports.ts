/**
 * The in-memory `Reports`. Pages are small, so that whoever counts by them meets more than one. Next:
 * `test/contract/reports.ts`.
 */
import { dayOf } from '#core/report/day'
import type { Reports } from '#flow/port'
import { byBytes, copy, type Tables } from './tables.ts'

const pageSize = 3

function pageOf<T>(all: readonly T[], after: string | undefined): { page: T[]; next?: string } {
  const from = Number(after ?? 0)
  const next = from + pageSize
  return { page: copy(all.slice(from, next)), ...(next < all.length && { next: String(next) }) }
}

export const memoryReports = (tables: Tables): Reports => ({
  planned: async ({ journey, from, to }, after) => {
    const rows = [...tables.messages.values()].flatMap((messages) => [...messages.values()])
    const planned = rows
      .map(({ message }) => message)
      .filter((message) => message.journey === journey)
      .filter(({ plannedAt }) => dayOf(plannedAt) >= from && dayOf(plannedAt) <= to)
      .sort((left, right) => byBytes(left.messageId, right.messageId))
    const { page, next } = pageOf(planned, after)
    return { messages: page, ...(next !== undefined && { next }) }
  },
  states: async (after) => {
    const kept = [...tables.customers.values()].filter(({ erased }) => erased !== true)
    const { page, next } = pageOf(
      kept.map(({ state }) => state),
      after,
    )
    return { states: page, ...(next !== undefined && { next }) }
  },
  days: async (from, to) =>
    [...tables.reportDays]
      .sort(([left], [right]) => byBytes(left, right))
      .map(([, day]) => copy(day))
      .filter(({ day }) => day >= from && day <= to),
  putDay: async (day) => {
    tables.reportDays.set(`${day.day}#${day.journey}`, copy(day))
  },
  progress: async () => copy(tables.reportProgress),
  putProgress: async (progress) => {
    tables.reportProgress = copy(progress)
  },
})
