/**
 * Send a test: one mail of a journey to somebody of the shop, made by the same composer as the real one, of a
 * real customer's view (only read) or of a sample customer's. Nothing is written: no row, no event, no gate. Its
 * links lead to the shop's pages; where a link of ours stands it leads nobody anywhere, since it is signed with a
 * key that is thrown away.
 */
import { allowed } from '#core/allow-list'
import { derive } from '#core/id'
import { sendsOf } from '#core/journey'
import type { Message } from '#core/message'
import type { ReleasedJourney } from '#core/release'
import { type Sample, sampleOf } from '#core/sample'
import { regular, type SamplePerson, samplePeople } from '#core/sample/people'
import type { Settings } from '#core/settings'
import type { CompiledMail } from '#core/template/compiled'
import { ancestry } from '#core/template/format'
import { type Instant, plus } from '#core/time'
import { localeOf } from '#core/traits'
import { type Composition, compose, type Sender } from './compose.ts'
import type { Clock, Customers, Mailer, SendOutcome, Workspace } from './port.ts'

export interface SendTestPorts {
  clock: Clock
  customers: Pick<Customers, 'load'>
  mailer: Pick<Mailer, 'send'>
  stage: {
    readonly sender: string
    readonly linkBaseUrl: string
    readonly postalAddress: string
    readonly allowList: readonly string[]
  }
}

/** What mails are taken from: the live release, or a draft of the files. */
export interface Source {
  settings: Settings
  journeys: Readonly<Record<string, ReleasedJourney>>
  /** A compiled mail by its hash. */
  mail: (hash: string) => Promise<CompiledMail | undefined>
}

export interface TestAsked {
  /** `<journey>/<mail>`, a step's id for the mail's, or a journey that has only one. */
  what: string
  to: string
  /** A real customer's id; absent: a sample customer. */
  as?: string
  /** The sample customer's slug; absent: the regular. */
  sample?: string
  /** Where the pictures of sample wares lie; absent: they have none. */
  pictures?: string
  locale?: string
  /** A key for links that are to lead nowhere; nobody keeps it. */
  throwAwayKey: string
}

export type Tested =
  | { kind: 'no-such-journey'; there: string[] }
  | { kind: 'no-such-mail'; journey: string; there: string[] }
  | { kind: 'no-such-locale'; there: string[] }
  | { kind: 'nobody' }
  | { kind: 'no-such-sample'; there: string[] }
  | { kind: 'not-allowed'; allowList: readonly string[] }
  /** What the mail cannot do without is not there for this person. */
  | { kind: 'missing'; fields: string[] }
  | {
      kind: 'tried'
      outcome: SendOutcome
      journey: string
      mail: string
      subject: string
      locale: string
      htmlBytes: number
      textBytes: number
    }

/** The source of mails that is live; undefined: nothing is published. */
export async function liveSource(
  workspace: Pick<Workspace, 'live' | 'release' | 'mail'>,
): Promise<Source | undefined> {
  const live = await workspace.live()
  const release = live && (await workspace.release(live.release))
  return release && { ...release, mail: (hash) => workspace.mail(hash) }
}

export interface Chosen {
  kind: 'chosen'
  journey: ReleasedJourney
  mail: string
  step: string
}

/** Journey, mail and step that are meant, or what there is. */
export function chooseMail(source: Pick<Source, 'journeys'>, what: string) {
  const [id = '', name] = what.split('/')
  const journey = Object.hasOwn(source.journeys, id) ? source.journeys[id] : undefined
  if (journey === undefined) {
    return { kind: 'no-such-journey' as const, there: Object.keys(source.journeys).sort() }
  }
  const sends = sendsOf(journey.journey.steps)
  const names = [...new Set(sends.map(({ send }) => send))]
  const only = names.length === 1 ? names[0] : undefined
  const step = sends.find(
    ({ send, id: own }) => send === (name ?? only) || (own !== undefined && own === name),
  )
  if (step === undefined) return { kind: 'no-such-mail' as const, journey: id, there: names }
  return { kind: 'chosen', journey, mail: step.send, step: step.id ?? step.send } satisfies Chosen
}

/** The message that a trial stands for; it is nobody's and stored nowhere. */
function messageFor({ journey, mail, step }: Chosen, by: { event: Message['event']; now: Instant }): Message {
  const { event, now } = by
  const id = (prefix: 'm' | 'r') => derive(prefix, 'a test', journey.id, mail, now)
  return {
    customerId: derive('c', 'nobody'),
    messageId: id('m'),
    ...{ status: 'PLANNED', round: 1, journey: journey.id, step, mail },
    ...{ runId: id('r'), key: '', runStartedAt: now, release: 0, urgent: true, exitsOnOrder: false },
    ...{ plannedAt: now, notBefore: now, notAfter: plus(now, 3_600_000) },
    ...(event !== undefined && { event }),
  }
}

