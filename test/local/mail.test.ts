/** Mail: the wire form, what SES refuses, what it publishes. */
import { describe, expect, it } from 'vitest'
import { buildMime, encodeHeader, parseMime } from '#local/mime'
import { fateOf, noticesOf, type SentMail } from '#local/ses-notice'
import { identityOf, readSendEmail, type SendEmailInput } from '#local/ses-request'

describe('the wire form', () => {
  const content = {
    subject: 'আপনার কার্ট 🛒 “waiting”',
    html: '<p>নুসরাত &amp; مرحبا</p>',
    text: 'নুসরাত\r\nمرحبا',
    headers: [
      ['From', '"Lädchen" <hello@shop.example>'],
      ['To', 'ada@example.com'],
      ['Subject', 'আপনার কার্ট 🛒 “waiting” and a good deal more, so that it takes several words'],
      ['List-Unsubscribe', '<https://shop.example/u/abc>'],
    ] as [string, string][],
  }

  it('comes back as it went in, whatever the script', () => {
    const read = parseMime(buildMime(content, 'boundary'))

    expect(read.html).toBe(content.html)
    expect(read.text).toBe(content.text)
    expect(Object.fromEntries(read.headers)).toMatchObject(Object.fromEntries([...content.headers.slice(1)]))
  })

  it('is ASCII in lines of at most 998 characters', () => {
    const raw = buildMime({ ...content, html: 'x'.repeat(5_000) }, 'boundary')

    expect(raw).toMatch(/^[\t\r\n\x20-\x7e]*$/)
    expect(Math.max(...(raw.match(/=\?[^ ]+\?=/g) ?? []).map((word) => word.length))).toBeLessThanOrEqual(75)
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
  })

  it('encodes only the name in an address', () => {
    expect(encodeHeader('From', '"Lädchen" <a@b.example>')).toBe('=?UTF-8?B?TMOkZGNoZW4=?= <a@b.example>')
  })

  it('reads quoted-printable and a single part', () => {
    const raw =
      'Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=C3=BC=\r\n=C3=9Fe</p>'

    expect(parseMime(raw).html).toBe('<p>Grüße</p>')
  })
})

const rights = { identities: ['shop.example'], configurationSets: ['set'], region: 'us-east-1' }

function aRequest(change: Partial<SendEmailInput> = {}): SendEmailInput {
  return {
    FromEmailAddress: 'Shop <hello@shop.example>',
    Destination: { ToAddresses: ['ada@example.com'] },
    Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
    ...change,
  }
}

const withHeader = (Name: string, Value: string): Partial<SendEmailInput> => ({
  Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } }, Headers: [{ Name, Value }] } },
})

describe('SendEmail', () => {
  it('accepts what SES accepts', () => {
    const mail = readSendEmail(
      aRequest({
        EmailTags: [{ Name: 'messageId', Value: 'a_B-9' }],
        ConfigurationSetName: 'set',
        ...withHeader('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'),
      }),
      rights,
    )

    expect(mail).toMatchObject({
      recipients: ['ada@example.com'],
      tags: { messageId: 'a_B-9' },
      configurationSet: 'set',
    })
  })

  it.each([
    ['no recipient', { Destination: {} }, /at least one recipient/],
    ['a tag value with a dot', { EmailTags: [{ Name: 'a', Value: 'b.c' }] }, /Invalid tag value/],
    ['a tag name with a space', { EmailTags: [{ Name: 'a b', Value: 'c' }] }, /Invalid tag name/],
    ['an empty tag value', { EmailTags: [{ Name: 'a', Value: '' }] }, /Invalid tag value/],
    ['a header with a line break', withHeader('X-A', 'a\r\nBcc: b@c.example'), /Invalid value of header/],
    ['a header beyond ASCII', withHeader('X-A', 'é'), /Invalid value of header/],
    ['a header of its own', withHeader('Subject', 'x'), /cannot be set/],
    ['a header too long', withHeader('X-A', 'x'.repeat(996)), /Invalid value/],
    ['an unverified sender', { FromEmailAddress: 'a@other.example' }, /not verified/],
    ['an unknown configuration set', { ConfigurationSetName: 'ghost' }, /does not exist/],
    ['a recipient without a domain', { Destination: { ToAddresses: ['ada'] } }, /Missing final/],
    ['a recipient beyond ASCII', { Destination: { ToAddresses: ['é@example.com'] } }, /Local address/],
    ['no subject', { Content: { Simple: { Body: { Text: { Data: 't' } } } } }, /Subject/],
    ['no body', { Content: { Simple: { Subject: { Data: 's' } } } }, /Body/],
  ])('refuses %s', (_, change, message) => {
    expect(() => readSendEmail(aRequest(change as Partial<SendEmailInput>), rights)).toThrow(message)
  })

  it('knows a domain identity by its subdomains, but not by a longer name', () => {
    expect(identityOf('a@mail.shop.example', ['shop.example'])).toBe('shop.example')
    expect(identityOf('a@myshop.example', ['shop.example'])).toBeUndefined()
  })
})

describe('notices', () => {
  const mail: SentMail = {
    id: 'ses-1',
    at: '2026-05-01T09:00:00.000Z',
    from: 'Shop <hello@shop.example>',
    to: ['ada@example.com'],
    recipients: ['ada@example.com'],
    subject: 's',
    headers: [['From', 'hello@shop.example']],
    tags: { messageId: 'm1' },
    configurationSet: 'set',
    accountId: '000000000000',
    identityArn: 'arn',
  }

  it.each([
    ['ada@example.com', 'delivered'],
    ['bounce@simulator.amazonses.com', 'bounced'],
    ['bounce+label@simulator.amazonses.com', 'bounced'],
    ['softbounce@simulator.amazonses.com', 'bounced softly'],
    ['complaint@simulator.amazonses.com', 'complained'],
    ['ooto@simulator.amazonses.com', 'delivered'],
    ['suppressionlist@simulator.amazonses.com', 'suppressed'],
    ['listed@example.com', 'suppressed'],
  ])('mail to %s is %s', (address, fate) => {
    expect(fateOf(address, (one) => one === 'listed@example.com')).toBe(fate)
  })

  it.each([
    ['delivered', ['Send', 'Delivery']],
    ['bounced', ['Send', 'Bounce']],
    ['complained', ['Send', 'Delivery', 'Complaint']],
    ['suppressed', ['Send', 'Bounce']],
  ] as const)('of mail that is %s are %j', (fate, types) => {
    expect(noticesOf(mail, new Map([['ada@example.com', fate]])).map((notice) => notice.type)).toEqual(types)
  })

  it('carry the tags and the message id, as event publishing does', () => {
    const [send] = noticesOf(mail, new Map([['ada@example.com', 'delivered']]))

    expect(send?.body).toMatchObject({
      eventType: 'Send',
      mail: { messageId: 'ses-1', tags: { messageId: ['m1'], 'ses:configuration-set': ['set'] } },
    })
  })
})
