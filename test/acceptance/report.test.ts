/**
 * What the report says, lived through on the booted stack: mails clicked by people bring revenue, scanners bring
 * none, refunds take it back, and what did not go out says why.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { type Shopper, shopper } from './shopper.ts'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2026-06-01T09:00:00.000Z' })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
})

interface Report {
  total: { sent: number; clicked: number; orders: number; revenueMinor: Record<string, number> }
  journeys: {
    journey: string
    total: Report['total']
    lines: { step: string; figures: Report['total'] & { skipped: Record<string, number> } }[]
  }[]
  shop: {
    cartAbandonment: number | null
    cartsBegun: number
    cartsReminded: number
    cartsRecovered: number
    nps: { answers: number; value: number; interval?: unknown } | null
  }
}

async function read(...flags: string[]): Promise<Report> {
  const { code, stdout } = await homeward.command('report', '--json', ...flags)
  expect(code).toBe(0)
  return JSON.parse(stdout) as Report
}

const cartOf = async () => {
  const report = await read('--journey', 'abandoned-cart')
  return report.journeys[0]?.total ?? { sent: 0, clicked: 0, orders: 0, revenueMinor: {} }
}

/** The link of her newest mail to the shop, as a path of ours. */
async function linkOf(her: Shopper): Promise<string> {
  const head = (await homeward.inbox(her.email)).findLast(({ step }) => step === 'reminder')
  const { html } = await homeward.mail(head?.id ?? '')
  return new URL(/href="([^"]+\/c\/[\w-]+)"/.exec(html)?.[1] ?? '').pathname
}

const phone = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/605.1' }

async function reminded(): Promise<Shopper> {
  const her = await shopper(homeward)
  await her.fillsCart()
  await homeward.advance('61m')
  return her
}

it('of an empty shop says so, and what to do', async () => {
  const { code, stdout } = await homeward.command('report')

  expect(code).toBe(0)
  expect(stdout).toContain('Nothing was planned in these days.')
  expect(stdout.match(/→/g)).toHaveLength(1)
  expect((await read()).shop).toMatchObject({ cartAbandonment: null, nps: null })
})

it("a human click, then an order: the mail's revenue, and the cart's recovery", async () => {
  const rina = await reminded()
  await homeward.get(await linkOf(rina), phone)
  await homeward.advance('2h')
  await rina.orders('o-human')
  await homeward.advance('25h')

  expect(await cartOf()).toMatchObject({ sent: 1, clicked: 1, orders: 1, revenueMinor: { EUR: 4950 } })
  expect((await read()).shop).toMatchObject({
    cartsBegun: 1,
    cartsReminded: 1,
    cartsRecovered: 1,
    cartAbandonment: 0,
  })
})

it('a scanner that follows the link right after delivery brings nothing', async () => {
  const before = await cartOf()
  const mia = await reminded()
  await homeward.get(await linkOf(mia), { 'user-agent': 'Barracuda Sentinel' })
  await homeward.advance('2h')
  await mia.orders('o-scanner')
  await homeward.advance('10m')

  const after = await cartOf()
  expect(after.sent).toBe(before.sent + 1)
  expect(after).toMatchObject({
    clicked: before.clicked,
    orders: before.orders,
    revenueMinor: before.revenueMinor,
  })
})

it('a refund takes its revenue back', async () => {
  const ana = await reminded()
  await homeward.get(await linkOf(ana), phone)
  await homeward.advance('1h')
  await ana.orders('o-refund')
  await homeward.advance('1m')
  const before = await cartOf()

  await ana.track('Order Refunded', { order_id: 'o-refund', total: 20, currency: 'EUR' })
  await homeward.advance('1m')

  const after = await cartOf()
  expect(after.revenueMinor.EUR).toBe((before.revenueMinor.EUR ?? 0) - 2000)
  expect(after.orders).toBe(before.orders)
})

it('an order six days after the click is nobody’s', async () => {
  const eva = await reminded()
  await homeward.get(await linkOf(eva), phone)
  const before = await cartOf()
  await homeward.advance('145h')
  await eva.orders('o-late')
  await homeward.advance('1m')

  expect((await cartOf()).orders).toBe(before.orders)
})

it('what did not go out says why, in words', async () => {
  const lea = await shopper(homeward, {}, { consent: false })
  await lea.fillsCart()
  await homeward.advance('61m')

  const { stdout } = await homeward.command('report', '--journey', 'abandoned-cart')
  const report = await read('--journey', 'abandoned-cart')

  expect(stdout).toContain('skipped: no consent to its topic is recorded')
  const { lines } = report.journeys[0] ?? { lines: [] }
  expect(lines.find(({ step }) => step === 'reminder')?.figures.skipped['no-consent']).toBeGreaterThan(0)
})

it('days that closed equal their recount, and the table is one a spreadsheet may open', async () => {
  await homeward.advance('480h')

  const recount = await homeward.command('report', '--recount', '--days', '60')
  const csv = await homeward.command('report', '--csv', '--days', '60')

  expect(recount.stderr).toContain('equals its recount')
  expect(recount.code).toBe(0)
  expect(csv.stdout).toMatch(/^day,journey,step,variant,planned/)
  expect(csv.stdout).toMatch(/2026-06-01,abandoned-cart,reminder,,1,0,1,/)
})
