/**
 * The sample shop's beginning: reads the catalog and who is here, then shows the page that the path names, and
 * again whenever it or the cart changes. Each page is `{ title, name, view, seen }`: `seen` says to Homeward
 * that it was looked at. Read `session.js` (how things are said) and `place.js` (where you are) first.
 */
import { byId, el, fill, icon } from '../dom.js'
import { accountPage } from './account.js'
import { currency, pieces, restore, useCurrency } from './cart.js'
import { cartPage } from './cart-page.js'
import { categories, readCatalog, shopName } from './catalog.js'
import { checkoutPage, thanksPage } from './checkout.js'
import { ordersPage } from './orders.js'
import { onPlace, place, rename } from './place.js'
import { complain, customer, onSession, openSession, page, session } from './session.js'
import { category, found, home, product, searching } from './shelves.js'
import { inWords, language, number, say, useLanguage } from './words.js'

const state = { path: '', cart: '' }
const pages = {
  '': home,
  c: ({ id }) => category(id),
  p: ({ id }) => product(id),
  search: ({ asked }) => (asked === '' ? home() : found(asked)),
  cart: cartPage,
  checkout: checkoutPage,
  thanks: ({ id }) => thanksPage(id),
  orders: ordersPage,
  account: accountPage,
}

const missing = () => ({
  title: say('unknown'),
  name: 'Missing',
  view: [
    el(
      'div',
      { class: 'thanks' },
      el('h1', { text: say('unknown'), tabindex: -1 }),
      el('a', { class: 'button', href: '/shop', text: say('showAll') }),
    ),
  ],
})

const isHere = (path) => (location.pathname === path ? 'page' : undefined)

function keyLink(path, sign, words, badge) {
  return el(
    'a',
    { href: path, class: 'store-key', 'aria-current': isHere(path) },
    icon(sign),
    el('span', { text: words }),
    badge,
  )
}

function choose(label, name, options) {
  const list = options.map(({ value, text, selected }) => el('option', { value, text, selected }))
  return el(
    'label',
    { class: 'choice' },
    el('span', { class: 'visually-hidden', text: label }),
    el('select', { name }, ...list),
  )
}

function showFrame() {
  const chips = [
    el('a', { href: '/shop', text: say('all'), 'aria-current': isHere('/shop') }),
    ...categories().map(({ id, name }) =>
      el('a', { href: `/shop/c/${id}`, text: inWords(name), 'aria-current': isHere(`/shop/c/${id}`) }),
    ),
  ]
  fill(byId('store-nav'), ...chips)
  byId('store-nav').setAttribute('aria-label', say('all'))
  byId('store-name').querySelector('span').textContent = inWords(shopName())
  byId('q-label').textContent = say('search')
  byId('q').placeholder = say('search')
  const badge = pieces() > 0 && el('span', { class: 'badge', text: number(pieces()) })
  const who = session().signedIn ? customer().name || customer().email : say('signIn')
  byId('store-keys').setAttribute('aria-label', say('account'))
  fill(
    byId('store-keys'),
    keyLink('/shop/account', 'person', who),
    keyLink('/shop/orders', 'box', say('orders')),
    keyLink('/shop/cart', 'bag', say('cart'), badge),
  )
  showFoot()
}

function showFoot() {
  const foot = byId('store-foot')
  if (foot.dataset.print === `${language()} ${currency()}`) return
  foot.dataset.print = `${language()} ${currency()}`
  const tongue = choose(say('language'), 'language', [
    { value: 'en', text: 'English', selected: language() === 'en' },
    { value: 'bn', text: 'বাংলা', selected: language() === 'bn' },
  ])
  const money = choose(say('currency'), 'currency', [
    { value: 'EUR', text: 'EUR €', selected: currency() === 'EUR' },
    { value: 'BDT', text: 'BDT ৳', selected: currency() === 'BDT' },
  ])
  tongue.addEventListener('change', (event) => {
    useLanguage(event.target.value)
    show({ again: true })
    byId('store-foot').querySelector('[name=language]').focus()
  })
  money.addEventListener('change', (event) => {
    useCurrency(event.target.value)
      .then(() => show({ again: true }))
      .catch(complain)
  })
  fill(foot, el('p', { class: 'soft', text: say('made') }), el('div', { class: 'row' }, tongue, money))
  if (window.top !== window) return
  fill(byId('slim'), `${say('watch')} `, el('a', { href: '/', text: say('watchLink') }))
}

/** Which key of which line has the focus, so that a new drawing can give it back. */
function focused() {
  const line = document.activeElement?.closest?.('[data-line]')
  return line ? `[data-line="${line.dataset.line}"] [data-does="${document.activeElement.dataset.does}"]` : ''
}

/** What she has typed, so that a new drawing of the same page does not eat it. */
function typed() {
  const fields = [...byId('main').querySelectorAll('form [name]')]
  const said = fields.map(({ name, value, checked }) => ({ name, value, checked }))
  return () => {
    for (const { name, value, checked } of said) {
      const field = byId('main').querySelector(`form [name="${name}"]`)
      if (field !== null) Object.assign(field, { value, checked })
    }
  }
}

/** Draws the page of the path; `again`: it is the same page, only something on it changed. */
function show({ again = false } = {}) {
  const where = place()
  const focus = focused()
  const typeAgain = typed()
  const draw = Object.hasOwn(pages, where.page) ? pages[where.page] : undefined
  const shown = draw?.(where) ?? missing()
  document.title = [shown.title, inWords(shopName())].filter(Boolean).join(' · ')
  fill(byId('main'), ...shown.view)
  showFrame()
  if (again) {
    typeAgain()
    if (focus !== '') (byId('main').querySelector(focus) ?? byId('main').querySelector('h1'))?.focus()
    return
  }
  page(shown.name)
  shown.seen?.()
}

/** The cart may have changed, here or by an undo: what shows it is drawn again. */
function watchCart() {
  const print = JSON.stringify([session().cart, session().orders, session().customer])
  if (print === state.cart) return
  const first = state.cart === ''
  state.cart = print
  if (first) return
  if (['cart', 'checkout'].includes(place().page)) show({ again: true })
  else showFrame()
}

function moved() {
  const path = location.pathname
  show()
  if (path !== state.path && !byId('find').contains(document.activeElement)) {
    scrollTo(0, 0)
    byId('main').querySelector('h1')?.focus({ preventScroll: true })
  }
  state.path = path
}

async function fillCart() {
  const { items } = place()
  if (items === '') return
  await restore(items)
  rename('/shop/cart')
}

function startFind() {
  byId('q').value = place().asked
  byId('find').addEventListener('submit', (submit) => {
    submit.preventDefault()
    searching(byId('q').value.trim())
  })
  document.addEventListener('keydown', (press) => {
    if (press.key !== '/' || press.target.closest('input, select, textarea')) return
    press.preventDefault()
    byId('q').focus()
  })
}

async function begin() {
  await Promise.all([readCatalog(), openSession()])
  if (place().page === 'cart') await fillCart()
  onPlace(moved)
  startFind()
  state.path = location.pathname
  show()
  watchCart()
  onSession(watchCart)
  document.documentElement.dataset.ready = 'true'
}

begin().catch((error) =>
  fill(byId('main'), el('p', { class: 'trouble', role: 'alert', text: error.message })),
)
