/** A customer's timeline and the reasons of her journeys, as `npm run why` prints them. */
import type { CustomerView, WhyAnswer } from '#flow/explain'
import { harmless, type Paint } from './style.ts'

const shownEntries = 50

/** `2026-05-01T09:00:03.746Z` as `2026-05-01 09:00:03`, UTC. */
const time = (at: string): string => at.slice(0, 19).replace('T', ' ')

/** Instants inside a sentence, the same way. */
const inWords = (sentence: string): string =>
  harmless(sentence).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, time)

/** The whole answer. `journey`: only what is about that one. */
export function whyText(
  view: CustomerView,
  answer: WhyAnswer,
  shown: { journey: string | undefined; paint: Paint },
): string {
  const { paint, journey } = shown
  const entries = view.timeline.filter(
    (entry) => journey === undefined || entry.kind === 'event' || entry.journey === journey,
  )
  const cut = entries.length - shownEntries
  return [
    ...heading(view, paint),
    '',
    paint('bold', 'Timeline') + paint('dim', ' (UTC)'),
    ...(cut > 0 ? [paint('dim', `  … ${cut} before; all of it with --json`)] : []),
    ...entries.slice(-shownEntries).map((entry) => timelineLine(entry, paint)),
    ...(answer.reason === undefined ? [] : ['', inWords(answer.reason.explanation)]),
    ...answer.journeys.flatMap((one) => journeyLines(one, paint)),
  ].join('\n')
}

function heading({ customerId, profile, cart }: CustomerView, paint: Paint): string[] {
  const text = (value: unknown) => (typeof value === 'string' ? harmless(value) : '')
  const name = [text(profile.firstName), text(profile.lastName)].filter((part) => part !== '').join(' ')
  const who = [name, text(profile.email)].filter((part) => part !== '').join(', ')
  const details = [
    customerId,
    text(profile.locale),
    text(profile.timeZone),
    `${String(cart.count ?? 0)} in her cart`,
    ...(profile.suppressed === undefined ? [] : [paint('red', 'address suppressed')]),
  ]
  return [paint('bold', who || 'Nameless'), paint('dim', details.filter((part) => part !== '').join(' · '))]
}

const kinds = { event: 'gray', decision: 'cyan', message: 'green' } as const

function timelineLine(entry: CustomerView['timeline'][number], paint: Paint): string {
  const { at, kind, summary } = entry
  return `  ${paint('dim', time(at))}  ${paint(kinds[kind], kind.padEnd(8))}  ${inWords(summary)}`
}

function journeyLines(one: WhyAnswer['journeys'][number], paint: Paint): string[] {
  const { journey, name, stands, sentences, obstacles } = one
  const format = stands === 'inside' ? 'green' : stands === 'was inside' ? 'cyan' : 'yellow'
  return [
    '',
    `${paint('bold', harmless(name))} ${paint('dim', `(${journey})`)} ${paint(format, stands)}`,
    ...sentences.map((sentence) => `  ${inWords(sentence)}`),
    ...obstacles.map(
      ({ explanation }) => `  ${paint('yellow', '!')} now in the way of its mail: ${inWords(explanation)}`,
    ),
  ]
}
