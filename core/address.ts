/**
 * E-mail addresses as the mail service takes them: 7-bit local part, a domain with a dot, nothing that could
 * end a header line; and the one spelling of an inbox. Whose address it is, the gates say.
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

/** A domain as the DNS and the mail service spell it (punycode, RFC 5890); one that has no such form stays. */
function asciiDomain(domain: string): string {
  if (/^[\0-\x7f]*$/.test(domain)) return domain
  try {
    return new URL(`ws://${domain}`).hostname
  } catch {
    return domain
  }
}

/**
 * The one spelling of an inbox: trimmed, in small letters, its domain as the mail service's notices spell it.
 * Nothing cleverer: dots and tags are left alone.
 * @example canonicalAddress(' Rina@Bücher.example ') // 'rina@xn--bcher-kva.example'
 */
export function canonicalAddress(address: string): string {
  const normal = address.trim().toLowerCase()
  const domainAt = normal.lastIndexOf('@') + 1
  return normal.slice(0, domainAt) + asciiDomain(normal.slice(domainAt))
}
