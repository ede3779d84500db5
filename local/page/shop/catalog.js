/**
 * What there is, and how it is found: `search` forgives case, accents, word endings and a slip of the finger,
 * in both languages at once. `toProduct` says a product as the Segment e-commerce spec does.
 */
const state = { catalog: undefined }

/** Reads the catalog once; everything else here needs it. */
export async function readCatalog() {
  state.catalog = await (await fetch('/catalog.json')).json()
}

export const shopName = () => state.catalog.shop
export const consentWords = () => state.catalog.consent
export const products = () => state.catalog.products
export const categories = () => state.catalog.categories
export const byProductId = (id) => products().find((product) => product.id === id)
export const categoryOf = (id) => categories().find((category) => category.id === id)
export const pictureOf = (product) => `/pictures/${product.id}.svg`

/** Small letters without accents; Bengali vowel signs stay, they are no accents. */
const plain = (text) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()

const wordsIn = (text) => plain(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []

const indexOf = (product) => {
  const category = categoryOf(product.category)
  const names = [product.name.en, product.name.bn]
  const rest = [product.words, category.name.en, category.name.bn]
  return {
    names: names.flatMap(wordsIn),
    all: [...names, ...rest, product.about.en, product.about.bn].flatMap(wordsIn),
  }
}

/** How many letters differ, counted up to two. */
function slips(one, other) {
  if (Math.abs(one.length - other.length) > 2) return 3
  let row = [...Array(other.length + 1).keys()]
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at]
    for (let to = 1; to <= other.length; to += 1)
      next[to] = Math.min(
        row[to] + 1,
        next[to - 1] + 1,
        row[to - 1] + (one[at - 1] === other[to - 1] ? 0 : 1),
      )
    row = next
  }
  return row[other.length]
}

const allowed = (word) => (word.length > 6 ? 2 : word.length > 3 ? 1 : 0)

function scoreOf(word, { names, all }) {
  if (names.includes(word)) return 5
  if (names.some((name) => name.startsWith(word))) return 4
  if (all.some((other) => other.startsWith(word))) return 3
  if (word.length > 2 && all.some((other) => other.includes(word))) return 2
  return all.some((other) => slips(word, other) <= allowed(word)) ? 1 : 0
}

/** Products that go by all words asked for, best first; nothing asked for: all. */
export function search(asked) {
  const wanted = wordsIn(asked)
  if (wanted.length === 0) return products()
  const scored = products().map((product, at) => {
    const index = indexOf(product)
    const scores = wanted.map((word) => scoreOf(word, index))
    return { product, at, score: scores.includes(0) ? 0 : scores.reduce((sum, one) => sum + one, 0) }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.at - other.at)
    .map(({ product }) => product)
}

/** A product with its quantity, in the field names of the spec. */
export const toProduct = (product, { currency, quantity = 1, position }) => ({
  product_id: product.id,
  sku: product.id.toUpperCase(),
  name: product.name.en,
  category: categoryOf(product.category).name.en,
  brand: shopName().en,
  price: product.price[currency],
  currency,
  quantity,
  ...(position !== undefined && { position }),
  url: `${location.origin}/shop/p/${product.id}`,
  image_url: location.origin + pictureOf(product),
})
