/**
 * The shop's server and Homeward's door, as a page of a real shop uses them: the session (who she is, her cart,
 * her orders) is asked of the server below `/shop/api/`; what happens on the page goes through the unmodified
 * `analytics-next` with the browser key. One call follows the other, so that they arrive in order.
 */
import { ask, Trouble } from '../ask.js'
import { toast } from '../toast.js'
import { language, readLanguage } from './words.js'

const stored = 'homeward.person'
const channel = new BroadcastChannel('homeward.shop')
const listeners = new Set()
const state = {
  session: undefined,
  analytics: undefined,
  last: Promise.resolve(),
  saved: Promise.resolve(),
  unsaved: 0,
}

export const session = () => state.session
export const customer = () => state.session.customer
export const cartState = () => state.session.cart

/** Calls `listener` whenever the cart, the orders or who is here may have changed. */
export const onSession = (listener) => listeners.add(listener)

/** Whatever shows the session is drawn again. */
function changed() {
  for (const listener of listeners) listener()
}

/** Whoever watches beside the shop is told who is here, and that something happened. */
function tell() {
  const { customer: who, writeKey } = state.session
  localStorage.setItem(stored, JSON.stringify({ of: writeKey, person: who }))
  channel.postMessage('changed')
  changed()
}

function inTurn(act) {
  const done = state.last.then(act)
  state.last = done.catch(() => undefined)
  return done
}

export const complain = (error) => toast(error.message, { tone: 'bad' })

/** Reads who is here and starts the browser library against this very server. */
export async function openSession() {
  readLanguage()
  state.session = await ask('/shop/api/session')
  const { AnalyticsBrowser } = window.AnalyticsNext
  const here = { apiHost: `${location.host}/v1`, protocol: location.protocol.slice(0, -1) }
  state.analytics = AnalyticsBrowser.load(
    { writeKey: state.session.writeKey, cdnURL: location.origin },
    { integrations: { 'Segment.io': here } },
  )
  state.analytics.on('error', () => complain(new Trouble('An event of the shop page did not arrive.')))
  tell()
}

async function trackNow(name, properties) {
  await state.analytics.track(name, properties)
  channel.postMessage('changed')
}

/** Tracks an event of the page. Never fails: what did not arrive is said by a toast. */
export const track = (name, properties) => inTurn(() => trackNow(name, properties)).catch(complain)

/** Notes that a page of the shop was opened. */
export const page = (name) => inTurn(() => state.analytics.page('Shop', name)).catch(complain)

/** The session is what the server answered; her cart is her own while a change of it is still on its way. */
function take(answered) {
  const { lines, currency } = state.session.cart
  state.session =
    state.unsaved === 0 ? answered : { ...answered, cart: { ...answered.cart, lines, currency } }
  tell()
}

/**
 * Asks the shop's server for something, in the language that she reads the page in; the session is what it
 * answers. Throws `Trouble` with words.
 */
export function shopAsk(path, body) {
  const said = { ...body, language: language() }
  return inTurn(async () => {
    const anonymousId = (await state.analytics.user()).anonymousId()
    take(await ask(`/shop/api/${path}`, { body: { ...said, anonymousId } }))
    return state.session
  })
}

async function putCart(cart) {
  const put = ask('/shop/api/cart', { method: 'PUT', body: cart, keepalive: true })
  const answered = put.catch(() => ask('/shop/api/session'))
  take(await answered.finally(() => (state.unsaved -= 1)))
  await put
}

/**
 * Shows `{ lines, currency }` as her cart at once and has the server keep it, even if she leaves. `[name,
 * properties]` of `events()`, asked for with the new cart, are tracked before anything she does next. When the
 * server cannot keep it, nothing is tracked and the cart it has is shown.
 */
export function keepCart(cart, events) {
  Object.assign(state.session.cart, cart)
  state.unsaved += 1
  changed()
  const kept = state.saved.then(() => putCart(cart))
  state.saved = kept.catch(() => undefined)
  const told = events()
  inTurn(() => state.saved)
  for (const event of told)
    inTurn(() =>
      kept.then(
        () => trackNow(...event),
        () => undefined,
      ),
    ).catch(complain)
  return kept
}

/** A new browser, as far as anyone can tell. */
export const newDevice = () => inTurn(() => state.analytics.reset())
