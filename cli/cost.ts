/**
 * `npm run cost`: what a month costs at AWS, by service, and what gives way first, for a shop of some size. Reckoned
 * from counted units, assumptions that can be given, and a list of prices (`docs/prices.json`); asks nobody.
 */
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { billOf, costMarkdown, costText } from '#cli/terminal/cost-text'
import { paintFor, print, say } from '#cli/terminal/style'
import { PriceList } from '#core/cost/prices'
import { type Habits, habits } from '#core/cost/usage'

/** The sizes that are shown when none is asked for, and stand in the docs. */
export const sizes = [1_000, 100_000, 10_000_000, 100_000_000]
const most = 1_000_000_000

const usage: Usage = {
  command: 'npm run cost',
  about:
    'Reckons what a month costs at AWS, by service, and what gives way first. Asks nobody, changes nothing.',
  flags: {
    customers: { value: 'N', about: 'customers who can be written to (1,000, 100,000, 10 and 100 million)' },
    visits: { value: 'N', about: `page views a month before she is known (${habits.visitorEvents})` },
    events: { value: 'N', about: `page views a month as a customer (${habits.customerEvents})` },
    mails: { value: 'N', about: `mails of journeys a month (${habits.mails})` },
    orders: { value: 'N', about: `orders a month, each thanked (${habits.orders})` },
    peak: { value: 'N', about: `the busiest second against the mean (${habits.peak})` },
    prices: { value: 'FILE', about: 'a list of prices of your own, like docs/prices.json' },
    json: { about: 'print one JSON object: bills, and what gives way' },
    markdown: { about: 'print the tables as Markdown, as docs/operating.md has them' },
  },
  examples: ['npm run cost', 'npm run cost -- --customers 250000 --mails 4'],
}

function numberOf(given: Arguments, flag: string, otherwise: number): number {
  const text = given.value[flag]
  if (text === undefined) return otherwise
  const value = Number(text)
  if (/^\d{1,10}(\.\d{1,6})?$/.test(text) && value <= most) return value
  throw new UsageError(
    `--${flag} is "${text}"; write a number from 0 to ${most.toLocaleString('en')}, like 2.5.`,
  )
}

const habitsOf = (given: Arguments): Habits => ({
  ...habits,
  visitorEvents: numberOf(given, 'visits', habits.visitorEvents),
  customerEvents: numberOf(given, 'events', habits.customerEvents),
  mails: numberOf(given, 'mails', habits.mails),
  orders: numberOf(given, 'orders', habits.orders),
  peak: numberOf(given, 'peak', habits.peak),
})

/** The list of prices in a file. Fails with what is wrong with it. */
export async function readPrices(file: string | URL): Promise<PriceList> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`The list of prices ${file} cannot be read; name a file like docs/prices.json.`)
  })
  try {
    return PriceList.parse(JSON.parse(text))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UsageError(`The list of prices ${file} cannot be used:\n${why}`)
  }
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const customers = given.value.customers === undefined ? sizes : [numberOf(given, 'customers', 0)]
  if (customers.some((size) => size < 1 || !Number.isInteger(size)))
    throw new UsageError('--customers is a whole number from 1 on.')
  const list = await readPrices(given.value.prices ?? new URL('../docs/prices.json', import.meta.url))
  const of = { habits: habitsOf(given), list }
  const bills = customers.map((size) => billOf(size, of))
  if (given.on.json) {
    const { region, writtenDown } = list
    print(JSON.stringify({ region, writtenDown, habits: of.habits, bills }))
  } else if (given.on.markdown) print(costMarkdown(bills, of))
  else {
    const shown = { width: process.stdout.columns ?? 110, paint: paintFor(process.stdout) }
    for (const line of costText(bills, shown)) print(line)
    say(`\nDollars a month, ${list.region}, prices as written down on ${list.writtenDown}. What it rests on:`)
    say('docs/operating.md, What it costs.')
  }
  return 0
}
