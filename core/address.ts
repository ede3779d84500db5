/**
 * E-mail addresses as the mail service takes them: 7-bit local part, a domain with a dot, nothing that could
 * end a header line. Reading is all there is; whose address it is, the gates say.
 */

const shape =
  /^[!#$%&'*+/=?^_`{|}~0-9A-Za-z-]+(\.[!#$%&'*+/=?^_`{|}~0-9A-Za-z-]+)*@(?:[0-9A-Za-z._-]|[^\0-\x7f\s\p{Cc}])+$/u

/** What reads as something else than it is: an encoded word, and marks that turn the direction of writing. */
const disguised = /^=\?.*\?=@|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/**
 * An address, trimmed and with its domain in small letters; undefined when it is none that mail can go to.
 * @example readAddress(' Rina@Example.com ') // 'Rina@example.com'
 */
export function readAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 320) return undefined
  const address = value.trim()
  if (address.length > 254 || !shape.test(address) || disguised.test(address)) return undefined
  const at = address.lastIndexOf('@')
  const domain = address.slice(at + 1).toLowerCase()
  const labels = domain.split('.')
  const whole = labels.length > 1 && labels.every((label) => label !== '' && label.length <= 63)
  return whole && at <= 64 ? `${address.slice(0, at)}@${domain}` : undefined
}
