/**
 * The first family of errors: bad input that is answered and never stored or retried. Each has a code, the
 * HTTP status it is answered with, and a sentence that says what to do about it. `docs/errors.md` has a
 * heading for each code; a test checks it.
 */

/** One thing that is wrong: its code, where in the call it stands, and what to do about it. */
export interface Refusal {
  code: RefusalCode
  path: string
  message: string
}

const statuses = {
  'unknown-key': 401,
  'no-such-page': 404,
  'wrong-method': 405,
  'body-too-large': 413,
  'bad-json': 400,
  'bad-encoding': 400,
  'empty-batch': 400,
  'too-many-events': 400,
  'nothing-accepted': 400,
  'not-an-event': 400,
  'event-too-large': 413,
  'too-deep': 400,
  'unknown-type': 400,
  'no-name': 400,
  'bad-field': 400,
  'bad-properties': 400,
  'no-identity': 400,
  'server-only': 403,
  'own-name': 403,
  erased: 410,
} as const

export type RefusalCode = keyof typeof statuses

export const refusalCodes = Object.keys(statuses) as RefusalCode[]

/** The HTTP status a refusal is answered with. */
export const statusOf = (code: RefusalCode): number => statuses[code]

/** Names of what was taken, but not as it came. */
export const warningCodes = [
  'unsafe-url',
  'hostile-key',
  'placeholder-id',
  'address-not-read',
  'address-unverified',
  'address-of-another',
  'consent-of-another',
] as const
export type WarningCode = (typeof warningCodes)[number]

/** Something that was dropped from an event that was kept. */
export interface Warning {
  code: WarningCode
  path: string
  message: string
}

/** A refusal as an `application/problem+json` body (RFC 9457). */
export const problemOf = (refusals: readonly [Refusal, ...Refusal[]]) => ({
  type: 'about:blank',
  title: 'The call was refused',
  status: statusOf(refusals[0].code),
  code: refusals[0].code,
  detail: refusals[0].path === '' ? refusals[0].message : `${refusals[0].path}: ${refusals[0].message}`,
  errors: refusals,
})
