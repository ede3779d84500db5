/**
 * What a customer's timeline says, entry by entry: an event that came in, a decision with its reason in words,
 * a message on its way. The inbox shows the same entries under "why it came". Lenient by design: an entry
 * that lacks a part is shown without it.
 */
import { el, icon } from './dom.js'
import { clock, day, moment } from './words.js'

const signs = { event: 'dot', decision: 'branch', message: 'mail' }
const good = new Set(['entered', 'planned', 'sent', 'SENT', 'delivered', 'clicked'])
const bad = new Set(['failed', 'FAILED', 'parked', 'bounced', 'complained', 'unknown', 'UNKNOWN'])

/** `abandoned-cart › reminder` */
export const whereOf = ({ journey, step }) => [journey, step].filter(Boolean).join(' › ')

const outcomeOf = (entry) =>
  entry.outcome ?? entry.status ?? (entry.kind === 'event' ? undefined : entry.name)

function toneOf(outcome) {
  if (good.has(outcome)) return 'good'
  return bad.has(outcome) ? 'bad' : 'calm'
}

function headOf(entry) {
  const outcome = outcomeOf(entry)
  if (entry.kind === 'event') return [el('strong', { text: entry.name })]
  const chip = el('span', { class: `outcome ${toneOf(outcome)}`, text: String(outcome).toLowerCase() })
  return [chip, el('span', { class: 'where', text: whereOf(entry) || entry.name })]
}

const after = [
  ['deliveredAt', 'delivered'],
  ['clickedAt', 'clicked'],
  ['bouncedAt', 'bounced'],
  ['complainedAt', 'reported as spam'],
]

/** How a message fared after it went out, and why it did not. */
function messageWords(entry) {
  const fared = after.flatMap(([field, words]) => (entry[field] ? [`${words} ${clock(entry[field])}`] : []))
  const waits =
    entry.status === 'PLANNED' && entry.notBefore > entry.at ? [`goes out ${moment(entry.notBefore)}`] : []
  const held = entry.status === 'HELD' && entry.until ? [`until ${moment(entry.until)}`] : []
  const why = entry.status === 'SENT' ? undefined : entry.reason?.explanation
  return [why, ...waits, ...held, ...fared].filter(Boolean).join(' · ')
}

function sentenceOf(entry) {
  if (entry.kind === 'message' && entry.status) return messageWords(entry)
  if (entry.reason?.explanation) return entry.reason.explanation
  const summary = entry.summary ?? ''
  return summary.startsWith(`${entry.name}: `) ? summary.slice(entry.name.length + 2) : summary
}

/** One entry as a list item; `open` makes a link of a message whose mail is in the inbox. */
export function entryItem(entry, { open, dated = false } = {}) {
  const sentence = sentenceOf(entry)
  return el(
    'li',
    { class: `entry ${entry.kind}` },
    el('span', { class: 'entry-sign', title: entry.kind }, icon(signs[entry.kind] ?? 'dot')),
    el(
      'div',
      { class: 'entry-words' },
      el('p', { class: 'entry-head' }, ...headOf(entry)),
      sentence !== '' && sentence !== entry.name && el('p', { class: 'soft small', text: sentence }),
      open && el('button', { type: 'button', class: 'link small', text: 'Read the mail', onclick: open }),
    ),
    el('time', {
      class: 'soft small',
      datetime: entry.at,
      title: moment(entry.at),
      text: dated ? moment(entry.at) : clock(entry.at),
    }),
  )
}

/** Entries newest first under the days they belong to: `[{ day, entries }]`. */
export function byDay(entries) {
  const days = []
  for (const entry of entries) {
    const name = day(entry.at)
    if (days.at(-1)?.day !== name) days.push({ day: name, entries: [] })
    days.at(-1).entries.push(entry)
  }
  return days
}
