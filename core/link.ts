/**
 * The tokens in our links: they name a message and nothing personal, and only who holds the link key can make
 * them. 45 bytes, written as 60 characters: version, key id, customer, message, link index, and 16 bytes of
 * HMAC-SHA256 (RFC 2104) under a key of the purpose, so that a click's token never unsubscribes. Old keys
 * keep verifying; the highest key id signs.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { Failed } from './failed.ts'
import { base64url } from './id.ts'

/** What a link is for; `restore`: her cart at the shop, `confirm`: her yes where two are wanted. */
export type Purpose =
  | 'click'
  | 'unsubscribe'
  | 'preferences'
  | 'online'
  | 'restore'
  | 'survey'
  | 'open'
  | 'confirm'

/** Where a link of each purpose stands: the first part of its path. */
export const pathOf = {
  click: 'c',
  unsubscribe: 'u',
  preferences: 'p',
  online: 'v',
  restore: 's',
  survey: 'a',
  open: 'o',
  confirm: 'y',
} as const satisfies Record<Purpose, string>

/** Surveys by the index in their links. */
export const surveys = ['nps', 'ces'] as const

export interface Link {
  customerId: string
  messageId: string
  /** Which of the message's links; 0 where there is but one. */
  index: number
}

const version = 1
const idBytes = 13
const macBytes = 16
const signedBytes = 2 + idBytes + idBytes - 1 + 2
const tokenBytes = signedBytes + macBytes
const tokenShape = /^[A-Za-z0-9_-]{60}$/

/** The bytes of URL-safe base64 of whole groups of four characters. */
const fromBase64url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))

/** An id as bytes: its letter and the 96 bits behind it. */
const idToBytes = (id: string): Uint8Array => {
  if (!/^[a-z][A-Za-z0-9_-]{16}$/.test(id))
    throw new Failed({
      code: 'id-not-linkable',
      message: `"${id}" is not an id made by derive() and cannot stand in a link`,
      retryable: false,
    })
  return Uint8Array.of(id.charCodeAt(0), ...fromBase64url(id.slice(1)))
}

const bytesToId = (bytes: Uint8Array): string =>
  String.fromCharCode(bytes[0] ?? 0) + base64url(bytes.subarray(1))

function macOf(signed: Uint8Array, purpose: Purpose, secret: string): Uint8Array {
  const key = hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`homeward link ${version} ${purpose}`))
  return hmac(sha256, key, signed).subarray(0, macBytes)
}

/** Whether two byte strings are the same, in a time that does not depend on where they differ. */
function equal(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i += 1) difference |= (one[i] ?? 0) ^ (other[i] ?? 0)
  return difference === 0
}

function signingKey(keys: Readonly<Record<string, string>>): { id: number; secret: string } {
  const ids = Object.keys(keys)
    .map(Number)
    .filter((id) => Number.isInteger(id) && id >= 0 && id <= 255)
  const id = Math.max(...ids)
  const secret = keys[String(id)]
  if (secret !== undefined && secret !== '') return { id, secret }
  throw new Failed({
    code: 'no-link-key',
    message: 'the secret LinkKeys holds no key; it is a JSON object such as {"1": "<32 random bytes>"}',
    retryable: false,
  })
}

/**
 * The token of a link. `keys`: key id (0 to 255) → secret. Throws `Failed` when there is no key or an id is
 * none of ours.
 * @example makeToken({ purpose: 'click', customerId, messageId, index: 0 }, keys).length // 60
 */
export function makeToken(link: Link & { purpose: Purpose }, keys: Readonly<Record<string, string>>): string {
  const { id, secret } = signingKey(keys)
  const customer = idToBytes(link.customerId)
  const message = idToBytes(link.messageId).subarray(1)
  const signed = Uint8Array.of(version, id, ...customer, ...message, link.index >> 8, link.index & 255)
  return base64url(Uint8Array.of(...signed, ...macOf(signed, link.purpose, secret)))
}

/**
 * The id of the key that a token says it was made with; undefined where it has not the form of ours.
 * @example keyIdOf('AQI'.padEnd(60, 'A')) // '2'
 */
export function keyIdOf(token: string): string | undefined {
  const [made, id] = tokenShape.test(token) ? fromBase64url(token) : []
  return made === version ? String(id) : undefined
}

/** What a token names; undefined when it was not made for this purpose with one of our keys. Never throws. */
export function readToken(
  token: string,
  purpose: Purpose,
  keys: Readonly<Record<string, string>>,
): Link | undefined {
  if (!tokenShape.test(token)) return undefined
  const bytes = fromBase64url(token)
  const secret = keys[String(bytes[1])]
  if (bytes.length !== tokenBytes || bytes[0] !== version || secret === undefined) return undefined
  const signed = bytes.subarray(0, signedBytes)
  if (!equal(macOf(signed, purpose, secret), bytes.subarray(signedBytes))) return undefined
  const customerEnd = 2 + idBytes
  const messageEnd = customerEnd + idBytes - 1
  return {
    customerId: bytesToId(bytes.subarray(2, customerEnd)),
    messageId: `m${base64url(bytes.subarray(customerEnd, messageEnd))}`,
    index: ((bytes[messageEnd] ?? 0) << 8) | (bytes[messageEnd + 1] ?? 0),
  }
}
