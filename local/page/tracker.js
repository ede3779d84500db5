/**
 * How the shop tells Homeward what happens. What a shop's page says goes through the unmodified
 * `analytics-next` with the browser key; what a shop's server says (who she is, consent, orders) is posted
 * with the server key, which this page has only because the stage is local. One event follows the other, so
 * that they are received in the order they happened.
 */
import { ask } from './ask.js'
import { complain } from './toast.js'

const state = { analytics: undefined, serverKey: '', last: Promise.resolve() }

/** Loads the browser library against this very server. */
export function startTracker({ keys }) {
  state.serverKey = keys.server
  const { AnalyticsBrowser } = window.AnalyticsNext
  const here = { apiHost: `${location.host}/v1`, protocol: location.protocol.slice(0, -1) }
  state.analytics = AnalyticsBrowser.load(
    { writeKey: keys.browser, cdnURL: location.origin },
    { integrations: { 'Segment.io': here } },
  )
  state.analytics.on('error', () => complain(new Error('An event of the shop page did not arrive.')))
}

function inTurn(act) {
  const done = state.last.then(act)
  state.last = done.catch(() => undefined)
  return done
}

/** Tracks an event of the shop's page. */
export const track = (name, properties) => inTurn(() => state.analytics.track(name, properties))

/** Notes that the shop's page was opened. */
export const page = () => inTurn(() => state.analytics.page('Shop'))

/** The id of this browser: what links it to a customer once the server says who she is. */
export const deviceId = async () => (await state.analytics.user()).anonymousId()

/** A new browser, as far as anyone can tell. */
export const newDevice = () => inTurn(() => state.analytics.reset())

/** Posts what only the shop's server may say; `call` is `identify` or `track`. */
export const asServer = (call, body) =>
  inTurn(() => {
    const at = new Date().toISOString()
    const stamped = { messageId: crypto.randomUUID(), timestamp: at, sentAt: at, ...body }
    return ask(`/v1/${call}`, { body: stamped, key: state.serverKey })
  })
