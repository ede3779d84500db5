/**
 * The rows that say no: `address:<hash>` is the inbox (whose it is, consent, suppression, what it was sent
 * lately), `customer:<id>` the person. They are written before an answer is given and compared in the claim's
 * transaction, so they hold however far the streams lag. `judge` in `core/claim.ts` reads them.
 */
import * as z from 'zod'
import { limits } from './limits.ts'
import { Instant, toMs } from './time.ts'

const Choice = z.object({
  given: z.boolean(),
  at: Instant,
  source: z.string().optional(),
  text: z.string().optional(),
})

type Choice = z.infer<typeof Choice>

/** Topic (or `*`) → the last choice, by when it was made. */
const Consent = z.record(z.string(), Choice)
export type Consent = z.infer<typeof Consent>

/** Topic of all topics: a choice made without naming any. */
export const everyTopic = '*'

/** What stands beside the topics: whether we may see that she opens our mails. Never part of `*`. */
export const opensTopic = 'opens'

export const AddressGate = z.object({
  /** The customer whose inbox it is; absent until the shop's server says so. */
  owner: z.string().optional(),
  consent: Consent.default({}),
  suppressed: z
    .object({ why: z.enum(['bounce', 'complaint', 'soft-bounces', 'manual', 'erased']), at: Instant })
    .optional(),
  softBounces: z.number().default(0),
  /** Only a browser said that this inbox is its owner's: reminders at most, and few of them. */
  unverified: z.boolean().optional(),
  /** She asked for fewer mails, and when: the settings' `fewer` is her cap. */
  fewer: z.object({ wanted: z.boolean(), at: Instant }).optional(),
  /** Mails claimed lately, oldest first: what caps and never-twice look at. `exempt`: service mail. */
  ring: z.array(z.object({ messageId: z.string(), at: Instant, exempt: z.boolean().optional() })).default([]),
  erased: z.boolean().optional(),
  version: z.number().default(0),
})
export type AddressGate = z.infer<typeof AddressGate>

export const CustomerGate = z.object({
  lastOrderAt: Instant.optional(),
  mergedInto: z.string().optional(),
  erased: z.boolean().optional(),
  /** A guest whom only a browser named. */
  unverified: z.boolean().optional(),
  /** The inbox (its keyed hash) that was last said to be hers, and when that was so. */
  inbox: z.object({ hash: z.string(), at: Instant }).optional(),
  /** Choices made while no inbox of hers was known; they go to the first one that is. */
  pending: Consent.optional(),
  version: z.number().default(0),
})
export type CustomerGate = z.infer<typeof CustomerGate>

export const newAddressGate = (): AddressGate => ({ consent: {}, softBounces: 0, ring: [], version: 0 })

export const newCustomerGate = (): CustomerGate => ({ version: 0 })

/** A choice as it was made: for some topics, or for all. */
export interface Chosen {
  given: boolean
  topics: readonly string[] | undefined
  at: Instant
  source?: string
  text?: string
}

/** Choices after one more; the later choice wins whichever arrives first, and at one time a no wins. */
export function choose(consent: Consent, chosen: Chosen): Consent {
  const { topics, ...made } = chosen
  return mergeConsent(consent, Object.fromEntries((topics ?? [everyTopic]).map((topic) => [topic, made])))
}

/** Two sets of choices as one, topic by topic, by the same rule. */
export function mergeConsent(one: Consent, other: Consent): Consent {
  const merged = { ...one }
  for (const [topic, made] of Object.entries(other)) {
    const before = merged[topic]
    const later = before === undefined || made.at > before.at || (made.at === before.at && !made.given)
    if (later) merged[topic] = made
  }
  return merged
}

/** The inbox after a choice. */
export const withChoice = (gate: AddressGate, chosen: Chosen): AddressGate => ({
  ...gate,
  consent: choose(gate.consent, chosen),
})

/** The choice that holds for a topic: the later of its own and of that for all; at one time a no. */
function standing({ consent }: AddressGate, topic: string): Choice | undefined {
  const one = consent[topic]
  const all = topic === opensTopic ? undefined : consent[everyTopic]
  if (one === undefined || all === undefined) return one ?? all
  if (one.at === all.at) return one.given ? all : one
  return one.at > all.at ? one : all
}

/** What the inbox chose for a topic; undefined: never asked. */
export const choiceFor = (gate: AddressGate, topic: string): boolean | undefined =>
  standing(gate, topic)?.given

/** Whether the inbox says yes to each of these topics; without any, to all it was ever asked about. */
export function saysYes(gate: AddressGate, topics?: readonly string[]): boolean {
  const asked = Object.keys(gate.consent).filter((topic) => topic !== opensTopic)
  const all = topics ?? [everyTopic, ...asked]
  return gate.unverified !== true && all.every((topic) => choiceFor(gate, topic) === true)
}

/**
 * Whether the inbox refused a topic a while before `at`. Such a no, said again, counts anew: else a yes from
 * between, told late, would undo it. Right afterwards it is the same no, of a button pressed twice.
 */
export function refusedBefore(gate: AddressGate, topic: string, at: Instant): boolean {
  const choice = standing(gate, topic)
  return choice?.given === false && toMs(at) - toMs(choice.at) >= limits.sameChoiceMs
}

/**
 * From when a no counts that is said at `now`: not before any choice of the inbox, whichever clock that was told
 * by. At one time a no wins.
 */
export const noAt = ({ consent }: AddressGate, now: Instant): Instant =>
  Object.values(consent).reduce((latest, { at }) => (at > latest ? at : latest), now)

/**
 * The gate with a claimed message in its ring. Service mail and other mail displace their own kind alone: however
 * much of the one there is, the cap still sees the other, and neither comes twice.
 */
export function withClaim(
  gate: AddressGate,
  entry: { messageId: string; at: Instant; exempt?: boolean },
): AddressGate {
  const sameKind = gate.ring.filter((one) => one.exempt === entry.exempt)
  const displaced = sameKind.at(-limits.inboxRing)
  return { ...gate, ring: [...gate.ring.filter((one) => one !== displaced), entry] }
}

/** The gate without a message that was surely not sent. */
export const withoutClaim = (gate: AddressGate, messageId: string): AddressGate => ({
  ...gate,
  ring: gate.ring.filter((entry) => entry.messageId !== messageId),
})
