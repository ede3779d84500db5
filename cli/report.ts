/**
 * `npm run report`: what the mails did and earned, drawn in the terminal, as JSON or as CSV. Days that are closed
 * are shown as they were stored, open ones are counted from the rows as it runs. `flow/report.ts` counts.
 */
import { connect, type Stage } from '#cli/stage/connect'
import { whereFlags, whereOf } from '#cli/stage/where'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { explained, type Look, reportText } from '#cli/terminal/report-text'
import { count, paintFor, print, say } from '#cli/terminal/style'
import { limits } from '#core/limits'
import type { Release } from '#core/release'
import { type Day, dayOf, dayPlus, type ReportDay } from '#core/report/day'
import { type ShopFigures, shareOf } from '#core/report/shop'
import { type Summary, summaryOf } from '#core/report/summary'
import { ces, nps } from '#core/report/survey'
import { csvOf } from '#core/report/table'
import { placedSteps } from '#core/step-walk'
import { cureFor } from '#core/suggest'
import type { Reports } from '#flow/port'
import { type ReportPorts, reportDays, shopFigures } from '#flow/report'

const usage: Usage = {
  command: 'npm run report',
  about: 'Shows what the mails did and earned: by journey and step, and the shop as a whole.',
  flags: {
    ...whereFlags,
    journey: { value: 'J', about: 'only this journey' },
    days: { value: 'N', about: 'the last N days, today included (30)' },
    explain: { about: 'say what each figure means, and whose definition it is' },
    recount: { about: 'count closed days from the rows too, and say whether what is stored is equal' },
    json: { about: 'print one JSON object: the days as they are counted, sums, the shop' },
    csv: { about: 'print a table for spreadsheets: a row a day, journey, step and variant' },
  },
  examples: ['npm run report -- --days 7', 'npm run report -- --journey abandoned-cart --csv > cart.csv'],
}

function spanOf(given: Arguments, today: Day): { from: Day; to: Day } {
  const text = given.value.days ?? '30'
  const days = Number(text)
  if (!/^\d{1,3}$/.test(text) || days < 1 || days > limits.reportDays)
    throw new UsageError(`--days is "${text}"; write a number from 1 to ${limits.reportDays}.`)
  return { from: dayPlus(today, 1 - days), to: today }
}

async function liveRelease({ ports }: Stage): Promise<Release | undefined> {
  const live = await ports.workspace.live()
  return live && (await ports.workspace.release(live.release))
}

/** The same rows; how many were read so far is told on a terminal, because an open fortnight has many. */
function telling(reports: Reports): Reports {
  let seen = 0
  const tell = (rows: number) => {
    seen += rows
    process.stderr.write(`\r${count(seen, 'row')} looked at …`)
  }
  return {
    ...reports,
    planned: async (of, after) => {
      const page = await reports.planned(of, after)
      tell(page.messages.length)
      return page
    },
    states: async (after) => {
      const page = await reports.states(after)
      tell(page.states.length)
      return page
    },
  }
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  if (given.on.json && given.on.csv) throw new UsageError('Say --json or --csv, not both.')
  return reportOn(await connect(whereOf(given)), given)
}

/** The report of a stage, as it is asked for; answers the exit code. */
export async function reportOn(stage: Stage, given: Arguments): Promise<number> {
  const { isTTY } = process.stderr
  const reports = isTTY ? telling(stage.ports.reports) : stage.ports.reports
  const ports: ReportPorts = { ...stage.ports, reports, log: () => {} }
  const span = spanOf(given, dayOf(stage.ports.clock()))
  const { journey } = given.value
  const recount = given.on.recount === true
  const asked = { ...span, recount, ...(journey !== undefined && { journey }) }
  const { days, differs } = await reportDays(ports, asked)
  const release = await liveRelease(stage)
  const there = Object.keys(release?.journeys ?? {})
  const isUnknown = journey !== undefined && days.length === 0 && !there.includes(journey)
  const isDrawn = !isUnknown && given.on.csv !== true
  const shop = isDrawn ? await shopFigures(ports, stage.isLocal || recount) : undefined
  if (isTTY) say()
  if (isUnknown) {
    say(`There is no journey "${journey}", and none of its mails in these days; ${cureFor(journey, there)}`)
    return 1
  }
  if (shop === undefined) process.stdout.write(csvOf(days))
  else show(stage, given, { days, span, release, shop })
  return recount ? equal(differs, span) : 0
}

function show(
  stage: Stage,
  given: Arguments,
  of: { days: ReportDay[]; span: { from: Day; to: Day }; release: Release | undefined; shop: ShopFigures },
): void {
  const { days, span, release, shop } = of
  const journeyOf = (journey: string) =>
    Object.hasOwn(release?.journeys ?? {}, journey) ? release?.journeys[journey]?.journey : undefined
  const stepsOf = (journey: string) => placedSteps(journeyOf(journey)?.steps ?? []).map(({ name }) => name)
  const summary = summaryOf(days, { ...span, stepsOf })
  if (given.on.json) {
    print(JSON.stringify(jsonOf(stage.name, days, { summary, shop })))
    return
  }
  const look: Look = {
    paint: paintFor(process.stdout),
    width: Math.max(40, process.stdout.columns ?? 120),
    nameOf: (journey) => journeyOf(journey)?.name ?? journey,
  }
  print(reportText(summary, shop, look))
  if (given.on.explain) print(explained(look).join('\n'))
}

/** What `--json` prints; its fields are described in docs/report.md and only ever grow. */
function jsonOf(
  stack: string,
  days: readonly ReportDay[],
  { summary, shop }: { summary: Summary; shop: ShopFigures },
) {
  const { from, to, figures, journeys } = summary
  return {
    stack,
    from,
    to,
    days,
    total: figures,
    journeys: journeys.map(({ journey, figures: sum, lines }) => ({ journey, total: sum, lines })),
    shop: {
      ...shop,
      cartAbandonment: shareOf(shop.cartsBegun - shop.cartsOrdered, shop.cartsBegun) ?? null,
      repeatRate: shareOf(shop.repeatBuyers, shop.buyers) ?? null,
      nps: nps(figures.nps) ?? null,
      ces: ces(figures.ces) ?? null,
    },
  }
}

function equal(differs: readonly ReportDay[], { from, to }: { from: Day; to: Day }): number {
  if (differs.length === 0) {
    say(`Every stored day from ${from} to ${to} equals its recount.`)
    return 0
  }
  say(
    `${count(differs.length, 'closed day')} no longer equal a recount: orders were refunded late, or people erased. ` +
      `First: ${differs[0]?.day} of ${differs[0]?.journey}. The recount is what is shown; what is stored stays.`,
  )
  return 1
}
