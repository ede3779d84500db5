/**
 * Open redirects: wherever we send a browser on, it ends at the shop. The corpus is tried as a stored link, as what
 * a stranger puts into her cart, as items of a cart, and as whatever somebody adds to a link of ours.
 */
import { describe, expect, it } from 'vitest'
import { factOf, safeUrl } from '#core/fact'
import { withoutForeign } from '#core/foreign'
import { restoreUrl } from '#core/restore'
import { newState } from '#core/state'
import { aSettings, track } from '#test/fixture/builder'
import { aMailed, customerId } from '#test/fixture/mailed'
import { redirects } from './redirects.ts'

const mailed = aMailed()
const shop = {
  name: 'Shop',
  url: 'https://shop.example/',
  cartUrl: 'https://shop.example/cart',
  restoreUrl: 'https://shop.example/cart?fill={items}&from=mail',
}
const settings = aSettings({ shop })

/** Judged by the parser of browsers, not by ours. */
const isShop = (location: string): boolean => {
  const url = new URL(location)
  const plain = url.username === '' && url.password === ''
  return url.protocol === 'https:' && url.host === 'shop.example' && plain && !/[\0-\x20\x7f]/.test(location)
}

const holdCart = (set: { url?: string; id?: string }) => {
  const at = '2026-11-24T11:00:00.000Z'
  const items = [{ id: set.id ?? 'mug', quantity: 1, currency: 'EUR' }]
  const snapshot = { id: 'c-1', currency: 'EUR', totalMinor: 1, items, at, ...(set.url && { url: set.url }) }
  const state = { ...newState(customerId, '2026-11-24T12:30:00.000Z'), cart: { snapshot, deltas: [] } }
  mailed.world.tables.customers.set(customerId, { state, version: 1, due: undefined })
}

it('the corpus has two hundred and more, each once', () => {
  expect(redirects.length).toBeGreaterThanOrEqual(200)
  expect(new Set(redirects).size).toBe(redirects.length)
})

describe('a link of a mail (/c)', () => {
  it('that was stored as none leads nowhere; whatever leads somewhere is the very URL of the mail', async () => {
    for (const stored of redirects) {
      mailed.row({ links: [stored] })
      const { statusCode, headers } = await mailed.ask('GET', `/c/${await mailed.token('click')}`)

      const { location } = headers
      expect(location, stored).toBe(safeUrl(stored))
      expect(statusCode).toBe(location === undefined ? 404 : 302)
      if (location !== undefined) expect(location).toMatch(/^https?:\/\/[!-~]+$/)
    }
  })

  it('leads where it led, whatever is added to it', async () => {
    const link = `/c/${await mailed.token('click')}`
    for (const more of redirects) {
      const value = encodeURIComponent(more)
      const query = ['url', 'next', 'to', 'redirect', 'u', 'r', 'returnUrl']
        .map((name) => `${name}=${value}`)
        .join('&')
      const { headers } = await mailed.ask('HEAD', `${link}?${query}`, {
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          referer: 'https://evil.example',
        },
      })

      expect(headers.location).toBe('https://shop.example/cart')
    }
  })

  it('of no token leads nowhere', async () => {
    for (const path of redirects.map((one) => `/c/${one}`.split('?')[0] ?? '')) {
      const { statusCode, headers } = await mailed.ask('GET', path)

      expect(headers.location, path).toBeUndefined()
      expect(statusCode).toBe(404)
    }
  })
})

describe('her cart (/s)', () => {
  it('opens at the shop whatever stands for a product in it', async () => {
    mailed.settings({ shop })
    const link = `/s/${await mailed.token('restore')}`
    for (const id of redirects) {
      holdCart({ id: id.slice(0, 256) })
      const { headers } = await mailed.ask('HEAD', link)

      expect(isShop(headers.location ?? ''), `${id} → ${headers.location}`).toBe(true)
    }
  })

  it('opens at the shop whatever a stranger’s browser said where it is', async () => {
    const { restoreUrl: _, ...plain } = shop
    mailed.settings({ shop: plain })
    const link = `/s/${await mailed.token('restore')}`
    for (const url of redirects) {
      const products = [{ product_id: 'mug', url, image_url: url }]
      const said = track('Cart Updated', { cart_id: 'c', url, products }, { source: 'browser' })
      const fact = factOf(withoutForeign(said, settings), 'EUR')
      const cart = fact.kind === 'cart' ? fact.cart : undefined
      holdCart(cart?.url === undefined ? {} : { url: cart.url })
      const { headers } = await mailed.ask('HEAD', link)

      expect(cart?.items).toHaveLength(1)
      for (const led of [headers.location, cart?.items[0]?.url, cart?.items[0]?.image].filter(
        (one) => one !== undefined,
      ))
        expect(isShop(led), `${url} → ${led}`).toBe(true)
    }
  })

  it('of a place that fills items into its path stays where the settings say', () => {
    for (const id of redirects) {
      const cart = { items: [{ id, quantity: 1, currency: 'EUR' }] }
      const url = restoreUrl({ ...shop, restoreUrl: 'https://shop.example/{items}' }, cart)

      expect(isShop(url), `${id} → ${url}`).toBe(true)
    }
  })
})

describe('other pages', () => {
  it.each(['u', 'o', 'p', 'v', 'a', 'y'])('/%s/ sends nobody on', async (kind) => {
    const purposes = {
      u: 'unsubscribe',
      o: 'open',
      p: 'preferences',
      v: 'online',
      a: 'survey',
      y: 'confirm',
    } as const
    const token = await mailed.token(purposes[kind as keyof typeof purposes])
    for (const more of redirects.slice(0, 60)) {
      const { headers } = await mailed.ask('GET', `/${kind}/${token}?next=${encodeURIComponent(more)}`)
      expect(headers.location).toBeUndefined()
      expect(headers.refresh).toBeUndefined()
    }
  })
})
