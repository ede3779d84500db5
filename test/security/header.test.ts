/**
 * Head lines of a mail cannot be added to: names, subjects, senders, shop settings and customers' words full of
 * line ends, more addresses and control characters, looked at in the request that the real SDK sends to SES.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mailerFrom } from '#adapters/ses'
import { readAddress } from '#core/address'
import { makeToken } from '#core/link'
import { mailView } from '#core/present'
import { renderMail } from '#core/template/render'
import type { Mail } from '#flow/port'
import { aSettings, aState, at, rina } from '#test/fixture/builder'
import { type Recorder, startRecorder } from '#test/fixture/recorder'
import { aMail as aCompiled } from '#test/fixture/story'

const injections = [
  'Rina\r\nBcc: victim@example.com',
  'Rina\nBcc: victim@example.com',
  'Rina\rBcc: victim@example.com',
  'Rina\r\n\r\n<html>another mail',
  'Rina\u2028Bcc: victim@example.com',
  'Rina\u2029Bcc: victim@example.com',
  'Rina\u0085Bcc: victim@example.com',
  'Rina\u000bBcc: victim@example.com',
  'Rina\u000cBcc: victim@example.com',
  'Rina\u0000Bcc: victim@example.com',
  '=?UTF-8?Q?Rina=0D=0ABcc:_victim@example.com?=',
  '=?UTF-8?B?UmluYQ0KQmNjOiB2aWN0aW1AZXhhbXBsZS5jb20=?=',
  'Rina" <victim@example.com>, "x',
  'Rina <victim@example.com>, x',
  'রিনা\r\nBcc: victim@example.com',
  '\u202eRina\u202c',
  'Rina;victim@example.com',
  'Rina%0d%0aBcc:%20victim@example.com',
]

interface Sent {
  FromEmailAddress: string
  Destination: { ToAddresses: string[]; CcAddresses?: string[]; BccAddresses?: string[] }
  Content: { Simple: { Subject: { Data: string }; Headers: { Name: string; Value: string }[] } }
  EmailTags: { Name: string; Value: string }[]
}

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(async () => recorder.close())
beforeEach(() => {
  recorder.asked.length = 0
  recorder.answers.splice(0, recorder.answers.length, { status: 200, body: { MessageId: 'ses-1' } })
})

const aMail = (set: Partial<Mail>): Mail => ({
  to: 'rina@example.com',
  from: 'Shop <hello@shop.example>',
  subject: 'Your cart',
  html: '<p>',
  text: 'x',
  headers: {},
  tags: { messageId: 'm1' },
  ...set,
})

async function sent(set: Partial<Mail>): Promise<Sent | undefined> {
  await mailerFrom({ CONFIGURATION_SET: 'homeward-test' }, recorder.aws).send(aMail(set))
  return recorder.asked[0]?.body as Sent | undefined
}

/** Every text of the request that becomes a head line. */
const lines = ({ FromEmailAddress, Destination, Content, EmailTags }: Sent): string[] => [
  FromEmailAddress,
  ...Destination.ToAddresses,
  Content.Simple.Subject.Data,
  ...[...Content.Simple.Headers, ...EmailTags].flatMap(({ Name = '', Value = '' }) => [Name, Value]),
]

const ends = /[\p{Cc}\u2028\u2029]/u

describe.each(injections)('%j', (text) => {
  it('as a subject is one line', async () => {
    const request = await sent({ subject: text })

    expect(request && lines(request).filter((line) => ends.test(line))).toEqual([])
  })

  it('as her name in a subject is one line', () => {
    const state = aState({ traits: { firstName: { value: text, at: at('09:00') } } })
    const view = mailView(state, {
      settings: aSettings({ shop: { name: text.slice(0, 100), url: 'https://shop.example' } }),
      journey: { id: 'j', name: text },
      step: 's',
      links: {} as never,
      postalAddress: text,
      now: at('09:00'),
    })
    const print = (...path: string[]) => ({ print: { path, frame: 0 }, as: 'plain' as const })
    const mail = aCompiled({ subject: ['Hello ', print('customer', 'firstName'), print('shop', 'name')] })

    expect(renderMail(mail, view, { locale: 'en' }).subject).not.toMatch(ends)
  })

  it('as the sender’s name names no second sender', async () => {
    const request = await sent({ from: `${text} <hello@shop.example>` })

    const from = request?.FromEmailAddress ?? ''
    expect(from).not.toMatch(ends)
    // outside of a quoted name there is one address, and it is ours
    const outside = from.replace(/"(\\.|[^"\\])*"/g, '')
    expect(outside.match(/[^\s<>,;]+@[^\s<>,;]+/g) ?? []).toEqual(['hello@shop.example'])
  })

  it('as the value of a head line or of a tag is one line', async () => {
    const request = await sent({ headers: { 'X-Shop': text, [text]: 'x' }, tags: { journey: text } })

    expect(request && lines(request).filter((line) => ends.test(line))).toEqual([])
  })

  it('as an address, or around one, is not written to', async () => {
    for (const to of [text, `${text}@example.com`, `rina@example.com${text}`, `rina@example.com,${text}`])
      expect(readAddress(to), to).toBeUndefined()
  })
})

describe('the one whom a mail goes to', () => {
  it.each([
    'rina@example.com,victim@example.com',
    'rina,victim@example.com',
    'rina;victim@example.com',
    'rina victim@example.com',
    'rina@example.com victim@example.com',
    'rina@example.com>,<victim@example.com',
    '"a,b"@example.com',
    '(x)rina@example.com',
    'rina@example.com,victim',
    'rina@exam[ple.com',
    '<victim@example.com>, rina@example.com',
  ])('is one: %s is refused', async (to) => {
    expect(await sent({ to })).toBeUndefined()
    expect(readAddress(to)).toBeUndefined()
  })

  it.each(['rina@example.com', "o'hara+tag@example.com", 'rina@পণ্য.example', 'a.b@sub.shop.example'])(
    'is %s',
    async (to) => {
      expect((await sent({ to }))?.Destination.ToAddresses).toHaveLength(1)
    },
  )
})

it('a link’s token cannot carry an address: only ids of ours stand in one', () => {
  const link = { purpose: 'click' as const, messageId: 'mReminderReminder', index: 0 }

  expect(makeToken({ ...link, customerId: rina }, { '1': 'k' })).toMatch(/^[A-Za-z0-9_-]{60}$/)
  expect(() => makeToken({ ...link, customerId: 'rina@example.com' }, { '1': 'k' })).toThrow(
    'cannot stand in a link',
  )
})
