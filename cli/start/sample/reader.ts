/**
 * What comes after a mail of the sample year went out: SES tells that it was delivered, a scanner opens every
 * link a second later, the reader clicks or leaves the list, answers a survey, opens her cart again and orders.
 * All of it goes the way of the real pages, by the tokens that stand in the mail.
 */
import { type Purpose, pathOf } from '#core/link'
import type { Notice } from '#core/notice'
import { toInstant } from '#core/time'
import type { Mail } from '#flow/port'
import { click } from '#flow/track'
import type { TrackPorts } from '#flow/track-known'
import { restore } from '#flow/track-restore'
import { answerSurvey } from '#flow/track-survey'
import { unsubscribe } from '#flow/track-unsubscribe'
import { type Basket, ordering, type Said } from './habits.ts'
import type { Person } from './people.ts'
import type { Chance } from './random.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const scanner = 'Barracuda Sentinel/2.1'

export interface Sent {
  mail: Mail
  sesMessageId: string
  atMs: number
}

/** Something that will happen. */
export interface Deed {
  atMs: number
  act: () => Promise<void>
}

export interface Reader {
  person: Person
  chance: Chance
  ports: TrackPorts & { observe: (notice: Notice) => Promise<void> }
  /** Says something as the shop does. */
  say: (said: Said) => Promise<void>
  nowMs: number
  url: string
}

const tokensOf = (html: string, purpose: Purpose): string[] => [
  ...new Set(
    [...html.matchAll(new RegExp(`/${pathOf[purpose]}/([\\w.~-]+)`, 'g'))].map(([, token = '']) => token),
  ),
]

function delivery({ mail, sesMessageId, atMs }: Sent): Notice {
  const at = toInstant(atMs + 20 * SECOND_MS)
  const { messageId, customerId } = mail.tags
  const ours = messageId !== undefined && customerId !== undefined
  const about = { sesMessageId, sentAt: toInstant(atMs), recipients: [mail.to] }
  return { kind: 'delivered', at, ...about, ...(ours && { message: { customerId, messageId } }) }
}

/** The cart that a reminder is about, as far as she buys it after all. */
const boughtAfter = (reader: Reader, lines: Basket['lines'], atMs: number): Said[] => {
  const basket = { id: `late-${reader.person.userId}-${atMs}`, lines }
  return ordering({ ...reader }, basket, atMs)
}

function clicking(reader: Reader, sent: Sent, lines: Basket['lines']): Deed[] {
  const { chance, ports } = reader
  const { html } = sent.mail
  const atMs = sent.atMs + chance.whole(3, 300) * MINUTE_MS
  const hit = { userAgent: browser, look: false }
  const [cart] = tokensOf(html, 'restore')
  const links = tokensOf(html, 'click')
  const link = cart ?? links[chance.whole(0, Math.max(0, links.length - 1))]
  if (link === undefined) return []
  const open = async () => {
    await (cart === undefined
      ? click(ports, { ...hit, token: link })
      : restore(ports, { ...hit, token: link }))
  }
  const deeds: Deed[] = [{ atMs, act: open }]
  const buys = lines.length > 0 && chance.happens(0.45)
  const orders = buys ? boughtAfter(reader, lines, atMs + chance.whole(5, 90) * MINUTE_MS) : []
  return [...deeds, ...orders.map((said) => ({ atMs: said.atMs, act: () => reader.say(said) }))]
}

function answering({ chance, ports }: Reader, sent: Sent): Deed[] {
  const [token] = tokensOf(sent.mail.html, 'survey')
  if (token === undefined || !chance.happens(0.45)) return []
  const isNps = /score=10/.test(sent.mail.html)
  const mood = chance.next()
  const nps = mood < 0.12 ? chance.whole(1, 6) : mood < 0.4 ? chance.whole(7, 8) : chance.whole(9, 10)
  const score = String(isNps ? nps : chance.whole(3, 5))
  const comment = chance.happens(0.2) ? chance.pick(comments) : ''
  const given = { token, score, comment, byItself: false, userAgent: browser }
  const atMs = sent.atMs + chance.whole(20, 900) * MINUTE_MS
  return [{ atMs, act: async () => void (await answerSurvey(ports, given)) }]
}

const comments: readonly [string, ...string[]] = [
  'The parcel came quickly.',
  'সুন্দর হয়েছে, ধন্যবাদ!',
  'Très joli, mais l’emballage…',
  'شكرا جزيلا',
  'It said "oat", it is more of a <b>beige</b>.',
]

/** All that follows from a mail; `lines`: what she had left in her cart then. */
export function afterMail(reader: Reader, sent: Sent, lines: Basket['lines']): Deed[] {
  const { person, chance, ports } = reader
  const deeds: Deed[] = [{ atMs: sent.atMs + 20 * SECOND_MS, act: () => ports.observe(delivery(sent)) }]
  if (person.scanned) {
    const hits = tokensOf(sent.mail.html, 'click').slice(0, 3)
    deeds.push(
      ...hits.map((token) => ({
        atMs: sent.atMs + 21 * SECOND_MS,
        act: async () => void (await click(ports, { token, look: false, userAgent: scanner })),
      })),
    )
  }
  if (chance.happens(person.leaves)) {
    const [token] = tokensOf(sent.mail.html, 'unsubscribe')
    const from = chance.happens(0.5) ? 'all' : 'topic'
    const atMs = sent.atMs + chance.whole(1, 40) * HOUR_MS
    if (token !== undefined)
      deeds.push({ atMs, act: async () => void (await unsubscribe(ports, { token, from })) })
  }
  deeds.push(...answering(reader, sent))
  if (chance.happens(person.clicks)) deeds.push(...clicking(reader, sent, lines))
  return deeds.filter(({ atMs }) => atMs < reader.nowMs - MINUTE_MS)
}
