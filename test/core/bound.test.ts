/** A state stays within a row, whatever is sent. */
import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bound } from '#core/bound'
import { cartOf } from '#core/cart'
import type { Event } from '#core/event'
import { limits } from '#core/limits'
import { plus } from '#core/time'
import { aLife, at, cartUpdated, identify, inForce, rina, track } from '#test/fixture/builder'

const noise = (bytes: number) => randomBytes(bytes).toString('base64url')

/** Events as large as the door lets through, of nothing that deflates. */
function flood(): Event[] {
  const line = (id: number) => ({
    product_id: `p${id}`,
    name: noise(1400),
    brand: noise(1400),
    category: noise(1400),
    variant: noise(1400),
    url: `https://shop.example/${noise(1400)}`,
    image_url: `https://shop.example/${noise(1400)}`,
    price: 1,
  })
  return Array.from({ length: 160 }, (_, index) =>
    track('Product Added', { ...line(index), cart_id: 'c1' }, { at: plus(at('09:00'), index * 1000) }),
  )
}

describe('a state', () => {
  it('of usual size is left as it is', () => {
    const { state } = aLife().hear(identify({ name: 'Rina', vip: true }), cartUpdated('c1'))

    expect(bound(state)).toBe(state)
  })

  it('fits a row after a flood, and still knows her cart, her runs and who she is', () => {
    const traits = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, noise(180)]))
    const life = aLife().hear(cartUpdated('c1'), identify({ name: 'Rina', ...traits }, { at: at('09:00') }))

    life.hear(...flood())

    const { state } = life
    expect(deflateRawSync(JSON.stringify(state)).length).toBeLessThan(350_000)
    expect(cartOf(state.cart)?.items.length).toBe(limits.cartItems)
    expect(state.runs).toMatchObject([{ journey: 'abandoned-cart', key: 'c1', waiting: { for: 'quiet' } }])
    expect(state.traits.name?.value).toBe('Rina')
    expect(state.customerId).toBe(rina)
  })

  it('explains itself in bounded words', () => {
    const life = aLife({ releases: inForce() }).hear(
      track('Cart Updated', { cart_id: 'c1', products: noise(9000) }),
    )

    expect(life.state.refused['abandoned-cart']?.explanation.length).toBeLessThan(500)
  })
})
