/** Sample customers: each shows what she is there for, in a view that is as good as a real one. */
import { describe, expect, it } from 'vitest'
import { sampleViews } from '#core/sample'
import { samplePeople } from '#core/sample/people'
import { View } from '#core/view'
import { abandonedCart, aJourney, aSettings, at } from '#test/fixture/builder'

const settings = aSettings({ gifts: { 'abandoned-cart': { code: 'X', percent: 5 } } })
const journey = (enter: string) => aJourney('some', `{ enter: ${enter}, steps: [{ send: one }] }`)
const viewsOf = (of = abandonedCart) =>
  Object.fromEntries(sampleViews(of, settings, at('09:00')).map((one) => [one.slug, one]))

describe('the sample customers', () => {
  it('are told apart by their slugs, and each is seen', () => {
    const slugs = samplePeople.map(({ slug }) => slug)

    expect(new Set(slugs).size).toBe(slugs.length)
    expect(Object.keys(viewsOf())).toEqual(slugs)
  })

  it('are seen in views as the schema has them, the same each time', () => {
    const views = Object.values(viewsOf()).map(({ view }) => view)

    for (const view of views) expect(View.strict().parse(view)).toEqual(view)
    expect(Object.values(viewsOf()).map(({ view }) => view)).toEqual(views)
  })

  it('show what they are there for', () => {
    const views = viewsOf()
    const customer = (slug: string) => views[slug]?.view.customer

    expect(customer('no-name')).not.toHaveProperty('firstName')
    expect(customer('long-name')?.firstName).toHaveLength(60)
    expect(customer('markup-name')?.firstName).toBe(`<b>"O'Brien"</b>`)
    expect(customer('bengali')).toMatchObject({ locale: 'bn-BD', timeZone: 'Asia/Dhaka' })
    expect(views.bengali?.view.cart).toMatchObject({ currency: 'BDT', total: 2_088_000 })
    expect(views.arabic?.locale).toBe('ar-EG')
    expect(views['empty-cart']?.view).not.toHaveProperty('cart')
    expect(views['many-items']?.view.cart?.items).toHaveLength(25)
    expect(views['many-items']?.view.products?.length).toBeGreaterThan(2)
  })

  it('have everything a mail may show of a regular', () => {
    const view = viewsOf().regular?.view

    expect(view).toMatchObject({
      customer: { firstName: 'Mia', orderCount: 2, years: 2, birthday: '2026-03-02' },
      survey: { score: 4 },
      offer: { code: 'X' },
      event: { name: 'Cart Updated' },
    })
    expect(view?.recent?.[0]).toMatchObject({
      video: 'https://shop.example/products/dusk-lamp#film',
      rating: 4.4,
    })
    expect(view?.products?.map(({ comparePrice }) => comparePrice)).toContain(14_900)
  })

  it.each([
    ['{ on: Order Completed, key: order.id }', { order: { id: 'ML-10042', count: 4 } }],
    ['{ on: Product Viewed }', { product: { id: 'dusk-lamp' } }],
    ['{ on: Consent Requested }', { links: { confirm: expect.stringContaining('/y/') } }],
    ['{ on: Order Delivered }', { event: { properties: { order_id: 'ML-10042' } } }],
    ['{ on: Of The Shop }', { event: { name: 'Of The Shop' } }],
    ['{ points: 100 }', { loyalty: { points: 654, reached: 600 } }],
  ])('entered a journey by %s as it begins', (enter, expected) => {
    expect(viewsOf(journey(enter)).regular?.view).toMatchObject(expected)
  })
})
