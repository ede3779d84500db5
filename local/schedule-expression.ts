/**
 * EventBridge Scheduler's expressions: `rate(5 minutes)`, `cron(0 3 * * ? *)` with a time zone, `at(…)`.
 * Pure: answers the next due instant after a given one. Rates are aligned to whole units since the epoch, so that
 * a restart does not shift them.
 */

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const unitMs: Record<string, number> = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS }
const SEARCH_DAYS = 366 * 5

/** Given an instant, the next one after it; undefined when there is none any more. */
export type Recurrence = (afterMs: number) => number | undefined

/** Parses an expression. Throws what/where/cure when it is none that AWS would take. */
export function parseSchedule(expression: string, timeZone = 'UTC'): Recurrence {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression)
  if (rate !== null) {
    const everyMs = Number(rate[1]) * (unitMs[rate[2] ?? ''] ?? 0)
    if (everyMs > 0) return (afterMs) => (Math.floor(afterMs / everyMs) + 1) * everyMs
  }
  const once = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)
  if (once?.[1] !== undefined) {
    const instant = toInstant(Date.parse(`${once[1]}Z`), timeZone)
    return (afterMs) => (instant > afterMs ? instant : undefined)
  }
  const cron = /^cron\(([^)]+)\)$/.exec(expression)
  if (cron?.[1] !== undefined) return cronRecurrence(cron[1], timeZone)
  throw new Error(
    `A schedule of the stack has an expression AWS would refuse: ${expression}. Correct it in infra/.`,
  )
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

function cronRecurrence(text: string, timeZone: string): Recurrence {
  const [minute, hour, day, month, weekday, year] = text.trim().split(/\s+/)
  if (
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined
  ) {
    throw new Error(`A cron expression needs six fields (minute hour day month weekday year): ${text}`)
  }
  const minutes = fieldValues(minute, { from: 0, to: 59 })
  const hours = fieldValues(hour, { from: 0, to: 23 })
  const isDay = fieldTest(day, { from: 1, to: 31 })
  const isMonth = fieldTest(month, { from: 1, to: 12, names: months })
  const isWeekday = fieldTest(weekday, { from: 1, to: 7, names: weekdays })
  const isYear = fieldTest(year ?? '*', { from: 1970, to: 2199 })
  return (afterMs) => {
    const firstDay = Math.floor(toWall(afterMs, timeZone) / DAY_MS)
    for (let offset = 0; offset < SEARCH_DAYS; offset++) {
      const date = new Date((firstDay + offset) * DAY_MS)
      const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
      const dayHolds = day === 'L' ? date.getUTCDate() === lastOfMonth : isDay(date.getUTCDate())
      if (!dayHolds || !isMonth(date.getUTCMonth() + 1)) continue
      if (!isWeekday(date.getUTCDay() + 1) || !isYear(date.getUTCFullYear())) continue
      const found = firstOfDay(date.getTime(), { hours, minutes, timeZone, afterMs })
      if (found !== undefined) return found
    }
    return undefined
  }
}

function firstOfDay(
  dayMs: number,
  times: { hours: number[]; minutes: number[]; timeZone: string; afterMs: number },
): number | undefined {
  for (const hour of times.hours) {
    for (const minute of times.minutes) {
      const instant = toInstant(dayMs + hour * 60 * MINUTE_MS + minute * MINUTE_MS, times.timeZone)
      if (instant > times.afterMs) return instant
    }
  }
  return undefined
}

type Range = { from: number; to: number; names?: string[] }

function fieldTest(field: string, range: Range): (value: number) => boolean {
  if (field === '*' || field === '?') return () => true
  if (field === 'L') return () => true
  const values = new Set(fieldValues(field, range))
  return (value) => values.has(value)
}

function fieldValues(field: string, range: Range): number[] {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [span, step] = part.split('/')
    const [low, high] = spanOf(span ?? '*', step !== undefined, range)
    if (Number.isNaN(low) || Number.isNaN(high)) throw new Error(`A cron field cannot be read: ${field}`)
    for (let value = low; value <= high; value += Number(step ?? 1)) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

function spanOf(span: string, stepped: boolean, range: Range): [number, number] {
  if (span === '*' || span === '?') return [range.from, range.to]
  const [low, high] = span.split('-')
  const from = numberOf(low ?? '', range)
  if (high !== undefined) return [from, numberOf(high, range)]
  return [from, stepped ? range.to : from]
}

function numberOf(text: string, range: Range): number {
  const named = range.names?.indexOf(text.toUpperCase()) ?? -1
  return named >= 0 ? named + range.from : Number.parseInt(text, 10)
}

/** Wall-clock time in the zone, as if it were UTC. */
function toWall(instantMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return instantMs
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instantMs)
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '00'
  return Date.parse(
    `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}Z`,
  )
}

/** The instant at which the zone's clock shows this wall time; a skipped time comes out after the gap. */
function toInstant(wallMs: number, timeZone: string): number {
  const guess = wallMs - (toWall(wallMs, timeZone) - wallMs)
  return guess + (wallMs - toWall(guess, timeZone))
}
