/** A report as `npm run report` draws it: the total, journeys with their steps, why mails did not go, the shop. */
import { formatMoney } from '#core/money'
import type { Line } from '#core/report/day'
import { type Figures, totalOf } from '#core/report/figures'
import { type ShopFigures, shareOf } from '#core/report/shop'
import type { JourneySummary, Summary } from '#core/report/summary'
import { ces, type Estimate, fewAnswers, nps } from '#core/report/survey'
import { definitions, sentenceOf } from '#core/report/words'
import { bar, type Column, sparkline, table, widthOf } from './chart.ts'
import { count, harmless, type Paint } from './style.ts'

export interface Look {
  paint: Paint
  width: number
  /** Name of a journey as its people call it. */
  nameOf: (journey: string) => string
}

const number = (value: number): string => value.toLocaleString('en')

const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(100 * share).toFixed(1)} %`

/** Money of several currencies, the largest number first. */
export function money(revenueMinor: Readonly<Record<string, number>>): string {
  const sums = Object.entries(revenueMinor).sort(([, one], [, other]) => other - one)
  return sums.map(([currency, minor]) => formatMoney(minor, { currency, locale: 'en' })).join(' + ') || '–'
}

const columns: Column[] = [
  { title: 'step' },
  { title: 'sent', right: true },
  { title: '' },
  { title: 'clicked', right: true },
  { title: 'orders', right: true },
  { title: 'revenue', right: true },
  { title: 'not sent', right: true },
  { title: 'held', right: true },
  { title: 'delivered', right: true },
  { title: 'opened', right: true },
  { title: 'bounced', right: true },
  { title: 'unsub.', right: true },
  { title: 'spam', right: true },
  { title: 'planned', right: true },
]

const notSent = ({ skipped, expired, failed, unknown, closed }: Figures): number =>
  totalOf(skipped) + totalOf(expired) + totalOf(failed) + unknown + closed

function row({ step, variant, figures }: Line, most: number): string[] {
  const { sent, clicked, delivered } = figures
  const name = harmless(variant === undefined ? step : `${step} · ${variant}`)
  return [
    name,
    number(sent),
    bar(sent, most, 10),
    clicked === 0 ? '0' : `${number(clicked)} (${percent(shareOf(clicked, delivered || sent))})`,
    number(figures.orders),
    money(figures.revenueMinor),
    number(notSent(figures)),
    number(totalOf(figures.held) + figures.waiting),
    number(delivered),
    number(figures.opened),
    number(figures.bounced),
    number(figures.unsubscribed),
    number(figures.complained),
    number(figures.planned),
  ]
}

/** Cuts a text into lines that fit; a word is never cut. */
function folded(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(`${indent}${line} ${word}`) > width) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, indent + line]
}

function reasonLines(figures: Figures, { paint, width }: Look): string[] {
  const { held, skipped, expired, failed, unknown, closed } = figures
  const open = { ...(unknown > 0 && { unknown }), ...(closed > 0 && { closed }) }
  const all = { held, skipped, expired, failed, unresolved: open }
  return Object.entries(all).flatMap(([outcome, counts]) =>
    Object.entries(counts)
      .sort(([, one], [, other]) => other - one)
      .flatMap(([code, times]) => {
        const [first = '', ...rest] = folded(
          `${number(times)} ${outcome}: ${sentenceOf(code)}`,
          width - 4,
          '',
        )
        return [
          `  ${paint('yellow', '·')} ${harmless(first)}`,
          ...rest.map((line) => `    ${harmless(line)}`),
        ]
      }),
  )
}

function journeyLines(one: JourneySummary, look: Look): string[] {
  const { paint, width, nameOf } = look
  const most = Math.max(...one.lines.map(({ figures }) => figures.sent), 1)
  const name = nameOf(one.journey)
  const id = name === one.journey ? '' : paint('dim', ` (${harmless(one.journey)})`)
  const days = paint('cyan', sparkline(one.sentByDay, Math.min(30, Math.max(10, width - widthOf(name) - 30))))
  return [
    `${paint('bold', harmless(name))}${id}  ${days}`,
    ...table(
      columns,
      one.lines.map((line) => row(line, most)),
      { width, paint },
    ),
    ...reasonLines(one.figures, look),
    '',
  ]
}

function survey(name: string, estimate: Estimate | undefined, digits: number): string {
  if (estimate === undefined) return `${name.padEnd(12)} no answers yet`
  const { answers, value, interval } = estimate
  const text = (given: number) => given.toFixed(digits)
  const sure =
    interval === undefined
      ? `fewer than ${fewAnswers} answers: too few to say how sure that is`
      : `95 % sure: ${text(interval.from)} to ${text(interval.to)}`
  return `${name.padEnd(12)} ${text(value)}  (${count(answers, 'answer')}; ${sure})`
}

function shopLines(shop: ShopFigures, figures: Figures, { paint, width }: Look): string[] {
  const { cartsBegun, cartsOrdered, cartsReminded, cartsRecovered, buyers, repeatBuyers } = shop
  const left = shareOf(cartsBegun - cartsOrdered, cartsBegun)
  const lines = [
    `carts left   ${percent(left)}  (${number(cartsBegun - cartsOrdered)} of ${number(cartsBegun)} begun, 30 days)`,
    `reminded     ${number(cartsReminded)}`,
    `recovered    ${number(cartsRecovered)}  (${percent(shareOf(cartsRecovered, cartsReminded))} of the reminded)`,
    `came back    ${percent(shareOf(repeatBuyers, buyers))}  (${number(repeatBuyers)} of ${count(buyers, 'buyer')})`,
    survey('NPS', nps(figures.nps), 0),
    survey('CES', ces(figures.ces), 2),
  ]
  const asOf = paint('dim', ` (as of ${shop.at.slice(0, 16).replace('T', ' ')} UTC)`)
  return [`${paint('bold', 'The shop')}${asOf}`, ...lines.flatMap((line) => folded(line, width, '  '))]
}

/** What each figure means. */
export const explained = ({ paint, width }: Look): string[] => [
  '',
  paint('bold', 'What the figures mean'),
  ...Object.entries(definitions).flatMap(([name, meaning]) => [
    `  ${paint('cyan', name)}`,
    ...folded(meaning, width, '    '),
  ]),
]

/** The whole report; where nothing was planned, what to do about that. */
export function reportText(summary: Summary, shop: ShopFigures, look: Look): string {
  const { paint } = look
  const { from, to, figures, journeys } = summary
  const span = folded(`Report ${from} to ${to}, by the UTC day a mail was planned on`, look.width, '')
    .map((line) => paint('bold', line))
    .join('\n')
  const total =
    `${count(figures.sent, 'mail')} sent, ${number(figures.clicked)} clicked by a human, ` +
    `${count(figures.orders, 'order')} after a click: ${money(figures.revenueMinor)}`
  if (journeys.length === 0) {
    const cure =
      "Send the shop's events (docs/events.md), or on this machine: put something into the cart of the page."
    return [
      span,
      '',
      'Nothing was planned in these days.',
      ...folded(`→ ${cure}`, look.width, '').map((line) => paint('green', line)),
      '',
      ...shopLines(shop, figures, look),
    ].join('\n')
  }
  return [
    span,
    ...folded(total, look.width, ''),
    '',
    ...journeys.flatMap((one) => journeyLines(one, look)),
    ...shopLines(shop, figures, look),
  ].join('\n')
}
