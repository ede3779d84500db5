/**
 * The preferences page: every marketing topic with its state on the inbox the mail went to, fewer mails, and
 * whether we may see that she opens them. Choices change the inbox first, then become events; saving the same
 * again completes what was lost and changes nothing.
 */
import { type Event, ownEvent } from '#core/event'
import {
  type AddressGate,
  choiceFor,
  everyTopic,
  noAt,
  opensTopic,
  refusedBefore,
  withChoice,
} from '#core/gate'
import { derive } from '#core/id'
import { reminderIntents } from '#core/journey'
import { limits } from '#core/limits'
import { type Instruction, topicOf } from '#core/program'
import type { Release } from '#core/release'
import { type Instant, plus } from '#core/time'
import {
  changeInbox,
  fromMail,
  type Known,
  know,
  type Reader,
  readerOf,
  type Shown,
  type TrackPorts,
} from './track-known.ts'

const source = 'preferences'

/** What the preferences page shows. */
export interface Preferences extends Shown {
  topics: { id: string; names: Record<string, string>; on: boolean }[]
  fewer: { on: boolean; mails: number; withinMs: number }
  /** Whether we may see that she opens our mails; absent where settings do not measure that. */
  opens?: boolean
  /** Why nothing is sent to the inbox, whatever is chosen. */
  suppressed?: 'bounce' | 'complaint' | 'manual'
}

/** What she wants: topic by topic as the form showed them, or no marketing mail at all. */
export type Wanted = { topics: ReadonlyMap<string, boolean>; fewer?: boolean; opens?: boolean } | 'none'

/** The words that stood before her when she said yes to topics: they are kept as proof. */
export type Worded = (page: Preferences, topics: readonly string[]) => string

/** Topics that remind her without having asked, where settings allow that. */
function reminding({ settings, journeys }: Release): ReadonlySet<string> {
  if (!settings.remindersWithoutConsent) return new Set()
  const reminders = Object.values(journeys).filter(({ journey }) => reminderIntents.has(journey.intent))
  const sends = (program: readonly Instruction[]) => program.filter((one) => one.op === 'send')
  return new Set(reminders.flatMap((one) => sends(one.program).map(({ step }) => topicOf(one, step))))
}

/** Topic → whether it is on, for every marketing topic of the release. */
function statesOf(release: Release, inbox: AddressGate): Map<string, boolean> {
  const unasked = reminding(release)
  const marketing = Object.entries(release.settings.topics).filter(([, { kind }]) => kind === 'marketing')
  return new Map(marketing.map(([id]) => [id, choiceFor(inbox, id) ?? unasked.has(id)]))
}

const opensOf = (inbox: AddressGate): boolean => inbox.consent[opensTopic]?.given === true

const suppressionOf = ({ suppressed }: AddressGate): Preferences['suppressed'] => {
  if (suppressed === undefined || suppressed.why === 'erased') return undefined
  return suppressed.why === 'soft-bounces' ? 'bounce' : suppressed.why
}

function pageOf({ release, shown }: Known, inbox: AddressGate): Preferences {
  const { settings } = release
  const topics = [...statesOf(release, inbox)].map(([id, on]) => {
    return { id, names: settings.topics[id]?.name ?? {}, on }
  })
  const { mails, within: withinMs } = settings.fewer
  const suppressed = suppressionOf(inbox)
  return {
    ...shown,
    topics,
    fewer: { on: inbox.fewer?.wanted === true, mails, withinMs },
    ...(settings.measureOpens && { opens: opensOf(inbox) }),
    ...(suppressed && { suppressed }),
  }
}

/** The page of a preferences link; undefined: the token is none of ours, or she is gone. Changes nothing. */
export async function lookAtPreferences(ports: TrackPorts, token: string): Promise<Preferences | undefined> {
  const known = await know(ports, token, 'preferences')
  const reader = known && (await readerOf(ports, known))
  return known && reader && pageOf(known, reader.inbox)
}

/** The inbox with no marketing at all; undefined: that is what it says. */
function silenced(inbox: AddressGate, at: Instant): AddressGate | undefined {
  const topics = Object.keys(inbox.consent).filter((topic) => topic !== opensTopic)
  const isSilent = inbox.consent[everyTopic] !== undefined && topics.every((one) => !choiceFor(inbox, one))
  return isSilent && !refusedBefore(inbox, everyTopic, at)
    ? undefined
    : withChoice(inbox, { given: false, topics: undefined, at: noAt(inbox, at), source })
}

