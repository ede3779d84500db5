/**
 * What Meadow & Loom sells: eight things, with their prices in both currencies of the shop. `toProduct` says
 * one as an event of the Segment e-commerce spec does.
 */

export const shopName = 'Meadow & Loom'

export const products = [
  {
    id: 'harvest-quilt',
    category: 'Home',
    name: 'Harvest quilt',
    price: { EUR: 129, BDT: 15900 },
    about: 'Hand-pieced cotton, quilted in small batches. Warm enough for the first frost.',
  },
  {
    id: 'morning-mug',
    category: 'Table',
    name: 'Morning mug',
    price: { EUR: 18.5, BDT: 2250 },
    about: 'Stoneware with a slow cream glaze; no two run down the same way.',
  },
  {
    id: 'fen-cardigan',
    category: 'Wear',
    name: 'Fen cardigan',
    price: { EUR: 89, BDT: 10900 },
    about: 'Undyed and moss-green merino, knitted in one piece, horn buttons.',
  },
  {
    id: 'hearth-candle',
    category: 'Home',
    name: 'Hearth candle',
    price: { EUR: 24, BDT: 2950 },
    about: 'Beeswax and a little cedar. Forty hours of an unhurried evening.',
  },
  {
    id: 'reed-basket',
    category: 'Home',
    name: 'Reed basket',
    price: { EUR: 42, BDT: 5150 },
    about: 'Woven from river reed. For bread, for yarn, for a cat.',
  },
  {
    id: 'market-tote',
    category: 'Wear',
    name: 'Market tote',
    price: { EUR: 29, BDT: 3550 },
    about: 'Heavy canvas with leather handles and a printed sprig of rowan.',
  },
  {
    id: 'drift-scarf',
    category: 'Wear',
    name: 'Drift scarf',
    price: { EUR: 54, BDT: 6600 },
    about: 'Lambswool in the reds of a late September hedge.',
  },
  {
    id: 'dusk-lamp',
    category: 'Table',
    name: 'Dusk lamp',
    price: { EUR: 96, BDT: 11800 },
    about: 'A turned clay foot under a linen shade; light the colour of dusk.',
  },
]

export const categories = ['All', ...new Set(products.map((product) => product.category))]

export const byProductId = (id) => products.find((product) => product.id === id)

export const pictureOf = (product) => `/pictures/${product.id}.svg`

/** A product with its quantity, in the field names of the spec. */
export const toProduct = (product, { currency, quantity }) => ({
  product_id: product.id,
  sku: product.id.toUpperCase(),
  name: product.name,
  category: product.category,
  brand: shopName,
  price: product.price[currency],
  currency,
  quantity,
  url: `${location.origin}/#product/${product.id}`,
  image_url: location.origin + pictureOf(product),
})
