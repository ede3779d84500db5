/**
 * What SES v2 refuses in SendEmail, with its own exceptions and words: tags, headers, recipients, identity,
 * configuration set, content. A request that passes here is one that SES would accept.
 */
import { AwsError } from './aws.ts'
import { buildMime, type MailContent, parseMime } from './mime.ts'

type Part = { Data?: string; Charset?: string }

export type SendEmailInput = {
  FromEmailAddress?: string
  Destination?: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] }
  ReplyToAddresses?: string[]
  ConfigurationSetName?: string
  EmailTags?: { Name?: string; Value?: string }[]
  Content?: {
    Simple?: {
      Subject?: Part
      Body?: { Html?: Part; Text?: Part }
      Headers?: { Name?: string; Value?: string }[]
    }
    Raw?: { Data?: string }
  }
}

/** An accepted mail, before it has an id. `raw` is made once the id is known. */
export type Mail = {
  from: string
  recipients: string[]
  to: string[]
  configurationSet: string | undefined
  tags: Record<string, string>
  content: MailContent
  givenRaw: string | undefined
}

/** What the account may send as and through. */
export type SendingRights = { identities: string[]; configurationSets: string[]; region: string }

const MAX_RECIPIENTS = 50
const MAX_TAGS = 50
const MAX_HEADERS = 15
const MAX_BYTES = 40 * 1024 * 1024
const TAG = /^[A-Za-z0-9_-]{1,256}$/
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]{1,126}$/
const HEADER_VALUE = /^[\x20-\x7e]{1,995}$/
const MAX_HEADER = 996

// SES sets these itself; they cannot come as custom headers.
const ownHeaders = new Set(
  'bcc cc content-disposition content-type date from message-id mime-version reply-to return-path sender subject to'.split(
    ' ',
  ),
)

/** Checks a SendEmail request. Throws AwsError as SES would answer. */
export function readSendEmail(input: SendEmailInput, rights: SendingRights): Mail {
  const from = input.FromEmailAddress ?? ''
  const to = input.Destination?.ToAddresses ?? []
  const recipients = [
    ...to,
    ...(input.Destination?.CcAddresses ?? []),
    ...(input.Destination?.BccAddresses ?? []),
  ]
  const tags = readTags(input)
  const { content, givenRaw } = readContent(input, { from, to })
  if (recipients.length === 0) throw bad('Destination must have at least one recipient.')
  if (recipients.length > MAX_RECIPIENTS) throw bad('Recipient count exceeds 50.')
  for (const address of [from, ...recipients, ...(input.ReplyToAddresses ?? [])]) checkAddress(address)
  checkIdentity(from, rights)
  const set = input.ConfigurationSetName
  if (set !== undefined && !rights.configurationSets.includes(set)) {
    throw new AwsError('NotFoundException', `Configuration set <${set}> does not exist.`, 404)
  }
  return { from, recipients: recipients.map(bareAddress), to, configurationSet: set, tags, content, givenRaw }
}

function readTags(input: SendEmailInput): Record<string, string> {
  const tags = input.EmailTags ?? []
  if (tags.length > MAX_TAGS) throw bad('Too many tags: at most 50.')
  const read: Record<string, string> = {}
  for (const { Name = '', Value = '' } of tags) {
    if (!TAG.test(Name))
      throw bad(`Invalid tag name <${Name}>: only alphanumeric ASCII characters, '_', '-' are allowed.`)
    if (!TAG.test(Value)) {
      throw bad(`Invalid tag value <${Value}>: only alphanumeric ASCII characters, '_', '-' are allowed.`)
    }
    if (Name in read) throw bad(`Duplicate tag name <${Name}>.`)
    read[Name] = Value
  }
  return read
}

