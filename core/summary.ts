/**
 * An event in one line, as a marketer reads it in a timeline. Words come from what the event means; names of
 * customers' making are shown as they are, so whoever draws the line escapes it.
 */
import { fractionDigits, toMajor } from './currency.ts'
import { type Event, own } from './event.ts'
import { type Fact, factOf } from './fact.ts'
import type { Item } from './item.ts'

const shown = 4

const amount = (minor: number, currency: string): string =>
  `${toMajor(minor, currency).toFixed(fractionDigits(currency))} ${currency}`

const nameOf = (item: Item): string => item.name ?? item.id

const lineOf = (item: Item): string =>
  item.quantity === 1 ? nameOf(item) : `${item.quantity} × ${nameOf(item)}`

function listOf(items: readonly Item[]): string {
  const rest = items.length - shown
  return [...items.slice(0, shown).map(lineOf), ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const clicked = (event: Event): string => {
  const by = event.properties.human === false ? ' (by a machine)' : ''
  return `${text(event.properties.url)}${by}`
}

function detailsOf(event: Event, fact: Fact): string {
  switch (fact.kind) {
    case 'product':
      return nameOf(fact.product)
    case 'search':
      return fact.query === undefined ? '' : `“${fact.query}”`
    case 'line':
      return lineOf(fact.item)
    case 'cart': {
      const { totalMinor, currency, items } = fact.cart
      const total = totalMinor === undefined ? [] : [amount(totalMinor, currency)]
      return items.length === 0 ? 'empty' : [listOf(items), ...total].join('; ')
    }
    case 'order': {
      const { orderId, totalMinor, totalMajor, currency, items } = fact.order
      // without a currency of its own it is in the order's, which the event does not tell
      const said = totalMajor ?? (totalMinor === undefined ? undefined : amount(totalMinor, currency))
      const total = said === undefined ? [] : [said]
      return [orderId, ...total, ...(items.length > 0 ? [listOf(items)] : [])].join('; ')
    }
    case 'consent':
      return `${fact.topics?.join(', ') ?? 'all topics'}${fact.source === undefined ? '' : ` (${fact.source})`}`
    case 'message': {
      const { journey, step, explanation, code } = fact.about
      const more = event.name === own.clicked ? clicked(event) : (explanation ?? code ?? '')
      return [`${journey} › ${step}`, more].filter((part) => part !== '').join('; ')
    }
    case 'survey': {
      const { survey, score, comment } = fact.answer
      return `${survey.toUpperCase()} ${score}${comment === undefined ? '' : `, “${comment}”`}`
    }
    case 'traits':
      return Object.keys(event.traits ?? {}).join(', ')
    case 'other':
      return text(event.properties.title) || text(event.properties.name) || text(event.properties.url)
  }
}

/**
 * One line about an event. `currency` stands in where the event names none.
 * @example summaryOf(event, 'EUR') // 'Product Viewed: Blue vase'
 */
export function summaryOf(event: Event, currency: string): string {
  const details = detailsOf(event, factOf(event, currency))
  const marks = [
    ...(event.history === true ? ['imported as history'] : []),
    ...(event.repeat === true ? ['told before, not counted again'] : []),
    ...(event.folds === undefined ? [] : ['her device’s log was folded in']),
    ...(event.absorbs === undefined ? [] : ['another customer’s record became hers']),
    ...(event.reachable ? [] : ['a visitor’s, or nobody’s']),
  ]
  const words = details === '' ? event.name : `${event.name}: ${details}`
  return marks.length === 0 ? words : `${words} (${marks.join('; ')})`
}
