/**
 * The shop: shelves, one product close up, and the cart. It looks at `cart.js` for what is in it and says in a
 * toast which event went out. A link in a mail comes back here with the product in the hash.
 */
import * as cart from './cart.js'
import { byProductId, categories, pictureOf, products, toProduct } from './catalog.js'
import { byId, el, empty, fill, icon, reconcile } from './dom.js'
import { person } from './person.js'
import { go, onPlace, place } from './place.js'
import { complain, toast } from './toast.js'
import { track } from './tracker.js'
import { count, money } from './words.js'

const state = { category: 'All', changed: () => undefined }

/** Does something to the cart and shows it at once; the events follow. */
async function change(act, words) {
  const done = act()
  showCart()
  try {
    const answer = await done
    toast(words(answer), { about: 'cart' })
    showCart()
    state.changed()
  } catch (error) {
    complain(error)
  }
}

const cartWords = () =>
  `Cart Updated: ${count(cart.pieces(), 'piece')}, ${money(cart.total(), cart.currency())}`
const put = (product) =>
  change(
    () => cart.add(product),
    () => `${product.name} added. ${cartWords()}`,
  )

function shelf(product) {
  const price = money(product.price[cart.currency()], cart.currency())
  const look = { type: 'button', class: 'look', onclick: () => go({ product: product.id }) }
  return el(
    'li',
    { class: 'product' },
    el(
      'button',
      look,
      el('img', { src: pictureOf(product), width: 240, height: 240, alt: '' }),
      el('span', { class: 'product-name', text: product.name }),
    ),
    el(
      'div',
      { class: 'product-foot' },
      el('span', { class: 'price', text: price }),
      el(
        'button',
        {
          type: 'button',
          class: 'round add',
          'aria-label': `Add ${product.name} to the cart`,
          title: 'Add to the cart',
          onclick: () => put(product),
        },
        icon('plus'),
      ),
    ),
  )
}

function showShelves() {
  const chips = categories.map((name) =>
    el('button', {
      type: 'button',
      class: 'chip',
      text: name,
      'aria-pressed': String(name === state.category),
      onclick: () => choose(name),
    }),
  )
  fill(byId('categories'), el('div', { class: 'chips', role: 'group', 'aria-label': 'Categories' }, ...chips))
  const shown = products.filter(({ category }) => state.category === 'All' || category === state.category)
  reconcile(
    byId('products'),
    shown.map((product) => ({ key: product.id, print: cart.currency(), make: () => shelf(product) })),
  )
}

function choose(name) {
  state.category = name
  showShelves()
  byId('categories').querySelector('[aria-pressed=true]').focus()
}

function cartLine({ product, quantity }) {
  const set = (next) => () => change(() => cart.setQuantity(product, next), cartWords)
  const button = (sign, label, next) =>
    el(
      'button',
      {
        type: 'button',
        class: 'round',
        'aria-label': `${label} ${product.name}`,
        'data-does': sign,
        onclick: set(next),
      },
      icon(sign),
    )
  return el(
    'li',
    { class: 'cart-line' },
    el('img', { src: pictureOf(product), width: 40, height: 40, alt: '' }),
    el('span', { class: 'cart-name', text: product.name }),
    el(
      'span',
      { class: 'quantity' },
      button('minus', 'One less of', quantity - 1),
      el('span', { text: String(quantity) }),
      button('plus', 'One more of', quantity + 1),
    ),
    el('span', { class: 'price', text: money(product.price[cart.currency()] * quantity, cart.currency()) }),
  )
}

function orderWords(orderId) {
  return `Order Completed: ${orderId}${person() === undefined ? ', by a visitor nobody knows yet' : ''}`
}

function cartFoot() {
  return el(
    'div',
    { class: 'cart-foot' },
    el('button', {
      type: 'button',
      class: 'quiet',
      text: 'Empty',
      onclick: () => change(cart.clear, () => 'Cart Updated: empty'),
    }),
    el(
      'span',
      { class: 'total' },
      el('span', { class: 'soft', text: 'Total ' }),
      el('strong', { text: money(cart.total(), cart.currency()) }),
    ),
    el('button', {
      type: 'button',
      class: 'primary',
      text: 'Order',
      onclick: () => change(cart.order, orderWords),
    }),
  )
}

/** Which key of which line has the focus, so that a new drawing can give it back. */
function focusOf(box) {
  const line = document.activeElement?.closest('.cart-line')
  return box.contains(line) ? { key: line.dataset.key, does: document.activeElement.dataset.does } : undefined
}

/** Draws the cart as it is. */
export function showCart() {
  const box = byId('cart')
  const focus = focusOf(box)
  const held = cart.lines()
  const badge = byId('badge-shop')
  badge.hidden = held.length === 0
  badge.textContent = String(cart.pieces())
  const title = el('h2', {
    id: 'cart-title',
    text: held.length === 0 ? 'Cart' : `Cart · ${count(cart.pieces(), 'piece')}`,
  })
  if (held.length === 0) {
    const first = { label: 'Put in a mug', run: () => put(products[1]) }
    return fill(box, title, empty('bag', 'Nothing in it yet. A cart left behind is how it starts.', first))
  }
  const list = el('ul', { class: 'cart-lines' })
  reconcile(
    list,
    held.map((line) => ({ key: line.product.id, print: '', make: () => cartLine(line) })),
  )
  fill(box, title, list, cartFoot())
  if (focus) list.querySelector(`[data-key="${focus.key}"] [data-does="${focus.does}"]`)?.focus()
}

function openProduct(id) {
  const sheet = byId('product')
  const product = byProductId(id)
  if (product === undefined) return sheet.open && sheet.close()
  if (sheet.open && sheet.dataset.product === id) return
  sheet.dataset.product = id
  const putIn = () => {
    sheet.close()
    put(product)
  }
  fill(
    sheet,
    el('img', { src: pictureOf(product), width: 240, height: 240, alt: '' }),
    el(
      'div',
      { class: 'sheet-words' },
      el('p', { class: 'soft small', text: product.category }),
      el('h2', { id: 'product-name', text: product.name }),
      el('p', { text: product.about }),
      el('p', { class: 'price big', text: money(product.price[cart.currency()], cart.currency()) }),
      el(
        'div',
        { class: 'row' },
        el('button', { type: 'button', class: 'primary', text: 'Put in the cart', onclick: putIn }),
        el('button', { type: 'button', class: 'quiet', text: 'Close', onclick: () => sheet.close() }),
      ),
    ),
  )
  if (!sheet.open) sheet.showModal()
  track('Product Viewed', toProduct(product, { currency: cart.currency(), quantity: 1 })).then(() => {
    toast(`Product Viewed: ${product.name}`, { about: 'product' })
    state.changed()
  }, complain)
}

/** Draws the shop; `changed` is called after each event that went out. */
export function startShop(changed) {
  state.changed = changed
  cart.restoreCart()
  byId('currency').value = cart.currency()
  byId('currency').addEventListener('change', (event) => {
    change(
      () => cart.useCurrency(event.target.value),
      () => `Prices in ${cart.currency()} from now on`,
    )
    showShelves()
  })
  byId('product').addEventListener('close', () => go({ product: '' }))
  byId('product').addEventListener(
    'click',
    (click) => click.target === byId('product') && byId('product').close(),
  )
  showShelves()
  showCart()
  onPlace(({ product }) => openProduct(product))
  if (place().product !== '') openProduct(place().product)
}
