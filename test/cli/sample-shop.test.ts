/** Where the sample shop stands in for a shop, and where it does not. */
import { describe, expect, it } from 'vitest'
import type { Stage } from '#cli/stage/connect'
import { buildDraft } from '#cli/stage/draft'
import { sellHere } from '#cli/stage/sample-shop'

const here = { isLocal: true, apiUrl: 'http://127.0.0.1:4400' } as Stage
const draftOf = async (url?: string) => {
  const { draft } = await buildDraft('templates')
  if (draft === undefined) throw new Error('the templates have errors')
  if (url !== undefined) draft.settings.shop.url = url
  return draft
}

describe('the sample shop', () => {
  it('stands in for an example on this machine', async () => {
    const draft = await draftOf()
    sellHere(draft, here)

    expect(draft.settings.shop).toMatchObject({
      url: 'http://127.0.0.1:4400/shop',
      cartUrl: 'http://127.0.0.1:4400/shop/cart',
      restoreUrl: 'http://127.0.0.1:4400/shop/cart?items={items}',
    })
  })

  it.each([
    ['a real shop', 'https://shop.meadowandloom.com', here],
    ['a deployed stage', undefined, { ...here, isLocal: false }],
  ])('leaves %s as it is', async (_, url, stage) => {
    const draft = await draftOf(url)
    const before = JSON.stringify(draft)
    sellHere(draft, stage)

    expect(JSON.stringify(draft)).toBe(before)
  })
})
