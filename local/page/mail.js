/**
 * The open mail: as its reader sees it (at 600 and at 375), as text, its headers, its source, and why it came.
 * The mail is drawn in a frame without scripts or origin; its links open in a new tab, as in a mail client.
 */
import { ask } from './ask.js'
import { byId, el, empty, fill } from './dom.js'
import { entryItem, whereOf } from './entries.js'
import { go, place } from './place.js'
import { moment, zone } from './words.js'

const tabs = { mail: 'Mail', text: 'Text', headers: 'Headers', raw: 'Raw', why: 'Why it came' }
const widths = ['600', '375']
const state = { shown: '', bodies: new Map(), reasons: new Map() }

/** Links of a mail open in a new tab; the frame has no other way out. */
function withTarget(html) {
  const base = '<base target="_blank">'
  const head = /<head[^>]*>/i.exec(html)
  if (head === null) return base + html
  const end = head.index + head[0].length
  return html.slice(0, end) + base + html.slice(end)
}

function frame(body, width) {
  const stage = el('div', {
    class: 'mail-stage',
    tabindex: 0,
    role: 'region',
    'aria-label': `The mail, ${width} wide`,
  })
  const view = el('iframe', {
    class: 'mail-frame',
    title: `Mail: ${body.subject}`,
    sandbox: 'allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
    width,
  })
  view.srcdoc = withTarget(body.html)
  const holder = el('div', { class: 'mail-holder' }, view)
  stage.append(holder)
  const fit = () => {
    const scale = Math.min(1, stage.clientWidth / Number(width)) || 1
    view.style.width = `${width}px`
    view.style.height = `${stage.clientHeight / scale}px`
    view.style.transform = scale < 1 ? `scale(${scale})` : ''
    holder.style.width = `${Number(width) * scale}px`
    holder.style.height = `${stage.clientHeight}px`
  }
  new ResizeObserver(fit).observe(stage)
  return stage
}

const plain = (text, label) =>
  el('pre', { class: 'mail-plain', tabindex: 0, role: 'region', 'aria-label': label, text })

function headerList(headers) {
  const rows = Object.entries(headers ?? {}).map(([name, value]) =>
    el('div', {}, el('dt', { text: name }), el('dd', { text: String(value) })),
  )
  return el('dl', { class: 'mail-headers', tabindex: 0, role: 'region', 'aria-label': 'Headers' }, ...rows)
}

/** What led to a mail: what its run decided, the events that moved the run, and the message itself. */
function reasonsOf(mail, timeline) {
  const message = timeline.find((entry) => entry.kind === 'message' && entry.messageId === mail.messageId)
  const ofRun = (entry) =>
    message?.runId && entry.runId ? entry.runId === message.runId : entry.journey === mail.journey
  const decisions = timeline.filter((entry) => entry.kind === 'decision' && ofRun(entry))
  const moved = new Set(decisions.flatMap((entry) => entry.eventIds ?? []))
  const about = (entry) => moved.has(entry.eventId) || entry.messageId === mail.messageId
  const events = timeline.filter((entry) => entry.kind === 'event' && about(entry))
  const until = message?.clickedAt ?? mail.at
  const settled = (entry) => entry.kind !== 'event' || entry.at <= until || entry.messageId === mail.messageId
  const chosen = new Set([...decisions, ...events, message])
  return timeline.filter((entry) => chosen.has(entry) && settled(entry))
}

function why(mail) {
  const box = el('div', { class: 'why', tabindex: 0, role: 'region', 'aria-label': 'Why it came' })
  const known = state.reasons.get(mail.id)
  const draw = (reasons) =>
    fill(
      box,
      el('p', { class: 'soft', text: `What led to it, oldest first: journey ${whereOf(mail)}.` }),
      reasons.length === 0
        ? el('p', { text: 'Nothing is recorded about it.' })
        : el('ol', { class: 'entry-list' }, ...reasons.map((entry) => entryItem(entry, { dated: true }))),
    )
  if (known !== undefined) draw(known)
  ask(`/_local/customers/${encodeURIComponent(mail.customerId)}`).then(
    ({ timeline }) => {
      const reasons = reasonsOf(mail, timeline ?? [])
      state.reasons.set(mail.id, reasons)
      draw(reasons)
    },
    (error) => fill(box, el('p', { text: error.message })),
  )
  return box
}

