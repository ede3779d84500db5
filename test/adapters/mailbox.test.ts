/** Mailboxes as SES takes them: ASCII domains, encoded display names, nothing a header could be broken with. */
import { describe, expect, it } from 'vitest'
import { mailbox, mailboxProblem } from '#adapters/mailbox'

describe('a mailbox', () => {
  it.each([
    ['rahima@shop.example', 'rahima@shop.example'],
    ['rahima@পণ্য.example', 'rahima@xn--35bnq3j.example'],
    ['Hello <hello@shop.example>', '"Hello" <hello@shop.example>'],
    ['"Ann \\"A\\" Shop" <hello@shop.example>', '"Ann \\"A\\" Shop" <hello@shop.example>'],
    ['"রঙ" <hello@shop.example>', `=?UTF-8?B?${Buffer.from('রঙ').toString('base64')}?= <hello@shop.example>`],
    ['<hello@shop.example>', 'hello@shop.example'],
  ])('%s is written %s', (given, written) => {
    expect(mailbox(given)).toBe(written)
  })

  it('cuts a long name into encoded words of at most 75 characters that hold whole characters', () => {
    const name = 'শাড়ি ও গয়নার দোকান 🛒 '.repeat(6).trim()

    const [, words = ''] =
      /^(.*) <hello@shop\.example>$/.exec(mailbox(`"${name}" <hello@shop.example>`)) ?? []

    const each = words.split(' ')
    expect(each.every((word) => word.length <= 75)).toBe(true)
    const decoded = each.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString('utf8')).join('')
    expect(decoded).toBe(name)
  })

  it('cannot be made into two headers', () => {
    const evil = mailbox('"A\r\nBcc: other@shop.example" <hello@shop.example>')

    expect(evil).not.toMatch(/[\r\n]/)
  })

  it.each(['', 'nobody', '@shop.example', 'nobody@', 'রহিমা@shop.example', 'a@b c'])(
    'finds the problem of "%s"',
    (text) => {
      expect(mailboxProblem(text)).toBeTypeOf('string')
    },
  )

  it('finds none with what can be sent to', () => {
    expect(mailboxProblem('rahima+tag@পণ্য.example')).toBeUndefined()
  })
})
