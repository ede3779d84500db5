/**
 * The inbox: every mail that went out on this machine, newest first. What somebody chose to read stays open
 * while new ones come in; until then the page follows the newest. `mail.js` shows the open one.
 */
import { ask } from './ask.js'
import { byId, el, empty, reconcile } from './dom.js'
import { whereOf } from './entries.js'
import { showMail, showNoMail } from './mail.js'
import { go, place } from './place.js'
import { complain, toast } from './toast.js'
import { count, day, moment, zone } from './words.js'

const MOST_SHOWN = 200
const state = { mails: undefined, seen: new Set(), followed: '', turn: () => undefined }

/** The mail of a message, if it is in the inbox. */
export const mailOf = (messageId) => state.mails?.find((mail) => mail.messageId === messageId)

export function openMail(id) {
  state.followed = ''
  go({ mail: id, panel: 'inbox' })
}

function mailButton(mail, current) {
  const unread = !state.seen.has(mail.id)
  return el(
    'li',
    {},
    el(
      'button',
      {
        type: 'button',
        class: `mail-row${unread ? ' unread' : ''}`,
        'aria-current': current ? 'true' : undefined,
        onclick: () => openMail(mail.id),
      },
      el('span', { class: 'mail-subject', text: mail.subject || '(no subject)' }),
      el('time', {
        class: 'soft small',
        datetime: mail.at,
        title: day(mail.at),
        text: moment(mail.at),
      }),
      el('span', { class: 'mail-to soft small', text: mail.to }),
      el('span', { class: 'where small', text: whereOf(mail) }),
      unread && el('span', { class: 'visually-hidden', text: 'unread' }),
    ),
  )
}

function emptyInbox() {
  const action = { label: 'Turn the clock on by an hour', run: () => state.turn() }
  return empty(
    'mail',
    'No mail yet. Put something in the cart, say who you are, and let an hour pass.',
    action,
  )
}

/** Draws the list and the open mail. */
export function showInbox() {
  const newest = [...(state.mails ?? [])].reverse().slice(0, MOST_SHOWN)
  const { mail: open } = place()
  if (open !== '') state.seen.add(open)
  const unread = newest.filter((mail) => !state.seen.has(mail.id)).length
  byId('inbox-count').textContent =
    newest.length === 0 ? '' : `${count(state.mails.length, 'mail')}${unread > 0 ? `, ${unread} unread` : ''}`
  byId('badge-inbox').hidden = unread === 0
  byId('badge-inbox').textContent = String(unread)
  byId('inbox-clear').hidden = newest.length === 0
  byId('panel-inbox').classList.toggle('has-none', newest.length === 0)
  const rows = newest.map((mail) => {
    const current = mail.id === open
    return {
      key: mail.id,
      print: `${current} ${state.seen.has(mail.id)} ${zone()}`,
      make: () => mailButton(mail, current),
    }
  })
  const focused = byId('mails').contains(document.activeElement)
  reconcile(byId('mails'), rows)
  if (focused && document.activeElement === document.body)
    byId('mails').querySelector('[aria-current]')?.focus()
  if (state.mails === undefined) return
  if (newest.length === 0) return showNoMail(emptyInbox)
  showMail(newest.find((mail) => mail.id === open))
}

function greet(fresh) {
  const [newest] = fresh.slice(-1)
  const free = [state.followed, ''].includes(place().mail)
  state.followed = newest.id
  if (free) return go({ mail: newest.id })
  const words = fresh.length === 1 ? `New mail: ${newest.subject}` : `${fresh.length} new mails`
  toast(words, { tone: 'good', action: { label: 'Read', run: () => openMail(newest.id) } })
}

/** Fetches the list; what is new is greeted, what is open stays open. */
export async function readInbox() {
  const mails = await ask('/_local/inbox')
  const known = new Set(state.mails?.map((mail) => mail.id))
  const fresh = mails.filter((mail) => !known.has(mail.id))
  const first = state.mails === undefined
  state.mails = mails
  if (first) for (const mail of mails) state.seen.add(mail.id)
  const gone = place().mail !== '' && !mails.some((mail) => mail.id === place().mail)
  if (gone) go({ mail: '' })
  if (fresh.length > 0 && (!first || place().mail === '')) greet(fresh)
  showInbox()
}

/** The next (1) or previous (-1) mail of the list. */
export function step(by) {
  const newest = [...(state.mails ?? [])].reverse()
  const at = newest.findIndex((mail) => mail.id === place().mail)
  const next = newest[Math.max(0, Math.min(newest.length - 1, at + by))]
  if (next === undefined) return
  openMail(next.id)
  byId('mails').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
}

async function clearInbox() {
  try {
    await ask('/_local/inbox', { method: 'DELETE' })
    go({ mail: '' })
    await readInbox()
    toast('The inbox is empty.')
  } catch (error) {
    complain(error)
  }
}

/** `turn` lets an hour pass: the one thing to do with an empty inbox. */
export function startInbox(turn) {
  state.turn = turn
  byId('inbox-clear').addEventListener('click', clearInbox)
}
