/**
 * Every reason a decision can have: a code for machines and a sentence for people, the same in timeline, log,
 * console and CLI. `docs/errors.md` has a heading for each code; a test checks it.
 */

export interface Reason {
  code: ReasonCode
  explanation: string
}

type Details = Readonly<Record<string, unknown>>
const say = (details: Details, key: string) => String(details[key] ?? '?')

const explanations = {
  entered: (d: Details) => `entered by ${say(d, 'event')}`,
  'entered-on-schedule': () => 'entered because its date came round',
  resting: (d: Details) => `entered less than its rest ago; may enter again from ${say(d, 'until')}`,
  'condition-false': (d: Details) => `its condition did not hold: ${say(d, 'condition')}`,
  'old-news': (d: Details) =>
    `the event was ${say(d, 'age')} old when it came; journeys take fresh news only`,
  history: () => 'the event was imported as history',
  'no-key': (d: Details) => `the event has no ${say(d, 'key')} to key the run by`,
  'no-trigger': (d: Details) => `nothing that it begins with was ever heard: ${say(d, 'events')}`,
  'no-date': (d: Details) => `${say(d, 'field')} is not known, so its day never comes`,
  'not-due': (d: Details) => `its day comes on ${say(d, 'at')}`,
  'not-decided': () => 'what it begins with came in and is not decided yet',
  'no-state': () => 'nobody who can be written to: no user id and no address is known',
  'only-browser': () =>
    'only a browser said so, whose key is public: a journey that sends mail without a cap begins by the server key',
  'too-many-runs': () => 'she is in as many runs as one customer may be in',
  finished: () => 'walked to the end of the journey',
  'exit-event': (d: Details) => `ended by ${say(d, 'event')}`,
  'exit-condition': (d: Details) => `ended because ${say(d, 'condition')}`,
  'run-ended': () => 'the run it belongs to has ended',
  'subject-gone': (d: Details) => `what the run was about (${say(d, 'key')}) is no longer there`,
  'journey-removed': () => 'the journey is no longer in the live release',
  'wait-ended': (d: Details) => `ended: ${say(d, 'event')} ${say(d, 'outcome')}`,
  'plan-due': () => 'its step was due',
  'hold-over': () => 'what it was held for is over',
  stuck: () => 'it was planned long ago and not sent: dispatched again',
  sent: () => 'accepted by the mail service',
  'no-address': () => 'no e-mail address is known for the customer',
  'no-consent': (d: Details) => `no consent to the topic "${say(d, 'topic')}" is recorded`,
  unsubscribed: (d: Details) => `unsubscribed from the topic "${say(d, 'topic')}"`,
  unverified: () =>
    'only a browser said that the address is hers; such get reminders at most, where settings allow',
  quota: (d: Details) =>
    `the day's quota of the mail service is nearly spent (${say(d, 'sent')} of ${say(d, 'most')})`,
  'warm-up': (d: Details) => `the warm-up's ceiling of ${say(d, 'most')} mails a day is reached`,
  'no-orders': (d: Details) =>
    `no order has arrived since ${say(d, 'at')}, longer than is usual: reminders wait`,
  suppressed: (d: Details) => `the address is suppressed: ${say(d, 'why')}`,
  'address-of-another': () => 'the address belongs to another customer now',
  erased: () => 'the customer was erased',
  merged: () => 'the customer was merged into another account',
  ordered: (d: Details) => `an order was acknowledged at ${say(d, 'at')}, after the run began`,
  'quiet-hours': (d: Details) => `quiet hours at ${say(d, 'zone')} until ${say(d, 'until')}`,
  cap: (d: Details) => `frequency cap: ${say(d, 'mails')} mails in ${say(d, 'within')}`,
  paused: () => 'sending is paused',
  'not-allowed': () => 'the address is not on the allow-list of this stage',
  'nothing-left': () => 'nothing was left to show in the mail',
  'being-sent': () => 'the same mail is being sent by another record of hers; how that ends is waited for',
  'already-sent': () => 'this message already went out, or may have',
  expired: () => 'it was too late to be of use',
  rejected: (d: Details) => `the mail service will never take it: ${say(d, 'error')}`,
  'not-sent': (d: Details) => `surely not sent (${say(d, 'error')}); planned again`,
  unknown: () => 'the mail service may or may not have taken it; it is never sent again',
  closed: () => 'no evidence came in time; closed without sending again',
  'mail-broken': (d: Details) => `the mail could not be rendered: ${say(d, 'error')}`,
} as const

export type ReasonCode = keyof typeof explanations

/** The reason of a code with its sentence filled in. */
export const reason = (code: ReasonCode, details: Details = {}): Reason => ({
  code,
  explanation: explanations[code](details),
})

export const reasonCodes = Object.keys(explanations) as ReasonCode[]
