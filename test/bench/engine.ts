/**
 * The engine alone: folding and deciding one browse event against `JSON.parse` of that event and her state (the
 * least that any handler must do), and the size of a state after 500 events. A ratio within one run, because
 * absolute times wobble from machine to machine.
 */
import { deflateRawSync } from 'node:zlib'
import { decide } from '#core/decide'
import type { State } from '#core/state'
import { aState, at, inForce, track } from '#test/fixture/builder'

const product = (number: number) => ({
  product_id: `sku-${number % 40}`,
  name: `A product with a name of usual length, number ${number % 40}`,
  price: 10 + (number % 40),
  currency: 'EUR',
  category: ['home', 'garden', 'kitchen', 'wear', 'table'][number % 5],
  url: `https://shop.example/products/${number % 40}`,
  image_url: `https://shop.example/pictures/${number % 40}.jpg`,
})

const releases = inForce()

const browse = (number: number) => {
  const minutes = number * 7
  const time = `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const instant = at(time, Math.floor(minutes / 1440))
  const event = track('Product Viewed', product(number))
  return {
    ...event,
    messageId: `browse-${number}`,
    key: `-#browse-${number}`,
    occurredAt: instant,
    receivedAt: instant,
  }
}

function lived(events: number): State {
  let state = aState()
  for (let number = 0; number < events; number += 1) {
    state = decide(state, { kind: 'event', event: browse(number) }, releases).state
  }
  return state
}

/** Median of the times that `rounds` runs of `act` take, in ms. */
function median(rounds: number, act: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    act()
    return performance.now() - start
  })
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
}

/** Ratio and size, in one run. */
export function benchEngine(): { 'decide.vsJsonParse': number; 'state.bytes': number } {
  const state = lived(500)
  const text = JSON.stringify(state)
  const next = browse(501)
  const nextText = JSON.stringify(next)
  const repeat = 200
  const deciding = () => {
    for (let i = 0; i < repeat; i += 1) decide(state, { kind: 'event', event: next }, releases)
  }
  const parsing = () => {
    for (let i = 0; i < repeat; i += 1) {
      JSON.parse(text)
      JSON.parse(nextText)
    }
  }
  deciding()
  parsing()
  const ratios = Array.from({ length: 9 }, () => median(5, deciding) / median(5, parsing)).sort(
    (a, b) => a - b,
  )
  return { 'decide.vsJsonParse': ratios[4] ?? 0, 'state.bytes': deflateRawSync(text).length }
}
