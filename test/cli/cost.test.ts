/**
 * What Homeward costs: sums that can be checked by hand, a table in the docs that is the one the command makes, and
 * counts of alarms, counts and secrets that are those of the synthesized stack. After a change of prices or
 * units, `UPDATE_DOCS=1 npx vitest run test/cli/cost` writes the table in the docs anew.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readPrices, run, sizes } from '#cli/cost'
import { type Bill, billOf, costMarkdown, costText, sizeName } from '#cli/terminal/cost-text'
import { bottlenecksOf, ends } from '#core/cost/bottleneck'
import { costOf, type PriceList, services } from '#core/cost/prices'
import { counted, habits, standing, usageOf } from '#core/cost/usage'
import { limits } from '#core/limits'
import { expectMade } from '#test/fixture/made-part'

const root = resolve(import.meta.dirname, '../..')
const page = resolve(root, 'docs/operating.md')
let list: PriceList

beforeAll(async () => {
  list = await readPrices(resolve(root, 'docs/prices.json'))
})

const bill = (customers: number, set: Partial<typeof habits> = {}): Bill =>
  billOf(customers, { habits: { ...habits, ...set }, list })

describe('a price', () => {
  const price = {
    unit: 'call',
    per: 1000,
    free: 500,
    page: 'a page',
    tiers: [{ upTo: 2000, price: 2 }, { price: 1 }],
  }

  it.each([
    [0, 0],
    [500, 0],
    [1500, 2],
    [2500, 4],
    [4500, 6],
  ])('of %d units is %d', (quantity, dollars) => {
    expect(costOf(quantity, price)).toBeCloseTo(dollars, 10)
  })

  it('stands in the list for every service, with its page', () => {
    for (const service of services) expect(list.prices[service].page).toMatch(/^(Amazon|AWS) /)
    expect(list.region).toContain('us-east-1')
  })

  it('that is missing makes the list refused, and says which', async () => {
    const given = run(['--prices', resolve(root, 'package.json')])

    await expect(given).rejects.toThrow(/prices/)
    await expect(run(['--prices', '/nowhere.json'])).rejects.toThrow(/docs\/prices\.json/)
  })
})

describe('a bill', () => {
  it('of nothing but mails is theirs, by hand', () => {
    const none = { visitorEvents: 0, customerEvents: 0, carts: 0, orders: 0, clicked: 0 }

    const { lines } = bill(1_000_000, { ...none, mails: 1 })

    expect(lines['SES: mails']).toBeCloseTo(100, 6)
    expect(lines['DynamoDB: writes']).toBeCloseTo(counted.mail.writes * 0.625, 6)
  })

  it('is the sum of its lines, and uses every service that has a price', () => {
    const { lines, total } = bill(100_000)

    expect(total).toBeCloseTo(
      Object.values(lines).reduce((sum, one) => sum + one, 0),
      6,
    )
    const priced = services.reduce(
      (sum, service) => sum + costOf(usageOf(100_000)[service], list.prices[service]),
      0,
    )
    expect(total).toBeCloseTo(priced, 6)
  })

  it('of nobody is what stands there anyway: between two and four dollars', () => {
    const { total } = bill(1, { visitorEvents: 0, customerEvents: 0, carts: 0, orders: 0, mails: 0 })

    expect(total).toBeGreaterThan(2)
    expect(total).toBeLessThan(4)
  })

  it('grows with customers, mails and events', () => {
    const { total } = bill(100_000)

    for (const more of [bill(200_000), bill(100_000, { mails: 4 }), bill(100_000, { customerEvents: 20 })])
      expect(more.total).toBeGreaterThan(total)
  })
})

describe('what gives way first', () => {
  it('is at the front, and says what to turn', () => {
    for (const size of sizes) {
      const used = bottlenecksOf(size).map(({ needs, has }) => needs / has)

      expect(used).toEqual(used.toSorted((one, other) => other - one))
      for (const { turn } of bottlenecksOf(size)) expect(turn.length).toBeGreaterThan(20)
    }
  })

  it('knows the limits that the code has', () => {
    const wake = bottlenecksOf(1_000).find(({ name }) => name.startsWith('wake'))

    expect(wake?.has).toBe(limits.wakeCustomers)
  })

  it('is not the database where nobody is mailed', () => {
    const [first] = bottlenecksOf(100_000_000, { ...habits, mails: 0, orders: 0, sameDate: 0 })

    expect(first?.name).not.toContain('SES')
    expect((first?.needs ?? 0) / (first?.has ?? 1)).toBeGreaterThan(1)
  })
})

describe('the infra it rests on', () => {
  const read = async (file: string) => readFile(resolve(root, file), 'utf8')

  it('throttles the door and fans the queues out as the reckoning says', async () => {
    const stages = JSON.parse(await read('cdk.json')).context.stages

    expect(stages.prod.maxConcurrency).toBe(ends.maxConcurrency)
    expect(stages.prod.dueShards).toBe(standing.shards)
    expect(await read('infra/api.ts')).toContain(`throttle: { rateLimit: ${ends.apiPerSecond},`)
    expect(await read('infra/table-stream.ts')).toContain('parallelizationFactor: 1')
  })
})

describe('the docs', () => {
  it('hold the table that the command makes', () => {
    const bills = sizes.map((size) => bill(size))
    return expectMade('operating.md', 'cost', costMarkdown(bills, { habits, list }))
  })

  it('say the counted units, and what they cost', async () => {
    const text = await readFile(page, 'utf8')

    for (const { writes, reads } of Object.values(counted)) {
      const dollars = (writes * 0.625 + reads * 0.125).toFixed(2)
      expect(text).toMatch(new RegExp(`\\|\\s+(≤ )?${writes} \\|\\s+(≤ )?${reads} \\| \\$${dollars}`))
    }
  })
})

it('in the terminal every size has its column and its bottleneck', () => {
  const bills = sizes.map((size) => bill(size))

  const text = costText(bills, { width: 110, paint: (_, words) => words }).join('\n')

  for (const size of sizes) expect(text).toContain(`What gives way first at ${sizeName(size)} customers`)
  expect(sizes.map(sizeName)).toEqual(['1k', '100k', '10M', '100M'])
})

it.each([
  [['--customers', '0'], /whole number/],
  [['--customers', '1.5'], /whole number/],
  [['--mails', 'many'], /--mails is "many"/],
])('refuses %j', async (argv, why) => {
  await expect(run(argv)).rejects.toThrow(why)
})
