/**
 * A mail compiled once is the mail that Handlebars and then MJML would make for every customer: hand-written hard
 * ones and random ones. `npm run oracle -- --part mail` compares more of the random ones.
 */
import { describe, expect, it } from 'vitest'
import type { View } from '#core/view'
import { bothBodies, checkMail, compiledOf, sourceOf } from '#test/oracle/mail'
import { anItem, aView } from './build.ts'
import { hardMail, hardMails } from './hard-mails.ts'

const items = [
  anItem({ variant: '<b>' }),
  anItem({ id: 'p2', name: `কুশন "&' 😀`, quantity: 3, url: 'https://a.example/?a=1&b=2' }),
  anItem({ id: 'p3', name: '{{name}}', variant: 'x'.repeat(300) }),
]
const cart = { id: 'c', items, count: 5, total: 125_050, currency: 'BDT' }
const products = [anItem({ id: 'm', name: 'Mug' }), anItem({ id: 'v', name: 'Vase' })]
const event = { name: 'x', properties: { colour: '#abcdef' } }

/** With and without everything that the mails test for. */
const views: View[] = [
  aView({ customer: {}, cart: { ...cart, items: [], count: 0 }, event }),
  aView({ customer: { firstName: `<i>"O'Neil" & co` }, cart, products, offer: { code: 'TEN"' }, event }),
  aView({ cart: { ...cart, url: 'https://shop.example/cart?a=1&b=2' }, event }),
  aView({
    cart: { ...cart, items: items.slice(1), url: 'https://shop.example/' },
    offer: { code: '' },
    event,
  }),
]

describe('a hard mail is what Handlebars and then MJML would make', () => {
  it.each(hardMails)('%s', async (_, text) => {
    const source = sourceOf(text)
    const compiled = await compiledOf(source)

    for (const view of views) {
      const { ours, theirs } = await bothBodies(source, { compiled, view })
      expect(ours).toEqual(theirs)
    }
  })

  it('is another one when one letter of the data is', async () => {
    const source = sourceOf(
      hardMail('<mj-section><mj-column><mj-text>{{shop.name}}</mj-text></mj-column></mj-section>'),
    )
    const compiled = await compiledOf(source)
    const { ours } = await bothBodies(source, { compiled, view: aView() })

    const other = aView({ shop: { ...aView().shop, name: 'Nakshj' } })
    const { theirs } = await bothBodies(source, { compiled, view: other })

    expect(ours).not.toEqual(theirs)
  })
})

it('so are sixty random ones, for three customers each', { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 60; seed += 1) expect(await checkMail(seed, 3), `seed ${seed}`).toBeUndefined()
})
