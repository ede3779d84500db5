/**
 * Send a test: one mail of a journey to somebody of the shop, made by the same composer as the real one, of a
 * real customer's view (only read) or of a sample person's. Nothing is written: no row, no event, no gate. Its
 * links lead to the shop's pages; where a link of ours stands it leads nobody anywhere, since it is signed with a
 * key that is thrown away.
 */
import { allowed } from '#core/claim'
import { derive } from '#core/id'
import { sendsOf } from '#core/journey'
import type { Message } from '#core/message'
import type { ReleasedJourney } from '#core/release'
import { sampleEvent, sampleState } from '#core/sample'
import type { Settings } from '#core/settings'
import type { State } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { ancestry } from '#core/template/format'
import { plus } from '#core/time'
import { localeOf } from '#core/traits'
import { compose } from './compose.ts'
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
  /** A real customer's id; absent: the sample person. */
  as?: string
  locale?: string
  /** A key for links that are to lead nowhere; nobody keeps it. */
  throwAwayKey: string
}

export type Tested =
  | { kind: 'no-such-journey'; there: string[] }
  | { kind: 'no-such-mail'; journey: string; there: string[] }
  | { kind: 'no-such-locale'; there: string[] }
  | { kind: 'nobody' }
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

/** Journey, mail and step that are meant, or what there is. */
function choose(source: Source, what: string) {
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
  return { kind: 'chosen' as const, journey, mail: step.send, step: step.id ?? step.send }
}

/** The message that a test stands for; it is nobody's and stored nowhere. */
function messageFor(
  of: { journey: ReleasedJourney; mail: string; step: string; state: State; settings: Settings },
  now: string,
): Message {
  const { journey, state, settings } = of
  const run = state.runs.find((one) => one.journey === journey.id && one.event !== undefined)
  const event = run?.event ?? sampleEvent(journey.journey, settings)
  const id = (prefix: 'm' | 'r') => derive(prefix, 'a test', journey.id, of.mail, now)
  return {
    customerId: derive('c', 'nobody'),
    messageId: id('m'),
    ...{ status: 'PLANNED', round: 1, journey: journey.id, step: of.step, mail: of.mail },
    ...{ runId: id('r'), key: '', runStartedAt: now, release: 0, urgent: true, exitsOnOrder: false },
    ...{ plannedAt: now, notBefore: now, notAfter: plus(now, 3_600_000) },
    ...(event !== undefined && { event }),
    // Rendered as for the shop's own people: the shop's pages themselves, and no one-click unsubscribe.
    to: 'shop',
  }
}

/** Sends it, or says what is in the way. Throws what the renderer throws: a mail that is too large. */
export async function sendTest(ports: SendTestPorts, source: Source, asked: TestAsked): Promise<Tested> {
  const chosen = choose(source, asked.what)
  if (chosen.kind !== 'chosen') return chosen
  const { journey, mail, step } = chosen
  const compiled = await source.mail(journey.mails[mail] ?? '')
  if (compiled === undefined) return { kind: 'no-such-mail', journey: journey.id, there: [] }
  const languages = [...new Set([compiled.fallback, ...Object.keys(compiled.strings)])].sort()
  if (asked.locale !== undefined && !ancestry(asked.locale).some((one) => languages.includes(one)))
    return { kind: 'no-such-locale', there: languages }
  const { allowList, sender, linkBaseUrl, postalAddress } = ports.stage
  if (!allowed(asked.to, allowList)) return { kind: 'not-allowed', allowList }
  const now = ports.clock()
  const real = asked.as === undefined ? undefined : await ports.customers.load(asked.as)
  if (asked.as !== undefined && real === undefined) return { kind: 'nobody' }
  const state =
    real?.state ?? sampleState(source.settings, { locale: asked.locale ?? source.settings.locale, now })
  const locale = asked.locale ?? localeOf(state, source.settings.locale)
  const settings = { ...source.settings, locale }
  const composed = compose({
    ...{ journey, settings, state, compiled, address: asked.to, now },
    message: messageFor({ journey, mail, step, state, settings }, now),
    sender: { from: sender, linkBaseUrl, postalAddress, linkKeys: { '255': asked.throwAwayKey } },
  })
  if ('missing' in composed) return { kind: 'missing', fields: composed.missing }
  const subject = `[Test] ${composed.mail.subject}`
  // Without her tags: what becomes of it is nothing of any message.
  const tags = { journey: journey.id, step, test: 'true' }
  const outcome = await ports.mailer.send({ ...composed.mail, subject, tags })
  const bytes = (text: string) => new TextEncoder().encode(text).length
  const { html, text } = composed.mail
  return {
    ...{ kind: 'tried', outcome, journey: journey.id, mail, subject, locale },
    ...{ htmlBytes: bytes(html), textBytes: bytes(text) },
  }
}
