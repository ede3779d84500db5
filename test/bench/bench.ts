/**
 * `npm run bench [-- --json]`: what the house costs and how fast it is, as counts and ratios. Boots the local
 * runtime once; takes a minute or two. Counts are asserted by tests, times are only shown.
 */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { steps } from '#adapters/shape'
import { bundle } from '#infra/bundle'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { proofs } from '#test/proofs/proofs'
import { benchEngine } from './engine.ts'
import { benchRender } from './render.ts'
import { countUnits, reach as unitReach } from './units.ts'

const root = resolve(import.meta.dirname, '../..')
const most: Record<string, number> = {
  ...unitReach,
  'decide.vsJsonParse': 10,
  'state.bytes': 4096,
  'bundle.deliver.kb': 700,
  'bundle.decide.kb': 700,
  'render.vsLiteral': 1.5,
  'render.coldKb': 40,
  'kill.lost': 0,
  'kill.twice': 0,
  'fuzz.5xx': 0,
}
const least: Record<string, number> = {
  'render.vsNaive': 80,
  'render.vsLiquid': 80,
  'render.vsHandlebars': 1.5,
}

const help = `Measures what Homeward costs and how fast it is here.

Usage: npm run bench -- [--json] [--proofs]

  --json    print one JSON object, key by key
  --proofs  the figures of every proof too, at quick sizes: another quarter of an hour
  --help    show this
`

const say = (text: string) => process.stderr.write(`${text}\n`)

async function bundles(): Promise<Record<string, number>> {
  await bundle()
  return Object.fromEntries(
    steps.map((step) => [
      `bundle.${step}.kb`,
      Math.round(statSync(join(root, 'dist', step, 'index.mjs')).size / 1024),
    ]),
  )
}

const cart = (number: number) => ({
  type: 'track',
  userId: `traveller-${number}`,
  messageId: `travel-cart-${number}`,
  event: 'Cart Updated',
  properties: {
    cart_id: `c${number}`,
    currency: 'EUR',
    products: [{ product_id: 'p', name: 'Quilt', price: 129, quantity: 1 }],
  },
})

const travelHours = 72

const batches = <T>(list: readonly T[], size: number) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )

async function send(homeward: Homeward, events: readonly unknown[]): Promise<void> {
  for (const batch of batches(events, 100)) await homeward.say('batch', { batch })
}

/** 1,000 carts over 72 virtual hours; events from HTTP to decided. */
async function travel(homeward: Homeward): Promise<Record<string, number>> {
  const people = Array.from({ length: 1000 }, (_, number) => number)
  await send(
    homeward,
    people.map((number) => ({
      type: 'identify',
      userId: `traveller-${number}`,
      messageId: `travel-who-${number}`,
      traits: { email: `traveller-${number}@shoppers.example`, timezone: 'UTC' },
    })),
  )
  await send(
    homeward,
    people.map((number) => ({
      type: 'track',
      userId: `traveller-${number}`,
      messageId: `travel-yes-${number}`,
      event: 'Consent Given',
    })),
  )
  await homeward.advance('1s')
  const started = performance.now()
  await send(homeward, people.map(cart))
  await homeward.advance('1s')
  const decidedMs = performance.now() - started
  const travelled = performance.now()
  let sent = 0
  for (let hour = 1; hour <= travelHours; hour += 1) {
    sent += (await homeward.advance('1h')).sent
    if (hour % 12 === 0) say(`  ${hour} of ${travelHours} virtual hours, ${sent} mails`)
  }
  return {
    'pipeline.perS': Math.round(1000 / (decidedMs / 1000)),
    'travel.72h.s': Math.round((performance.now() - travelled) / 100) / 10,
  }
}

async function measure(): Promise<Record<string, number>> {
  say('engine …')
  const engine = benchEngine()
  say('rendering …')
  const rendering = await benchRender(say)
  say('bundles …')
  const sizes = await bundles()
  say('the whole way …')
  const homeward = await startHomeward({ at: '2026-03-02T09:00:00.000Z' })
  try {
    return { ...(await countUnits(homeward)), ...engine, ...rendering, ...sizes, ...(await travel(homeward)) }
  } finally {
    await homeward.stop()
  }
}

/** How a figure stands to what is wanted of it. */
function markOf(key: string, value: number): string {
  const [high, low] = [most[key], least[key]]
  if (high !== undefined)
    return value > high ? styleText('red', `> ${high}`) : styleText('green', `≤ ${high}`)
  if (low === undefined) return ''
  return value < low ? styleText('red', `< ${low}`) : styleText('green', `≥ ${low}`)
}

function print(figures: Record<string, number>): void {
  for (const [key, value] of Object.entries(figures)) {
    const mark = markOf(key, value)
    console.log(`${key.padEnd(24)}${String(Math.round(value * 100) / 100).padStart(10)}  ${mark}`)
  }
}

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, proofs: { type: 'boolean' }, help: { type: 'boolean' } },
})
if (values.help === true) console.log(help)
else {
  const proven = values.proofs === true ? (await proofs.run({ quick: 'true' }, say)).figures : {}
  const figures = { ...(await measure()), ...proven }
  if (values.json === true) console.log(JSON.stringify(figures))
  else print(figures)
}