/** The inbox with what she wants; undefined: that is what it says. What the form did not show stays. */
function chosen(
  inbox: AddressGate,
  wanted: Exclude<Wanted, 'none'>,
  by: { release: Release; at: Instant; textOf: (topics: readonly string[]) => string },
) {
  const { release, at, textOf } = by
  const made = (given: boolean, topics: string[]) => {
    const text = given ? { text: textOf(topics) } : {}
    return { given, topics, at: given ? at : noAt(inbox, at), source, ...text }
  }
  const states = statesOf(release, inbox)
  let next = inbox
  for (const given of [true, false]) {
    const isNew = ([id, on]: [string, boolean]) => on !== given || (!given && refusedBefore(inbox, id, at))
    const topics = [...states].filter(([id]) => wanted.topics.get(id) === given).filter(isNew)
    const names = topics.map(([id]) => id)
    if (names.length > 0) next = withChoice(next, made(given, names))
  }
  const { opens, fewer } = wanted
  const isNews = (given: boolean) => given !== opensOf(inbox) || refusedBefore(inbox, opensTopic, at)
  if (release.settings.measureOpens && opens !== undefined && isNews(opens))
    next = withChoice(next, made(opens, [opensTopic]))
  if (fewer !== undefined && fewer !== (inbox.fewer?.wanted === true))
    next = { ...next, fewer: { wanted: fewer, at } }
  return next === inbox ? undefined : next
}

/**
 * The events of what was chosen here within a day, for each time that something was: what was lost half-way is
 * told by the next save. Their ids hold when that was, so that saving again is the same.
 */
function eventsOf(known: Known, { customerId, hash, inbox }: Reader, now: Instant): Event[] {
  const here = Object.entries(inbox.consent).filter(([, choice]) => choice.source === source)
  const { fewer } = inbox
  const times = new Set([...here.map(([, choice]) => choice.at), ...(fewer === undefined ? [] : [fewer.at])])
  return [...times]
    .filter((at) => at > plus(now, -limits.toldWithinMs))
    .sort()
    .flatMap((at) => {
      const eventOf = (name: string, more: Record<string, unknown>) => {
        const cause = derive('e', hash, source, name, at)
        const properties = { ...more, source, ...fromMail(known) }
        return ownEvent(name, { customerId, cause, now: at, properties })
      }
      return eventsAt(
        here.filter(([, choice]) => choice.at === at),
        fewer?.at === at ? fewer.wanted : undefined,
        eventOf,
      )
    })
}

/** The events of choices made at one time. */
function eventsAt(
  made: [topic: string, choice: AddressGate['consent'][string]][],
  fewer: boolean | undefined,
  eventOf: (name: string, more: Record<string, unknown>) => Event,
): Event[] {
  const consent = (name: string, given: boolean) => {
    const those = made.filter(([topic, choice]) => topic !== opensTopic && choice.given === given)
    const topics = those.map(([topic]) => topic)
    const text = those[0]?.[1].text
    const more = { ...(!topics.includes(everyTopic) && { topics }), ...(text !== undefined && { text }) }
    return topics.length === 0 ? [] : [eventOf(name, more)]
  }
  const opens = made.find(([topic]) => topic === opensTopic)?.[1].given
  const beside = { ...(opens !== undefined && { opens }), ...(fewer !== undefined && { fewer }) }
  return [
    ...consent('Consent Given', true),
    ...consent('Consent Withdrawn', false),
    ...(Object.keys(beside).length > 0 ? [eventOf('Preferences Changed', beside)] : []),
  ]
}

/** Saves what she wants. Repeating it is safe. Undefined: the token is none of ours, or she is gone. */
export async function savePreferences(
  ports: TrackPorts,
  asked: { token: string; wanted: Wanted; worded: Worded },
): Promise<Preferences | undefined> {
  const known = await know(ports, asked.token, 'preferences')
  const reader = known && (await readerOf(ports, known))
  if (known === undefined || reader === undefined) return undefined
  const { wanted } = asked
  const at = ports.clock()
  const textOf = (topics: readonly string[]) => asked.worded(pageOf(known, reader.inbox), topics)
  const by = { release: known.release, at, textOf }
  const inbox = await changeInbox(ports.gates, reader.hash, (before) =>
    wanted === 'none' ? silenced(before, at) : chosen(before, wanted, by),
  )
  for (const event of eventsOf(known, { ...reader, inbox }, at)) await ports.events.record(event, [])
  const { customerId, messageId } = known.link
  const before = statesOf(known.release, reader.inbox)
  const hasLess = [...statesOf(known.release, inbox)].some(([id, on]) => !on && before.get(id))
  if (hasLess) await ports.messages.note(customerId, messageId, { unsubscribedAt: at })
  return pageOf(known, inbox)
}
