/**
 * What Homeward costs, as tables: for the terminal and, as Markdown, for `docs/operating.md`, which is held equal
 * to it by a test. The figures are `core/cost/`.
 */
import { type Bottleneck, bottlenecksOf } from '#core/cost/bottleneck'
import { costOf, type PriceList, type Service } from '#core/cost/prices'
import { type Habits, usageOf } from '#core/cost/usage'
import { type Column, table } from './chart.ts'
import type { Paint } from './style.ts'

/** A line of the bill: a name and the services it is the sum of. */
const lines: Record<string, readonly Service[]> = {
  'SES: mails': ['ses.mails'],
  'DynamoDB: writes': ['dynamodb.writes'],
  'DynamoDB: reads': ['dynamodb.reads'],
  'DynamoDB: storage and backup, after a year': ['dynamodb.storage', 'dynamodb.backup'],
  Lambda: ['lambda.requests', 'lambda.duration'],
  'SQS and SNS': ['sqs.requests', 'sns.requests'],
  'API: events and links': ['api.requests', 'api.transfer'],
  'CloudWatch: logs': ['cloudwatch.logs', 'cloudwatch.logStorage'],
  'CloudWatch: alarms, counts, dashboard': [
    'cloudwatch.alarms',
    'cloudwatch.metrics',
    'cloudwatch.dashboards',
  ],
  Scheduler: ['scheduler.runs'],
  'Secrets Manager': ['secrets.kept', 'secrets.calls'],
}

export interface Bill {
  customers: number
  /** Dollars a month, line by line, and together. */
  lines: Record<string, number>
  total: number
  /** What gives way first, at the front. */
  bottlenecks: Bottleneck[]
}

/** The bill of a month for so many customers. */
export function billOf(customers: number, of: { habits: Habits; list: PriceList }): Bill {
  const usage = usageOf(customers, of.habits)
  const dollars = (service: Service) => costOf(usage[service], of.list.prices[service])
  const sums = Object.entries(lines).map(
    ([name, services]) => [name, services.reduce((sum, service) => sum + dollars(service), 0)] as const,
  )
  const total = sums.reduce((sum, [, one]) => sum + one, 0)
  return {
    customers,
    lines: Object.fromEntries(sums),
    total,
    bottlenecks: bottlenecksOf(customers, of.habits),
  }
}

const money = (dollars: number): string =>
  dollars < 100
    ? `$${dollars.toFixed(2)}`
    : `$${Math.round(Number(dollars.toPrecision(3))).toLocaleString('en')}`

const about = (value: number): string =>
  (value < 10 ? Number(value.toPrecision(2)) : Math.round(Number(value.toPrecision(2)))).toLocaleString('en')

const share = ({ needs, has }: Bottleneck): string => {
  const part = needs / has
  return part >= 2 ? `${about(part)} ×` : `${about(100 * part)} %`
}

/** A number of customers as people say it. @example sizeName(100_000) // '100k' */
export const sizeName = (customers: number): string =>
  customers >= 1_000_000
    ? `${about(customers / 1_000_000)}M`
    : customers >= 1_000
      ? `${about(customers / 1_000)}k`
      : String(customers)

/** Beside the first: whatever else the busiest moment takes more of than there is. */
const givingWay = ({ bottlenecks }: Bill): Bottleneck[] =>
  bottlenecks.filter(({ needs, has }, index) => index === 0 || needs > has)

const costRows = (bills: readonly Bill[]): string[][] => [
  ...Object.keys(lines).map((name) => [name, ...bills.map((bill) => money(bill.lines[name] ?? 0))]),
  ['together', ...bills.map(({ total }) => money(total))],
  ['a customer, a year', ...bills.map(({ total, customers }) => money((12 * total) / customers))],
]

const needRow = (one: Bottleneck): string[] => [
  one.name,
  `${about(one.needs)} ${one.unit}`,
  about(one.has),
  share(one),
  one.turn,
]

/** The bills side by side, and under them what gives way at each size, for the terminal. */
export function costText(bills: readonly Bill[], shown: { width: number; paint: Paint }): string[] {
  const sizes: Column[] = bills.map(({ customers }) => ({ title: sizeName(customers), right: true }))
  const text = table([{ title: 'a month, customers' }, ...sizes], costRows(bills), shown)
  for (const bill of bills) {
    text.push('', shown.paint('bold', `What gives way first at ${sizeName(bill.customers)} customers`))
    for (const one of givingWay(bill))
      text.push(
        `  ${one.name}: ${about(one.needs)} of ${about(one.has)} ${one.unit} (${share(one)})`,
        `    → ${one.turn}`,
      )
  }
  return text
}

const markdownTable = (head: readonly string[], right: number, rows: readonly (readonly string[])[]) => {
  const rule = head.map((_, index) => (index >= right ? '--:' : '---'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

const habitWords = (of: Habits): string =>
  `${of.visitorEvents} page views before anybody is known, ${of.customerEvents} as a customer, ${of.carts} carts, ` +
  `${of.orders} orders each with a mail of thanks, ${of.mails} mails of journeys, ${100 * of.clicked} % of them clicked; ` +
  `the busiest second is ${of.peak} times the mean, the busiest day ${of.peakDay} times, and one date (a monthly ` +
  `statement) writes to ${100 * of.sameDate} % of all within four hours`

/** The same as Markdown, with what it rests on. */
export function costMarkdown(bills: readonly Bill[], of: { habits: Habits; list: PriceList }): string {
  const sizes = bills.map(({ customers }) => `${sizeName(customers)} customers`)
  const pages = [...new Set(Object.values(of.list.prices).map(({ page }) => page))].join('; ')
  const needs = bills.flatMap((bill) =>
    givingWay(bill).map((one, index) => [index === 0 ? sizeName(bill.customers) : '', ...needRow(one)]),
  )
  return [
    `A customer is somebody who can be written to. In a month each brings ${habitWords(of.habits)}.`,
    '',
    ...markdownTable(['a month', ...sizes], 1, costRows(bills)),
    '',
    'What gives way first, and whatever else the busiest moment takes more of than there is, in an account that was granted ' +
      'production and asked for nothing more:',
    '',
    ...markdownTable(
      ['customers', 'part', 'needs', 'has', 'used', 'turn'],
      6,
      needs.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))),
    ),
    '',
    `Prices of ${of.list.region}, written down on ${of.list.writtenDown} in [prices.json](prices.json), from these pages of AWS: ${pages}.`,
  ].join('\n')
}
