/**
 * The shelves: everything, one category, or what a search found; and one product close up. A mail's link to a
 * product leads to the latter.
 */
import { el, empty, icon } from '../dom.js'
import { toast } from '../toast.js'
import { currency, quantityOf, setQuantity } from './cart.js'
import {
  byProductId,
  categories,
  categoryOf,
  consentWords,
  pictureOf,
  products,
  search,
  toProduct,
} from './catalog.js'
import { go, place } from './place.js'
import { complain, track } from './session.js'
import { inWords, money, number, say } from './words.js'

const price = (product) => money(product.price[currency()], currency())

/** Puts one in, says so, and offers to take it back. */
export async function put(product) {
  try {
    const before = await setQuantity(product, quantityOf(product) + 1)
    toast(say('added', inWords(product.name)), {
      about: 'cart',
      tone: 'good',
      action: { label: say('undo'), run: () => setQuantity(product, before).catch(complain) },
    })
  } catch (error) {
    complain(error)
  }
}

const button = (product) =>
  el(
    'button',
    {
      type: 'button',
      class: 'round add',
      'aria-label': say('addOf', inWords(product.name)),
      title: say('add'),
      onclick: () => put(product),
    },
    icon('plus'),
  )

function card(product) {
  const link = { href: `/shop/p/${product.id}`, class: 'card-link' }
  return el(
    'li',
    { class: 'card' },
    el(
      'a',
      link,
      el('img', { src: pictureOf(product), width: 240, height: 240, alt: '' }),
      el('span', { class: 'card-name', text: inWords(product.name) }),
    ),
    el('div', { class: 'card-foot' }, el('span', { class: 'price', text: price(product) }), button(product)),
  )
}

const shelf = (list) => el('ul', { class: 'shelf' }, ...list.map(card))

function listed(id, list) {
  const items = list.map((product, at) => toProduct(product, { currency: currency(), position: at + 1 }))
  track('Product List Viewed', { list_id: id, category: categoryOf(id)?.name.en ?? 'All', products: items })
}

function hero() {
  const shown = ['dusk-lamp', 'willow-teapot', 'harvest-quilt'].map(byProductId)
  return el(
    'section',
    { class: 'hero' },
    el('div', {}, el('h1', { text: say('welcome'), tabindex: -1 }), el('p', { text: say('welcomeMore') })),
    el(
      'div',
      { class: 'hero-pictures', 'aria-hidden': 'true' },
      ...shown.map((product) => el('img', { src: pictureOf(product), width: 240, height: 240, alt: '' })),
    ),
  )
}

/** Everything there is. */
export function home() {
  return {
    title: '',
    name: 'Home',
    view: [hero(), shelf(products())],
    seen: () => listed('all', products()),
  }
}

/** One category; undefined when there is none of that id. */
export function category(id) {
  const found = categoryOf(id)
  if (found === undefined) return undefined
  const list = products().filter((product) => product.category === id)
  const title = inWords(found.name)
  return {
    title,
    name: found.name.en,
    view: [el('h1', { text: title, tabindex: -1 }), shelf(list)],
    seen: () => listed(id, list),
  }
}

/** What goes by the words asked for. */
export function found(asked) {
  const list = search(asked)
  const title = list.length > 0 ? say('results', number(list.length), asked) : say('nothing', asked)
  const none = () => empty('search', say('nothing', asked), { label: say('showAll'), run: () => go('/shop') })
  return {
    title,
    name: 'Search',
    view: [
      el('h1', { text: list.length > 0 ? title : say('search'), tabindex: -1 }),
      list.length > 0 ? shelf(list) : none(),
    ],
    seen: () => track('Products Searched', { query: asked }),
  }
}

/** One product close up; undefined when there is none of that id. */
export function product(id) {
  const shown = byProductId(id)
  if (shown === undefined) return undefined
  const beside = products().filter((other) => other.category === shown.category && other !== shown)
  const more = [...beside, ...products().filter((other) => other.category !== shown.category)].slice(0, 4)
  const name = inWords(shown.name)
  const { id: kind, name: kindName } = categories().find((one) => one.id === shown.category)
  const view = el(
    'article',
    { class: 'product' },
    el('img', { src: pictureOf(shown), width: 480, height: 480, alt: '' }),
    el(
      'div',
      { class: 'product-words' },
      el('a', { class: 'soft', href: `/shop/c/${kind}`, text: inWords(kindName) }),
      el('h1', { text: name, tabindex: -1 }),
      el('p', { text: inWords(shown.about) }),
      el('p', { class: 'price big', text: price(shown) }),
      el('button', { type: 'button', class: 'primary', text: say('add'), onclick: () => put(shown) }),
    ),
  )
  return {
    title: name,
    name: shown.name.en,
    view: [view, el('h2', { class: 'more', text: say('more2') }), shelf(more)],
    seen: () => track('Product Viewed', toProduct(shown, { currency: currency() })),
  }
}

/** Searches as one types: the address follows, without an entry of history a letter. */
export function searching(asked) {
  if (asked === '' && place().page !== 'search') return
  const path = asked === '' ? '/shop' : `/shop/search?q=${encodeURIComponent(asked)}`
  go(path, { quietly: place().page === 'search' })
}

/** The words beside every consent checkbox, in the language shown; the server keeps the same as the proof. */
export const consentLine = () => inWords(consentWords())
