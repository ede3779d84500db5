/**
 * The page's beginning: asks the runtime who it is, starts the parts, and refreshes them when there may be
 * news. Parts never call each other's drawing; they change the place or call what they were given here.
 * Read `place.js` (where you are) and `ask.js` (how the runtime is asked) first.
 */
import { ask, onChange } from './ask.js'
import { readClock, startClock, turn, turnHours } from './clock.js'
import { byId } from './dom.js'
import { readInbox, showInbox, startInbox, step } from './inbox.js'
import { startPerson } from './person.js'
import { go, onPlace, place } from './place.js'
import { startShop } from './shop-panel.js'
import { newsOfAnybody, readTimeline, showTimeline, startTimeline } from './timeline.js'

const AGAIN_MS = 2000
const SOON_MS = [0, 300, 900]
const state = { reading: false, again: false }

function trouble(words) {
  byId('trouble').hidden = words === ''
  byId('trouble').textContent = words
}

/** Reads all that may have changed; calls while it reads are served by one more reading after it. */
async function refresh() {
  if (state.reading) {
    state.again = true
    return
  }
  state.reading = true
  try {
    await Promise.all([readClock(), readInbox(), readTimeline()])
    trouble('')
  } catch (error) {
    trouble(error.message)
  }
  state.reading = false
  if (!state.again) return
  state.again = false
  await refresh()
}

/** After something was said: the answer does not wait for decisions, so look again a little later. */
function soon() {
  newsOfAnybody()
  for (const ms of SOON_MS) setTimeout(refresh, ms)
}

function showPlace() {
  const { panel, customer } = place()
  byId('main').dataset.panel = panel
  for (const key of byId('tabs').querySelectorAll('button')) {
    if (key.dataset.panel === panel) key.setAttribute('aria-current', 'page')
    else key.removeAttribute('aria-current')
  }
  if (state.customer !== customer) readTimeline().catch((error) => trouble(error.message))
  state.customer = customer
  showInbox()
  showTimeline()
}

const hour = () => turnHours(1, refresh)
const keys = {
  j: () => step(1),
  k: () => step(-1),
  v: () => go({ width: place().width === '600' ? '375' : '600', tab: 'mail' }),
  h: hour,
  d: () => turnHours(24, refresh),
  n: () => turn({ to: 'next-alarm' }, refresh),
  1: () => go({ panel: 'shop' }),
  2: () => go({ panel: 'inbox' }),
  3: () => go({ panel: 'line' }),
  '/': () => {
    go({ panel: 'line' })
    byId('find-field').focus()
  },
  '?': () => byId('keys').showModal(),
}

function startKeys() {
  document.addEventListener('keydown', (press) => {
    if (
      press.ctrlKey ||
      press.metaKey ||
      press.altKey ||
      press.target.closest('input, select, textarea, dialog[open]')
    )
      return
    const act = keys[press.key]
    if (act === undefined) return
    press.preventDefault()
    act()
  })
  byId('keys-open').addEventListener('click', keys['?'])
  byId('tabs').addEventListener('click', (click) => {
    const key = click.target.closest('button')
    if (key !== null) go({ panel: key.dataset.panel })
  })
}

function somebodyElse() {
  go({ customer: '' })
  soon()
}

function start(status) {
  const release = status.release ? ` · release ${status.release}` : ''
  byId('stage').textContent = (status.stage ?? 'local') + release
  startPerson({ dataId: status.keys.browser, somebodyElse, happened: soon })
  startClock(refresh)
  startInbox(hour)
  startTimeline()
  startShop()
  startKeys()
  onPlace(showPlace)
  showPlace()
  onChange(refresh, newsOfAnybody)
}

/** Until the runtime answers, says so and asks again. */
async function begin() {
  const status = await ask('/_local/status').catch((error) => trouble(error.message))
  if (status === undefined) return setTimeout(begin, AGAIN_MS)
  start(status)
  await refresh()
  document.documentElement.dataset.ready = 'true'
}

begin()
