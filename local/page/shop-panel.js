/**
 * The shop at the left: its own page in a frame, as a browser of a customer shows it. A link of a mail that
 * leads to a product (`#product/…`) or the cart opens there.
 */
import { byId } from './dom.js'
import { onPlace, place } from './place.js'

const state = { product: '', cart: false }

function follow() {
  const { product, cart } = place()
  if (product !== '' && product !== state.product) byId('shop').src = `/shop/p/${product}`
  if (cart === '1' && !state.cart) byId('shop').src = '/shop/cart'
  state.product = product
  state.cart = cart === '1'
}

/** Leads the shop to its account page. */
export function askWho() {
  byId('shop').src = '/shop/account'
  byId('shop').focus()
}

/** Opens the shop and follows the place. */
export function startShop() {
  if (place().product === '' && place().cart !== '1') byId('shop').src = '/shop'
  follow()
  onPlace(follow)
}
