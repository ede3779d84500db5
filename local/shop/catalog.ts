/**
 * What the sample shop sells, as its pages read it too (`local/page/catalog.json`): prices in both currencies,
 * names in both languages, and the words of the consent checkbox. The shop's server trusts this file, never a
 * price that a browser sent.
 */
import { readFileSync } from 'node:fs'

export type Currency = 'EUR' | 'BDT'
export type Words = { en: string; bn: string }
export type Product = {
  id: string
  category: string
  price: Record<Currency, number>
  name: Words
  about: Words
}

type Catalog = {
  shop: Words
  categories: { id: string; name: Words }[]
  /** What stands beside the checkbox, and is kept as the proof of consent. */
  consent: Words
  products: Product[]
}

export const catalog = JSON.parse(
  readFileSync(new URL('../page/catalog.json', import.meta.url), 'utf8'),
) as Catalog

const byId = new Map(catalog.products.map((product) => [product.id, product]))

export const productOf = (id: string): Product | undefined => byId.get(id)

/** A product as the Segment e-commerce spec writes one; `url` is where the shop runs. */
export function specOf(product: Product, of: { currency: Currency; quantity: number; url: string }) {
  const { currency, quantity, url } = of
  const category = catalog.categories.find(({ id }) => id === product.category)?.name.en ?? product.category
  return {
    product_id: product.id,
    sku: product.id.toUpperCase(),
    name: product.name.en,
    category,
    brand: catalog.shop.en,
    price: product.price[currency],
    quantity,
    url: `${url}/shop/p/${product.id}`,
    image_url: `${url}/pictures/${product.id}.svg`,
  }
}