function readContent(
  input: SendEmailInput,
  route: { from: string; to: string[] },
): { content: MailContent; givenRaw: string | undefined } {
  const { Simple, Raw } = input.Content ?? {}
  if (Raw?.Data !== undefined) {
    const raw = Buffer.from(Raw.Data, 'base64').toString()
    if (raw.length > MAX_BYTES) throw bad('Message length is more than 41943040 bytes long.')
    return { content: parseMime(raw), givenRaw: raw }
  }
  if (Simple === undefined) throw bad('Content must have Simple, Raw or Template.')
  const subject = Simple.Subject?.Data
  const html = Simple.Body?.Html?.Data
  const text = Simple.Body?.Text?.Data
  if (subject === undefined) throw bad('Missing required field Subject.')
  if (html === undefined && text === undefined) throw bad('Missing required field Body.')
  if (Buffer.byteLength(html ?? '') + Buffer.byteLength(text ?? '') > MAX_BYTES) {
    throw bad('Message length is more than 41943040 bytes long.')
  }
  const replyTo = input.ReplyToAddresses ?? []
  const headers: [string, string][] = [
    ['From', route.from],
    ...(route.to.length > 0 ? [['To', route.to.join(', ')] as [string, string]] : []),
    ...(replyTo.length > 0 ? [['Reply-To', replyTo.join(', ')] as [string, string]] : []),
    ['Subject', subject],
    ...readHeaders(Simple.Headers ?? []),
  ]
  return { content: { subject, html, text, headers }, givenRaw: undefined }
}

function readHeaders(headers: { Name?: string; Value?: string }[]): [string, string][] {
  if (headers.length > MAX_HEADERS) throw bad('Too many headers: at most 15.')
  return headers.map(({ Name = '', Value = '' }) => {
    if (!HEADER_NAME.test(Name))
      throw bad(`Invalid header name <${Name}>: 1 to 126 printable ASCII characters.`)
    if (!HEADER_VALUE.test(Value))
      throw bad(`Invalid value of header <${Name}>: 1 to 995 printable ASCII characters.`)
    if (Name.length + Value.length > MAX_HEADER) throw bad(`Header <${Name}> is longer than 996 characters.`)
    if (ownHeaders.has(Name.toLowerCase())) throw bad(`Header <${Name}> cannot be set as a custom header.`)
    return [Name, Value]
  })
}

/** The raw mail: as given, or built with the headers SES adds. */
export function rawOf(mail: Mail, id: string, sentAt: string): { raw: string; content: MailContent } {
  if (mail.givenRaw !== undefined) return { raw: mail.givenRaw, content: mail.content }
  const headers: [string, string][] = [
    ...mail.content.headers,
    ['Date', new Date(sentAt).toUTCString().replace('GMT', '+0000')],
    ['Message-ID', `<${id}@email.amazonses.com>`],
  ]
  const content = { ...mail.content, headers }
  return { raw: buildMime(content, `----=_Part_${id}`), content }
}

function checkAddress(address: string): void {
  const bare = bareAddress(address)
  const at = bare.lastIndexOf('@')
  if (at < 0) throw bad(`Missing final '@domain'`)
  const local = bare.slice(0, at)
  const domain = bare.slice(at + 1)
  if (!/^[\x21-\x7e]{1,64}$/.test(local)) throw bad(`Local address contains control or whitespace`)
  if (
    !/^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(
      domain,
    )
  ) {
    throw bad(`Domain contains illegal character`)
  }
}

function checkIdentity(from: string, rights: SendingRights): void {
  const address = bareAddress(from).toLowerCase()
  if (identityOf(address, rights.identities) !== undefined) return
  throw new AwsError(
    'MessageRejected',
    `Email address is not verified. The following identities failed the check in region ` +
      `${rights.region.toUpperCase()}: ${from}`,
  )
}

/** The verified identity an address sends under: itself, its domain, or a domain above. */
export function identityOf(from: string, identities: string[]): string | undefined {
  const address = bareAddress(from).toLowerCase()
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return (
    identities.find((identity) => identity.toLowerCase() === address) ??
    identities.find(
      (identity) => domain === identity.toLowerCase() || domain.endsWith(`.${identity.toLowerCase()}`),
    )
  )
}

/** The address inside `"Name" <address>`. */
export function bareAddress(address: string): string {
  return (/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim()
}

function bad(message: string): AwsError {
  return new AwsError('BadRequestException', message)
}