/** Whose mail it is to be, and what it is made with. */
export interface Trial extends Sample {
  settings: Settings
  compiled: CompiledMail
  locale: string
  sender: Sender
  address: string
  now: Instant
}

/**
 * The mail as it would be made for somebody, by the composer of real ones: `shown` leads to the shop's own pages, as
 * mails to the shop's people do; `sent` leads there by way of our links, as a customer gets it.
 */
export function tryOn(
  chosen: Chosen,
  trial: Trial,
): { message: Message; shown: Composition; sent: Composition } {
  const { journey } = chosen
  const { locale, event } = trial
  const message = messageFor(chosen, { event, now: trial.now })
  const subject = { ...trial, journey, settings: { ...trial.settings, locale } }
  const shown = compose({ ...subject, message: { ...message, to: 'shop' } })
  return { message, shown, sent: compose({ ...subject, message }) }
}

/** The locales a mail is written in. */
export const localesOf = (compiled: CompiledMail): string[] =>
  [...new Set([compiled.fallback, ...Object.keys(compiled.strings)])].sort()

/** The sample customer of a slug. */
export const samplePerson = (slug: string = regular.slug): SamplePerson | undefined =>
  samplePeople.find((one) => one.slug === slug)

/** Her of whom the mail is made: a real customer or a sample one. */
async function subjectOf(
  of: { ports: Pick<SendTestPorts, 'customers'>; journey: ReleasedJourney; settings: Settings; now: Instant },
  asked: TestAsked,
): Promise<Sample | Extract<Tested, { kind: 'nobody' | 'no-such-sample' }>> {
  const { ports, journey, settings, now } = of
  const { locale, pictures } = asked
  if (asked.as === undefined) {
    const person = samplePerson(asked.sample)
    if (person === undefined) return { kind: 'no-such-sample', there: samplePeople.map(({ slug }) => slug) }
    return sampleOf(journey, { person, settings, now, locale, pictures })
  }
  const real = await ports.customers.load(asked.as)
  if (real === undefined) return { kind: 'nobody' }
  const run = real.state.runs.find((one) => one.journey === journey.id && one.event !== undefined)
  const stand = sampleOf(journey, { person: regular, settings, now, locale })
  const event = run?.event ?? stand.event
  return { state: real.state, ...(event !== undefined && { event }) }
}

/** Sends it, or says what is in the way. Throws what the renderer throws: a mail that is too large. */
export async function sendTest(ports: SendTestPorts, source: Source, asked: TestAsked): Promise<Tested> {
  const chosen = chooseMail(source, asked.what)
  if (chosen.kind !== 'chosen') return chosen
  const { journey, mail, step } = chosen
  const compiled = await source.mail(journey.mails[mail] ?? '')
  if (compiled === undefined) return { kind: 'no-such-mail', journey: journey.id, there: [] }
  const languages = localesOf(compiled)
  if (asked.locale !== undefined && !ancestry(asked.locale).some((one) => languages.includes(one)))
    return { kind: 'no-such-locale', there: languages }
  const { allowList, sender, linkBaseUrl, postalAddress } = ports.stage
  if (!allowed(asked.to, allowList)) return { kind: 'not-allowed', allowList }
  const now = ports.clock()
  const { settings } = source
  const subject = await subjectOf({ ports, journey, settings, now }, asked)
  if ('kind' in subject) return subject
  const locale = asked.locale ?? localeOf(subject.state, settings.locale)
  const { shown } = tryOn(chosen, {
    ...{ ...subject, settings, compiled, locale, address: asked.to, now },
    sender: { from: sender, linkBaseUrl, postalAddress, linkKeys: { '255': asked.throwAwayKey } },
  })
  if ('missing' in shown) return { kind: 'missing', fields: shown.missing }
  const { html, text } = shown.mail
  // Without her tags: what becomes of it is nothing of any message.
  const tags = { journey: journey.id, step, test: 'true' }
  const marked = `[Test] ${shown.mail.subject}`
  const outcome = await ports.mailer.send({ ...shown.mail, subject: marked, tags })
  return {
    ...{ kind: 'tried', outcome, journey: journey.id, mail, subject: marked, locale },
    ...{ htmlBytes: bytesOf(html), textBytes: bytesOf(text) },
  }
}

/** How long a text is on the wire, in bytes. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length
