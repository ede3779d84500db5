/** The cart's own page: quantities, taking out with a way back, and on to the checkout. */
import { el, empty, icon } from '../dom.js'
import { toast } from '../toast.js'
import { currency, lines, pieces, setQuantity, spec, total } from './cart.js'
import { pictureOf } from './catalog.js'
import { go } from './place.js'
import { complain, track } from './session.js'
import { inWords, money, number, say } from './words.js'

const set = (product, quantity) => () => setQuantity(product, quantity).catch(complain)

async function takeOut(product) {
  try {
    const before = await setQuantity(product, 0)
    toast(say('removed', inWords(product.name)), {
      about: 'cart',
      action: { label: say('undo'), run: set(product, before) },
    })
  } catch (error) {
    complain(error)
  }
}

function key(sign, label, does) {
  return el(
    'button',
    { type: 'button', class: 'round', 'aria-label': label, 'data-does': sign, onclick: does },
    icon(sign),
  )
}

function line({ product, quantity }) {
  const name = inWords(product.name)
  const cost = product.price[currency()]
  return el(
    'li',
    { class: 'line', 'data-line': product.id },
    el(
      'a',
      { href: `/shop/p/${product.id}`, tabindex: -1, 'aria-hidden': 'true' },
      el('img', { src: pictureOf(product), width: 88, height: 88, alt: '' }),
    ),
    el(
      'div',
      { class: 'line-name' },
      el('a', { href: `/shop/p/${product.id}`, text: name }),
      el('span', { class: 'soft small', text: `${money(cost, currency())} ${say('each')}` }),
    ),
    el(
      'span',
      { class: 'quantity', role: 'group', 'aria-label': say('quantity') },
      key('minus', say('less', name), () => (quantity > 1 ? set(product, quantity - 1)() : takeOut(product))),
      el('span', { text: number(quantity), 'aria-live': 'polite' }),
      key('plus', say('more', name), set(product, quantity + 1)),
    ),
    el('span', { class: 'price', text: money(cost * quantity, currency()) }),
    key('close', say('remove', name), () => takeOut(product)),
  )
}

/** The sum of it all, in one line. */
export const totalLine = () =>
  el(
    'p',
    { class: 'total' },
    el('span', { text: say('total') }),
    el('strong', { text: money(total(), currency()) }),
  )

/** The cart as it is. */
export function cartPage() {
  const held = lines()
  const title = held.length === 0 ? say('cart') : `${say('cart')} · ${say('pieces', number(pieces()))}`
  const none = () =>
    empty('bag', `${say('empty')} ${say('emptyMore')}`, { label: say('look'), run: () => go('/shop') })
  const full = () => [
    el('ul', { class: 'lines' }, ...held.map(line)),
    el(
      'div',
      { class: 'cart-foot' },
      totalLine(),
      el('a', { class: 'button primary', href: '/shop/checkout', text: say('checkout') }),
    ),
  ]
  return {
    title: say('cart'),
    name: 'Cart',
    view: [
      el(
        'div',
        { class: 'narrow-page' },
        el('h1', { text: title, tabindex: -1 }),
        ...(held.length === 0 ? [none()] : full()),
      ),
    ],
    seen: () => held.length > 0 && track('Cart Viewed', spec()),
  }
}
