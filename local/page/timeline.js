/**
 * One customer's log, live: who she is, what she is in the middle of, and every event, decision and message,
 * newest first. It follows whoever is at this browser unless another customer was looked up.
 */
import { ask } from './ask.js'
import { byId, el, empty, fill, reconcile } from './dom.js'
import { byDay, entryItem } from './entries.js'
import { mailOf, openMail } from './inbox.js'
import { person } from './person.js'
import { go, place } from './place.js'
import { askWho } from './shop-panel.js'
import { complain } from './toast.js'
import { count, moment, zone } from './words.js'

const MOST_SHOWN = 300
const shows = { all: 'All', event: 'Events', decision: 'Decisions', message: 'Messages' }
const waits = { quiet: 'waits for quiet', event: 'waits for an event, at most' }
const state = { customer: undefined, missing: '', print: '' }

const text = (value) => (typeof value === 'string' && value !== '' ? value : undefined)
const nameOf = ({ profile = {}, customerId }) =>
  text(profile.name) ??
  ([profile.firstName, profile.lastName].filter(text).join(' ') || text(profile.email) || customerId)

function facts({ profile = {}, cart = {} }) {
  const orders = profile.orderCount ?? profile.orders
  const pieces = cart.count ?? cart.items?.length ?? 0
  const list = [
    text(profile.email),
    text(profile.locale),
    text(profile.timeZone ?? profile.timezone)
      ?.split('/')
      .pop()
      .replaceAll('_', ' '),
  ]
  if (orders > 0) list.push(count(orders, 'order'))
  const { points = 0, tier } = profile.loyalty ?? {}
  if (points > 0) list.push([count(points, 'point'), tier && `(${tier})`].filter(Boolean).join(' '))
  list.push(pieces > 0 ? `${pieces} in the cart` : 'empty cart')
  return list.filter(Boolean)
}

function runLine(run) {
  const { for: what, until } = run.waiting ?? {}
  const words = until ? `${waits[what] ?? 'waits'} until ${moment(until)}` : 'is under way'
  return el('li', {}, el('strong', { text: run.name ?? run.journey }), ` ${words}`)
}

function about(customer) {
  const runs = customer.runs ?? []
  fill(
    byId('about'),
    el('strong', { text: nameOf(customer) }),
    el('p', { class: 'soft small', text: facts(customer).join(' · ') }),
    runs.length > 0 &&
      el('ul', { class: 'runs small', 'aria-label': 'Journeys she is in' }, ...runs.map(runLine)),
    showKeys(),
  )
}

function showKeys() {
  const current = place().show
  const keys = Object.entries(shows).map(([key, label]) =>
    el('button', {
      type: 'button',
      text: label,
      'data-show': key,
      'aria-pressed': String(key === current),
      onclick: () => go({ show: key }),
    }),
  )
  return el('div', { class: 'segments', role: 'group', 'aria-label': 'What to show' }, ...keys)
}

function dayBlock({ day, entries }) {
  const items = entries.map((entry) => {
    const mail = entry.kind === 'message' ? mailOf(entry.messageId) : undefined
    return entryItem(entry, mail ? { open: () => openMail(mail.id) } : {})
  })
  return el('section', {}, el('h2', { class: 'day', text: day }), el('ol', { class: 'entry-list' }, ...items))
}

function drawEntries({ timeline = [] }) {
  const { show } = place()
  const newest = timeline
    .filter((entry) => show === 'all' || entry.kind === show)
    .map((entry, at) => ({ entry, at }))
    .sort((one, other) =>
      one.entry.at === other.entry.at ? other.at - one.at : one.entry.at < other.entry.at ? 1 : -1,
    )
    .slice(0, MOST_SHOWN)
    .map(({ entry }) => entry)
  if (newest.length === 0)
    return fill(
      byId('entries'),
      empty(
        'line',
        show === 'all' ? 'Nothing has happened yet.' : 'None of that kind yet.',
        show !== 'all' && { label: 'Show all', run: () => go({ show: 'all' }) },
      ),
    )
  const blocks = byDay(newest).map((block) => ({
    key: block.day,
    print: JSON.stringify([block.entries, zone(), block.entries.map((entry) => mailOf(entry.messageId)?.id)]),
    make: () => dayBlock(block),
  }))
  reconcile(byId('entries'), blocks)
}

function drawNobody() {
  fill(byId('about'))
  const looked = place().customer
  if (looked !== '')
    return fill(
      byId('entries'),
      empty('person', `Nobody goes by ${looked} here.`, {
        label: 'Show mine',
        run: () => go({ customer: '' }),
      }),
    )
  if (person() !== undefined)
    return fill(byId('entries'), empty('line', 'You are on your way into the log …'))
  const act = () => {
    go({ panel: 'shop' })
    askWho()
  }
  fill(
    byId('entries'),
    empty('person', 'Nobody to write to yet. Say who you are, and your timeline starts here.', {
      label: 'Say who you are',
      run: act,
    }),
  )
}

/** Draws the customer as last read; leaves the page alone when nothing changed. */
export function showTimeline() {
  const { show, customer: looked } = place()
  const { customer } = state
  const mails = customer?.timeline?.map((entry) => mailOf(entry.messageId)?.id ?? '')
  const print = JSON.stringify([customer ?? null, show, looked, zone(), person()?.userId ?? '', mails ?? []])
  if (print === state.print) return
  state.print = print
  byId('line-mine').hidden = looked === '' || person() === undefined
  if (customer === undefined) return drawNobody()
  const focused = document.activeElement?.dataset?.show
  about(customer)
  drawEntries(customer)
  if (focused) byId('about').querySelector(`[data-show="${focused}"]`)?.focus()
}

async function fetchCustomer(id) {
  try {
    return await ask(`/_local/customers/${encodeURIComponent(id)}`)
  } catch (error) {
    if (error.status === 404) return undefined
    throw error
  }
}

/** Fetches whoever is looked at; who was not there is asked for again only after `newsOfAnybody`. */
export async function readTimeline() {
  const wanted = place().customer || person()?.email
  const customer = wanted === undefined || wanted === state.missing ? undefined : await fetchCustomer(wanted)
  state.missing = customer === undefined ? (wanted ?? '') : ''
  if (wanted !== (place().customer || person()?.email)) return
  state.customer = customer
  showTimeline()
}

/** Something happened: who was not there may be now. */
export function newsOfAnybody() {
  state.missing = ''
}

async function find(submit) {
  submit.preventDefault()
  const field = byId('find-field')
  const asked = field.value.trim()
  if (asked === '') return
  try {
    const found = await fetchCustomer(asked)
    field.setCustomValidity(found === undefined ? `Nobody goes by ${asked} here` : '')
    if (!field.reportValidity()) return
    field.value = ''
    state.customer = found
    go({ customer: found.customerId })
    showTimeline()
  } catch (error) {
    complain(error)
  }
}

/** Binds the search. */
export function startTimeline() {
  byId('entries').tabIndex = 0
  byId('find').addEventListener('submit', find)
  byId('find-field').addEventListener('input', () => byId('find-field').setCustomValidity(''))
  byId('line-mine').addEventListener('click', () => go({ customer: '' }))
}
