/** Previews: the same bytes as a test send of the same view, and told when nothing would go out. */
import { describe, expect, it } from 'vitest'
import { buildDraft } from '#cli/stage/draft'
import { samplePeople } from '#core/sample/people'
import type { Mail } from '#flow/port'
import { previewMail } from '#flow/preview'
import { chooseMail, samplePerson, sendTest } from '#flow/send-test'

const templates = new URL('../../templates', import.meta.url).pathname
const built = await buildDraft(templates)
if (built.draft === undefined) throw new Error('the templates make no draft')
const { draft } = built
const { settings } = draft
const now = '2026-05-05T10:00:00.000Z'
const pictures = 'https://shop.example/pictures'

const preview = (what: string, slug: string, locale?: string) => {
  const chosen = chooseMail(draft, what)
  const person = samplePerson(slug)
  if (chosen.kind !== 'chosen' || person === undefined) throw new Error(`there is no ${what} of ${slug}`)
  const compiled = draft.mails[chosen.journey.mails[chosen.mail] ?? '']
  if (compiled === undefined) throw new Error(`${what} is not compiled`)
  return previewMail({ chosen, compiled, settings, person, locale, pictures, now })
}

async function testSend(what: string, sample: string): Promise<Mail | undefined> {
  const sent: Mail[] = []
  await sendTest(
    {
      clock: () => now,
      customers: { load: async () => undefined },
      mailer: {
        send: async (mail) => {
          sent.push(mail)
          return { kind: 'sent', sesMessageId: 'x' }
        },
      },
      stage: {
        ...{ sender: 'a@shop.example', linkBaseUrl: 'https://links.shop.example', allowList: ['*'] },
        postalAddress: '12 Mill Lane, 10115 Berlin',
      },
    },
    { ...draft, settings, journeys: draft.journeys, mail: async (hash) => draft.mails[hash] },
    { what, to: 'me@shop.example', sample, pictures, throwAwayKey: 'of no mail that was ever sent' },
  )
  return sent[0]
}

/** Without the tokens of our own links, whose key is numbered by who makes them. */
const withoutTokens = (text: string | undefined) =>
  text?.replace(/(links\.shop\.example\/\w)\/[\w-]{60}/g, '$1')

describe('a preview', () => {
  it.each(samplePeople.map(({ slug }) => slug))('of %s has the bytes of the test send', async (slug) => {
    const shown = preview('birthday/birthday', slug)
    const sent = await testSend('birthday/birthday', slug)

    expect(withoutTokens(shown.html)).toBe(withoutTokens(sent?.html))
    expect(withoutTokens(shown.text)).toBe(withoutTokens(sent?.text))
    expect(`[Test] ${shown.subject}`).toBe(sent?.subject)
  })

  it('is in her own language, or in the one that is asked for', () => {
    expect(preview('welcome', 'bengali')).toMatchObject({ locale: 'bn-BD', locales: ['ar', 'bn', 'en'] })
    expect(preview('welcome', 'regular', 'ar').html).toContain('dir="rtl"')
  })

  it('says nothing unsaid and stays below what Gmail shows: every mail, customer and language', () => {
    const said: string[] = []
    const longest = { bytes: 0, what: '' }
    for (const { id, mails } of Object.values(draft.journeys))
      for (const what of Object.keys(mails).map((mail) => `${id}/${mail}`))
        for (const { slug } of samplePeople)
          for (const locale of ['en', 'bn', 'ar', undefined]) {
            const { subject, html, text, sentBytes, missing } = preview(what, slug, locale)
            const words = `${subject} ${html.replace(/<style[\s\S]*?<\/style>/g, '')} ${text}`
            if (/\bundefined\b|\bnull\b|NaN|\[object|\{\{|\{\w+\}/.test(words))
              said.push(`${what} ${slug} ${locale}`)
            if (html === '' && missing.length === 0) said.push(`${what} ${slug} ${locale} is empty`)
            if (sentBytes > longest.bytes)
              Object.assign(longest, { bytes: sentBytes, what: `${what} ${slug}` })
          }

    expect(said).toEqual([])
    expect(longest.what).toBe('abandoned-cart/reminder many-items')
    expect(longest.bytes).toBeLessThan(90 * 1024)
  })

  it('is as long as the mail that is sent, whose links are ours', () => {
    const { html, sentBytes } = preview('abandoned-cart/reminder', 'many-items')

    expect(sentBytes).not.toBe(Buffer.byteLength(html))
    expect(sentBytes).toBeLessThan(102 * 1024)
  })

  it.each([
    ['after-order/question', 'unsubscribed', 'unsubscribed'],
    ['abandoned-cart/reminder', 'unsubscribed', 'unsubscribed'],
    ['abandoned-cart/reminder', 'empty-cart', 'exit-condition'],
    ['after-order/thanks', 'unsubscribed', undefined],
    ['after-order/unhappy', 'unsubscribed', undefined],
    ['abandoned-cart/reminder', 'many-items', undefined],
  ])('of %s to %s tells whether it would go out: %s', (what, slug, code) => {
    expect(preview(what, slug).withheld?.code).toBe(code)
  })

  it('is empty where the mail lacks what it cannot do without', () => {
    expect(preview('abandoned-cart/last-call', 'empty-cart')).toMatchObject({
      html: '',
      missing: ['cart.items'],
    })
  })
})
