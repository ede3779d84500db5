/**
 * A mailbox as SES takes it: the domain in ASCII (punycode), a display name outside ASCII as encoded words
 * (RFC 2047), the local part in ASCII. Next: `adapters/ses.ts`.
 */
import { domainToASCII } from 'node:url'

const form = /^(?:(.*?)\s*<([^<>]+)>|([^<>]+))$/su
const outsideAscii = /[^\x20-\x7e]/

/** A local part without quotes (RFC 5322 dot-atom), and a host: nothing that could begin another address. */
const oneName = /^[!#$%&'*+/=?^_`{|}~0-9A-Za-z-]+(\.[!#$%&'*+/=?^_`{|}~0-9A-Za-z-]+)*$/
const oneHost = /^[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*$/

/** An encoded word takes 75 characters with its frame; 45 bytes are 60 of base64. */
const wordBytes = 45

/** Text as encoded words, cut between characters. */
function encodedWords(text: string): string {
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (Buffer.byteLength(word + character) > wordBytes) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join(' ')
}

function parts(text: string) {
  const match = form.exec(text.trim())
  const address = (match?.[2] ?? match?.[3] ?? text).trim()
  const at = address.lastIndexOf('@')
  const name = match?.[1]?.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1')
  return { name, local: address.slice(0, Math.max(0, at)), domain: address.slice(at + 1) }
}

/** Why nothing can be sent to an address, or undefined. Says what is wrong, never the address. */
export function mailboxProblem(text: string): string | undefined {
  const { local, domain } = parts(text)
  if (local === '' || domain === '') return 'the address lacks a part before or after its @'
  if (outsideAscii.test(local)) return 'the part before the @ holds characters that SES cannot send to'
  if (!oneName.test(local)) return 'the part before the @ could be read as more than one address'
  if (!oneHost.test(domainToASCII(domain))) return 'the part after the @ is no domain'
  return undefined
}

/**
 * The mailbox as SES takes it.
 * @example mailbox('"রঙ" <hello@পণ্য.example>') // '=?UTF-8?B?4Kaw4KaZ?= <hello@xn--...example>'
 */
export function mailbox(text: string): string {
  const { name, local, domain } = parts(text)
  const address = `${local}@${domainToASCII(domain)}`
  if (name === undefined || name === '') return address
  const shown = outsideAscii.test(name) ? encodedWords(name) : `"${name.replace(/(["\\])/g, '\\$1')}"`
  return `${shown} <${address}>`
}