function contentOf(body, { tab, width }) {
  if (tab === 'text') return plain(body.text ?? '', 'Text part')
  if (tab === 'headers') return headerList(body.headers)
  if (tab === 'raw') return plain(body.raw ?? '', 'Source')
  if (tab === 'why') return why(body)
  return frame(body, width)
}

function tabRow(current) {
  const keys = Object.keys(tabs)
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    const next = keys[(keys.indexOf(place().tab) + by + keys.length) % keys.length]
    go({ tab: next })
    byId(`tab-${next}`)?.focus()
  }
  const all = Object.entries(tabs).map(([key, text]) =>
    el('button', {
      type: 'button',
      role: 'tab',
      id: `tab-${key}`,
      text,
      'aria-selected': String(key === current),
      'aria-controls': 'mail-body',
      tabindex: key === current ? 0 : -1,
      onclick: () => go({ tab: key }),
    }),
  )
  return el(
    'div',
    { class: 'tab-row', role: 'tablist', 'aria-label': 'Views of the mail', onkeydown: move },
    ...all,
  )
}

function widthKeys(current) {
  const keys = widths.map((width) =>
    el('button', {
      type: 'button',
      text: width,
      'aria-pressed': String(width === current),
      'aria-label': `${width} pixels wide`,
      onclick: () => go({ width }),
    }),
  )
  return el('div', { class: 'segments', role: 'group', 'aria-label': 'Width' }, ...keys)
}

function draw(mail, body) {
  const at = place()
  const tab = at.tab in tabs ? at.tab : 'mail'
  const width = widths.includes(at.width) ? at.width : '600'
  const focus = document.activeElement?.id
  fill(
    byId('mail'),
    el(
      'header',
      { class: 'mail-head' },
      el('h2', { text: mail.subject || '(no subject)' }),
      el(
        'p',
        { class: 'soft small' },
        `${mail.from} → `,
        el('button', {
          type: 'button',
          class: 'link',
          text: mail.to,
          title: 'Her timeline',
          onclick: () => go({ customer: mail.customerId, panel: 'line' }),
        }),
        ` · ${moment(mail.at)}`,
      ),
      el('div', { class: 'mail-keys' }, tabRow(tab), tab === 'mail' && widthKeys(width)),
    ),
    el(
      'div',
      { class: 'mail-body', id: 'mail-body', role: 'tabpanel', 'aria-labelledby': `tab-${tab}` },
      contentOf(body, { tab, width }),
    ),
  )
  if (focus?.startsWith('tab-')) byId(focus)?.focus()
}

/** Shows the words of `make` in place of a mail, once. */
export function showNoMail(make) {
  if (state.shown === 'none') return
  state.shown = 'none'
  fill(byId('mail'), make())
}

/** Shows `mail`, a row of the inbox; does nothing when just that is on the page already. */
export async function showMail(mail) {
  const { tab, width } = place()
  const print = mail === undefined ? 'unchosen' : [mail.id, tab, width, zone()].join(' ')
  if (print === state.shown) return
  state.shown = print
  if (mail === undefined) return fill(byId('mail'), empty('mail', 'Choose a mail to read it.'))
  try {
    const body = state.bodies.get(mail.id) ?? (await ask(`/_local/inbox/${encodeURIComponent(mail.id)}`))
    state.bodies.set(mail.id, body)
    if (state.shown === print) draw(mail, body)
  } catch (error) {
    if (state.shown !== print) return
    state.shown = 'trouble'
    fill(byId('mail'), empty('mail', error.message))
  }
}
