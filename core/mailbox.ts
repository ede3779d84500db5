/**
 * A display name before an address, as a header wants it (RFC 5322 §3.4): quoted when plain, as an encoded
 * word (RFC 2047) when it holds anything beyond ASCII. Control characters never get in.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from './id.ts'

const encodedWordBytes = 45

/** RFC 2047 base64 words of at most 75 characters, never splitting a character. */
function encodedWords(text: string): string {
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (utf8ToBytes(word + character).length > encodedWordBytes) {
      words.push(word)
      word = ''
    }
    word += character
  }
  words.push(word)
  return words.map((one) => `=?UTF-8?B?${base64(utf8ToBytes(one))}?=`).join(' ')
}

function base64(bytes: Uint8Array): string {
  const text = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/**
 * The `From` of a mail. @example encodeMailbox('Meadow & Loom', 'hello@shop.example') // '"Meadow & Loom" <hello@shop.example>'
 */
export function encodeMailbox(name: string, address: string): string {
  const clean = name.replace(/\p{Cc}+/gu, ' ').trim()
  if (clean === '') return address
  const plain = /^[\x20-\x7e]*$/.test(clean)
  return `${plain ? `"${clean.replace(/(["\\])/g, '\\$1')}"` : encodedWords(clean)} <${address}>`
}
