/**
 * The virtual clock, always in sight. It ticks by itself between answers of the runtime; the keys turn it on
 * and say what ran meanwhile. While it turns, its keys wait, so that two advances never cross.
 */
import { ask } from './ask.js'
import { byId } from './dom.js'
import { complain, toast } from './toast.js'
import { count, day, seconds, zoneName } from './words.js'

/** Less than this and the clock only waited for what was in flight. */
const STILL_MS = 5000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** A tick of the minute comes at its beginning; this much later it has come. */
const TICK_MS = 1000
const state = { aheadMs: 0, turning: false }

/** The virtual instant now, as far as this page knows. */
export const now = () => new Date(Date.now() + state.aheadMs)

function show() {
  byId('clock-now').textContent = `${day(now())}, ${seconds(now())}`
  byId('clock-now').dateTime = now().toISOString()
  byId('clock-zone').textContent = zoneName()
}

/** Takes the runtime's word for what time it is. */
export function setNow(instant) {
  state.aheadMs = Date.parse(instant) - Date.now()
  show()
}

/** Asks the runtime what time it is. */
export const readClock = async () => setNow((await ask('/_local/clock')).now)

/** `14 steps ran, 1 sent, 0 skipped` and, where there were some, how many are held. */
export function answerOf({ ran = 0, sent = 0, skipped = 0, held = 0 }) {
  const words = `${count(ran, 'step')} ran, ${sent} sent, ${skipped} skipped`
  return held > 0 ? `${words}, ${held} held` : words
}

function turning(on) {
  state.turning = on
  byId('progress').hidden = !on
  byId('clock-keys').setAttribute('aria-busy', String(on))
  for (const key of byId('clock-keys').querySelectorAll('button')) key.disabled = on
}

/** Waits until all that is in flight has settled. */
export const settle = async () => setNow((await ask('/_local/clock', { body: { advance: '0s' } })).now)

/** Turns the clock on and waits until all has settled; `then` runs after it. */
export async function turn(body, then) {
  if (state.turning) return
  const focused = document.activeElement
  turning(true)
  try {
    const answer = await ask('/_local/clock', { body })
    const still = body.to === 'next-alarm' && answer.ran === 0 && Date.parse(answer.now) - now() < STILL_MS
    const words = still ? 'No alarm is set: nobody waits for anything' : answerOf(answer)
    setNow(answer.now)
    byId('clock-answer').textContent = words
    toast(words, { tone: answer.sent > 0 ? 'good' : 'plain', about: 'clock' })
  } catch (error) {
    byId('clock-answer').textContent = error.message
    complain(error)
  }
  turning(false)
  if (focused instanceof HTMLElement && document.activeElement === document.body) focused.focus()
  await then()
}

/**
 * Turns the clock on by so many hours and to the end of that minute: alarms go off once a minute, so that
 * whatever fell due within those hours has happened when it stands still.
 */
export function turnHours(hours, then) {
  const minute = Math.ceil((now().getTime() + hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS
  return turn({ to: new Date(minute + TICK_MS).toISOString() }, then)
}

/** Binds the keys; `then` refreshes the page after each turn. */
export function startClock(then) {
  byId('clock-keys').addEventListener('click', (click) => {
    const key = click.target.closest('button[data-hours], button[data-to]')
    if (key === null) return
    if (key.dataset.to) turn({ to: key.dataset.to }, then)
    else turnHours(Number(key.dataset.hours), then)
  })
  byId('clock-form').addEventListener('submit', (submit) => {
    submit.preventDefault()
    const duration = byId('clock-custom').value.trim().toLowerCase().replaceAll(' ', '')
    if (duration === '') return byId('clock-custom').focus()
    turn({ advance: duration }, then)
  })
  setInterval(show, 1000)
}
