/**
 * Where you are on the page: the panel, the mail, its tab and width, the customer looked at. It lives in the
 * URL's hash alone, so that a reload, a bookmark or a pasted address shows the same. Customers stand there by
 * id, never by address.
 */

const defaults = {
  panel: 'shop',
  mail: '',
  tab: 'mail',
  width: innerWidth < 700 ? '375' : '600',
  customer: '',
  show: 'all',
  product: '',
  cart: '',
}
const listeners = new Set()

/** `#cart` and `#product/<id>` are how mails link back to the shop. */
function named() {
  const hash = decodeURIComponent(location.hash.slice(1))
  if (hash === 'cart') return new URLSearchParams({ cart: '1' })
  const [, product] = /^product\/([a-z0-9-]+)$/.exec(hash) ?? []
  return new URLSearchParams(product === undefined ? location.hash.slice(1) : { product })
}

/** The place as it is now; parts that the hash does not name have their defaults. */
export function place() {
  const said = named()
  const entries = Object.entries(defaults).map(([key, value]) => [key, said.get(key) ?? value])
  return Object.fromEntries(entries)
}

/** Changes parts of the place; parts at their default leave the hash. Everybody listening is told. */
export function go(change) {
  const next = { ...place(), ...change }
  const changed = Object.entries(next).filter(([key, value]) => value !== defaults[key])
  const hash = new URLSearchParams(changed).toString()
  if (hash === location.hash.slice(1)) return
  history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`)
  tell()
}

/** Calls `listener` whenever the place changes, also by hand in the address bar. */
export const onPlace = (listener) => listeners.add(listener)

function tell() {
  for (const listener of listeners) listener(place())
}

addEventListener('hashchange', tell)
