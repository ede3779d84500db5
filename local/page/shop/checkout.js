/**
 * The checkout in two steps: who orders (a guest says her address here, so that a cart left behind from now on
 * has somebody it belongs to), then the order itself. Afterwards, thanks.
 */
import { el, empty } from '../dom.js'
import { currency, lines, spec, total } from './cart.js'
import { totalLine } from './cart-page.js'
import { consentField, emailField, nameField, onSubmit, ownZone } from './form.js'
import { go } from './place.js'
import { complain, customer, session, shopAsk, track } from './session.js'
import { inWords, language, money, number, say } from './words.js'

const state = { said: false }

const items = () =>
  el(
    'ul',
    { class: 'brief' },
    ...lines().map(({ product, quantity }) =>
      el(
        'li',
        {},
        el('span', { text: `${number(quantity)} × ${inWords(product.name)}` }),
        el('span', { class: 'price', text: money(product.price[currency()] * quantity, currency()) }),
      ),
    ),
  )

async function sayWho(said) {
  const known = customer()
  const zone = known?.timeZone ?? ownZone()
  await shopAsk('contact', {
    ...said,
    email: said.email ?? known?.email,
    locale: known?.locale ?? language(),
    timeZone: zone,
  })
  state.said = true
  go('/shop/checkout', { quietly: true })
}

function whoForm() {
  const known = customer()
  const account = session().signedIn
  return el(
    'form',
    { class: 'form', onsubmit: onSubmit(sayWho, complain), 'aria-labelledby': 'who-title' },
    el('h2', { id: 'who-title', text: say('who') }),
    el('p', {
      class: 'soft',
      text: account ? say('known', known.name || known.email) : say('guest'),
    }),
    !account && emailField(known?.email),
    nameField(known?.name),
    (!account || !known.marketing) && consentField(),
    el('button', { type: 'submit', class: 'primary', text: say('goOn') }),
  )
}

async function order() {
  const { orderId } = await shopAsk('order', {})
  state.said = false
  go(`/shop/thanks/${orderId}`)
}

function orderForm() {
  const known = customer()
  const change = () => {
    state.said = false
    go('/shop/checkout', { quietly: true })
  }
  return el(
    'form',
    { class: 'form', onsubmit: onSubmit(order, complain), 'aria-labelledby': 'review-title' },
    el('h2', { id: 'review-title', text: say('review') }),
    el(
      'p',
      { class: 'row' },
      el('strong', { text: known.name || known.email }),
      known.name && el('span', { class: 'soft', text: known.email }),
      el('button', { type: 'button', class: 'link', text: say('edit'), onclick: change }),
    ),
    el('button', { type: 'submit', class: 'primary', text: say('pay', money(total(), currency())) }),
    el('p', { class: 'soft small', text: say('paying') }),
  )
}

/** Who orders, then the order; an empty cart leads back to the shelves. */
export function checkoutPage() {
  const title = say('checkout')
  const isEmpty = lines().length === 0
  const none = () => empty('bag', say('empty'), { label: say('look'), run: () => go('/shop') })
  const second = state.said && customer() !== null
  const form = () =>
    el(
      'div',
      { class: 'checkout' },
      second ? orderForm() : whoForm(),
      el('div', { class: 'aside' }, items(), totalLine()),
    )
  return {
    title,
    name: 'Checkout',
    view: [el('h1', { text: title, tabindex: -1 }), isEmpty ? none() : form()],
    seen: () => !isEmpty && !second && track('Checkout Started', spec()),
  }
}

/** After an order. */
export function thanksPage(id) {
  return {
    title: say('thanks'),
    name: 'Thanks',
    view: [
      el(
        'div',
        { class: 'thanks' },
        el('h1', { text: say('thanks'), tabindex: -1 }),
        el('p', { text: say('thanksMore', id) }),
        el('a', { class: 'button', href: '/shop/orders', text: say('orders') }),
      ),
    ],
  }
}
