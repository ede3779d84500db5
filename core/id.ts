/**
 * Ids are derived, never random: the same cause gives the same id, so that doing something twice is seen as
 * one. An id is a letter for its kind and 96 bits of SHA-256 in base64url (17 characters), which fits an SES
 * tag, a URL and a key. 96 bits: the first collision is expected after 2^48 ids.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalAddress } from './address.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Bytes in URL-safe base64 without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const b0 = bytes[i] ?? 0
    const b1 = bytes[i + 1] ?? 0
    const b2 = bytes[i + 2] ?? 0
    text += alphabet.charAt(b0 >> 2) + alphabet.charAt(((b0 & 3) << 4) | (b1 >> 4))
    if (i + 1 < bytes.length) text += alphabet.charAt(((b1 & 15) << 2) | (b2 >> 6))
    if (i + 2 < bytes.length) text += alphabet.charAt(b2 & 63)
  }
  return text
}

const digest = (parts: readonly (string | number)[]): Uint8Array => sha256(utf8ToBytes(JSON.stringify(parts)))

type Kind = 'c' | 'v' | 'r' | 'm' | 'e'

/**
 * The id of what `parts` cause. Kinds: `c` customer, `v` visitor, `r` run, `m` message, `e` event of our own.
 * @example derive('c', 'user', '42') === derive('c', 'user', '42') // true
 */
export const derive = (kind: Kind, ...parts: (string | number)[]): string =>
  kind + base64url(digest([kind, ...parts]).subarray(0, 12))

/** Eight characters that stand for an event id in the ring of applied events (48 bits, ring of 128). */
export const shortHash = (text: string): string => base64url(sha256(utf8ToBytes(text)).subarray(0, 6))

/** A number in [0, 1) that is the same for the same text: spreads, samples and holdouts. */
export function fraction(text: string): number {
  const bytes = sha256(utf8ToBytes(text))
  return (((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)) / 0x1000000
}

/**
 * The key an inbox is known by: a keyed hash, so that a list of hashes says nothing about addresses.
 * However the address is spelt, it is of one inbox (`canonicalAddress`).
 */
export function addressHash(address: string, key: string): string {
  return base64url(hmac(sha256, utf8ToBytes(key), utf8ToBytes(canonicalAddress(address))).subarray(0, 18))
}
