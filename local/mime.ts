/**
 * Mail in its wire form (RFC 5322, 2045, 2047): built from simple content as SES builds it, and read back from raw
 * content far enough to show it. Pure; the inbox shows what these functions return.
 */

export type MailContent = {
  subject: string
  html: string | undefined
  text: string | undefined
  /** In the order they stand in the mail. */
  headers: [name: string, value: string][]
}

const LINE = '\r\n'
const ENCODED_WORD_BYTES = 45
const BASE64_COLUMNS = 76

/** The raw mail for simple content: multipart/alternative when there are both parts, UTF-8 in base64. */
export function buildMime(content: MailContent, boundary: string): string {
  const lines = content.headers.map(([name, value]) => `${name}: ${encodeHeader(name, value)}`)
  lines.push('MIME-Version: 1.0')
  const parts = [
    ...(content.text === undefined ? [] : [part('text/plain', content.text)]),
    ...(content.html === undefined ? [] : [part('text/html', content.html)]),
  ]
  const only = parts.length === 1 ? parts[0] : undefined
  if (only !== undefined) return [...lines, only].join(LINE)
  lines.push(`Content-Type: multipart/alternative; boundary="${boundary}"`, '')
  for (const each of parts) lines.push(`--${boundary}`, each)
  return [...lines, `--${boundary}--`, ''].join(LINE)
}

function part(type: string, text: string): string {
  const encoded = Buffer.from(text).toString('base64')
  const rows = encoded.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, 'g')) ?? []
  return [`Content-Type: ${type}; charset=UTF-8`, 'Content-Transfer-Encoding: base64', '', ...rows].join(LINE)
}

const addressHeaders = new Set(['from', 'to', 'cc', 'reply-to', 'sender'])

/** A header value in ASCII: RFC 2047 encoded words where needed; in address headers only the display name. */
export function encodeHeader(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: printable ASCII is exactly what must be told apart.
  if (/^[\x00-\x7f]*$/.test(value)) return value
  if (!addressHeaders.has(name.toLowerCase())) return encodeWords(value)
  const match = /^"?(.*?)"?\s*(<[^<>]+>)$/.exec(value)
  return match === null ? value : `${encodeWords(match[1] ?? '')} ${match[2]}`
}

function encodeWords(value: string): string {
  const words: string[] = []
  let run = ''
  // Split between characters, so that no encoded word holds half of one.
  for (const character of value) {
    if (Buffer.byteLength(run + character) > ENCODED_WORD_BYTES) {
      words.push(run)
      run = ''
    }
    run += character
  }
  words.push(run)
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(`${LINE} `)
}

/** Reads a raw mail: headers unfolded and decoded, the first HTML and the first plain part. */
export function parseMime(raw: string): MailContent {
  const { headers, body } = split(raw)
  const found: { html?: string; text?: string } = {}
  collect(headers, body, found)
  return {
    subject: headers.find(([name]) => name.toLowerCase() === 'subject')?.[1] ?? '',
    html: found.html,
    text: found.text,
    headers,
  }
}

function split(raw: string): { headers: [string, string][]; body: string } {
  const end = /\r?\n\r?\n/.exec(raw)
  const head = end === null ? raw : raw.slice(0, end.index)
  const body = end === null ? '' : raw.slice(end.index + end[0].length)
  const headers = head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), decodeWords(line.slice(colon + 1).trim())]] : []
    })
  return { headers, body }
}

function collect(headers: [string, string][], body: string, found: { html?: string; text?: string }): void {
  const of = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? ''
  const type = of('content-type') || 'text/plain'
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (/^multipart\//i.test(type) && boundary !== undefined) {
    for (const piece of body.split(`--${boundary}`).slice(1)) {
      if (piece.startsWith('--')) break
      const inner = split(piece.replace(/^\r?\n/, ''))
      collect(inner.headers, inner.body, found)
    }
    return
  }
  const text = decodeBody(body, of('content-transfer-encoding').toLowerCase())
  if (/^text\/html/i.test(type)) found.html ??= text
  else if (/^text\/plain/i.test(type)) found.text ??= text
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString()
  if (encoding === 'quoted-printable') return decodeQuoted(body.replace(/=\r?\n/g, ''))
  return body
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?[^?]+\?([BbQq])\?([^?]*)\?=/g, (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : decodeQuoted(text.replaceAll('_', ' ')),
    )
}
