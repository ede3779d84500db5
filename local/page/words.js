/**
 * How times, amounts and counts read. Every time on the page is shown in one zone, that of who you are, since
 * quiet hours and good hours are hers; `zone` says which.
 */

const state = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone }
const formats = new Map()

function format(name, options) {
  const key = `${name} ${state.zone}`
  if (!formats.has(key))
    formats.set(key, new Intl.DateTimeFormat('en-GB', { timeZone: state.zone, ...options }))
  return formats.get(key)
}

/** Whether `zone` is one that this browser knows. */
export function isZone(zone) {
  try {
    return zone !== '' && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

export const zone = () => state.zone
export const useZone = (name) => {
  if (isZone(name)) state.zone = name
}

/** `Dhaka time` */
export const zoneName = () => `${state.zone.split('/').pop().replaceAll('_', ' ')} time`

/** `Tue 24 Nov 2026` */
export const day = (at) =>
  format('day', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
    .format(new Date(at))
    .replace(',', '')

/** `14:03` */
export const clock = (at) => format('clock', { hour: '2-digit', minute: '2-digit' }).format(new Date(at))

/** `14:03:21` */
export const seconds = (at) =>
  format('seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at))

/** `Tue 24 Nov` */
export const shortDay = (at) => day(at).replace(/ \d+$/, '')

/** `Tue 24 Nov, 14:03` */
export const moment = (at) => `${shortDay(at)}, ${clock(at)}`

const LONG_AMOUNT = 1000

/** Major units with the currency's own decimals; a long round amount goes without: `€12.50`, `৳15,900`. */
export function money(amount, currency) {
  const round = amount >= LONG_AMOUNT && Number.isInteger(amount) ? { maximumFractionDigits: 0 } : {}
  const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...round }
  try {
    return new Intl.NumberFormat('en', options).format(amount)
  } catch {
    return `${amount} ${currency}`
  }
}

/** `1 product`, `2 products` */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`
