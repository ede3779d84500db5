/** The preferences page, through the handler as HTTP: what it shows, what saving changes, and what it never does. */
import { describe, expect, it } from 'vitest'
import { choiceFor, newAddressGate, withChoice } from '#core/gate'
import { derive } from '#core/id'
import { Settings } from '#core/settings'
import { aMailed, customerId, messageId } from '#test/fixture/mailed'

const mailed = aMailed()

const get = async (headers = {}) => mailed.ask('GET', `/p/${await mailed.token('preferences')}`, { headers })
const post = async (body: string) => mailed.ask('POST', `/p/${await mailed.token('preferences')}`, { body })

/** A form as the page posts it: what was shown, and what is checked. */
const form = (on: string[], shown = ['topic:reminders', 'topic:news', 'may:fewer', 'may:opens']) => {
  const fields = new URLSearchParams({ do: 'save' })
  for (const one of shown) fields.append('shown', one)
  for (const one of on) fields.append(one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1))
  return fields.toString()
}

const consents = async (given: boolean, topics: string[] | undefined, at = '2026-11-20T00:00:00.000Z') => {
  mailed.world.tables.addresses.set(mailed.hash, withChoice(await mailed.gate(), { given, topics, at }))
}

/** Whether the box of a value is checked; undefined: it is not there. */
const boxOf = (html: string, value: string): boolean | undefined => {
  const [box] = new RegExp(`<input type="checkbox"[^>]*value="${value}"[^>]*>`).exec(html) ?? []
  return box?.includes(' checked')
}

describe('the preferences page', () => {
  it('shows every marketing topic with its state and changes nothing', async () => {
    await consents(true, ['news'])
    const before = await mailed.gate()

    const answer = await get()

    expect(answer.statusCode).toBe(200)
    expect([boxOf(answer.body, 'news'), boxOf(answer.body, 'reminders')]).toEqual([true, false])
    expect(boxOf(answer.body, 'fewer')).toBe(false)
    expect(boxOf(answer.body, 'opens')).toBeUndefined()
    expect(await mailed.gate()).toEqual(before)
    expect(await mailed.events()).toEqual([])
  })

  it('leaves out topics of kind service, which nobody can unsubscribe from', async () => {
    const orders = { name: { en: 'Orders' }, kind: 'service' as const }
    mailed.settings({ topics: { orders, news: { name: { en: 'News' }, kind: 'marketing' } } })

    const { body } = await get()

    expect([boxOf(body, 'orders'), boxOf(body, 'news')]).toEqual([undefined, false])
  })

  it('asks about opens only where settings measure them, and a yes to all is none to that', async () => {
    mailed.settings({ measureOpens: true })
    await consents(true, undefined)

    const { body } = await get()

    expect([boxOf(body, 'news'), boxOf(body, 'opens')]).toEqual([true, false])
  })

  it('shows reminders as on where settings allow them without consent', async () => {
    mailed.settings({ remindersWithoutConsent: true })

    const { body } = await get()

    expect([boxOf(body, 'reminders'), boxOf(body, 'news')]).toEqual([true, false])
  })

  it.each([
    ['bounce', 'came back'],
    ['soft-bounces', 'came back'],
    ['complaint', 'reported as spam'],
    ['manual', 'We do not write to this inbox'],
  ] as const)('says that nothing is sent after %s', async (why, words) => {
    const suppressed = { why, at: '2026-11-24T00:00:00.000Z' }
    mailed.world.tables.addresses.set(mailed.hash, { ...(await mailed.gate()), suppressed })

    const { body } = await get()

    expect(body).toContain(words)
  })

  it.each([
    ['bn', 'ltr', 'কী বিষয়ে আপনাকে লিখতে পারি?', '৭ দিনে সর্বোচ্চ'],
    ['ar-EG', 'rtl', 'عمّ تود أن نراسلك؟', 'أيام'],
    ['en', 'ltr', 'What may we write to you about?', 'days'],
  ])('speaks %s', async (language, direction, title, hint) => {
    const { body } = await get({ 'accept-language': language })

    expect(body).toContain(`<html lang="${language.slice(0, 2)}" dir="${direction}">`)
    expect(body).toContain(`<h1>${title}</h1>`)
    expect(body.replaceAll(/<\/?bdi>/g, '')).toContain(hint)
  })

  it('shows what marketers and shops wrote as text', async () => {
    const hostile = '"><script>alert(1)</script>'
    mailed.settings({ topics: { news: { name: { en: hostile }, kind: 'marketing' } } })

    const { body } = await get()

    expect(body).not.toContain('<script>')
    expect(body).toContain('&quot;&gt;&lt;script&gt;')
  })

  it('is in the shop’s colours, and nothing but colours comes in', async () => {
    const { releases } = mailed.world.tables
    const release = releases.get(1)
    const brand = { day: { accent: '#123456' }, night: {}, font: 'Georgia, serif' }
    if (release) releases.set(1, { ...release, brand })

    const answer = await get()

    expect(answer.body).toContain('--accent:#123456')
    expect(answer.body).toContain('font-family:Georgia, serif')
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
  })
})

describe('saving preferences', () => {
  it('changes the inbox, then tells of each change', async () => {
    await consents(true, ['reminders'])

    const answer = await post(form(['topic:news', 'may:fewer']))

    const gate = await mailed.gate()
    expect([choiceFor(gate, 'news'), choiceFor(gate, 'reminders')]).toEqual([true, false])
    expect(gate.fewer).toEqual({ wanted: true, at: '2026-11-24T13:00:00.000Z' })
    expect(await mailed.events()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'Consent Given',
          properties: expect.objectContaining({ topics: ['news'], source: 'preferences', messageId }),
        }),
        expect.objectContaining({
          name: 'Consent Withdrawn',
          properties: expect.objectContaining({ topics: ['reminders'], source: 'preferences' }),
        }),
        expect.objectContaining({
          name: 'Preferences Changed',
          properties: expect.objectContaining({ fewer: true }),
        }),
      ]),
    )
    expect(answer.body).toContain('Your choices are saved')
    expect([boxOf(answer.body, 'news'), boxOf(answer.body, 'reminders')]).toEqual([true, false])
    expect(mailed.world.tables.messages.get(customerId)?.get(messageId)?.message.unsubscribedAt).toBe(
      '2026-11-24T13:00:00.000Z',
    )
  })

  it('again changes nothing and tells nothing', async () => {
    await post(form(['topic:news', 'may:fewer']))
    const [gate, events] = [await mailed.gate(), await mailed.events()]
    mailed.world.now.at = '2026-11-25T13:00:00.000Z'

    await post(form(['topic:news', 'may:fewer']))

    expect(await mailed.gate()).toEqual(gate)
    expect(await mailed.events()).toEqual(events)
  })

  it.each([
    ['a topic', form([])],
    ['all', 'do=none'],
  ])(
    'that refuse %s again count from then on: a yes from between, told late, does not undo it',
    async (_, no) => {
      await consents(false, ['news'])
      mailed.world.now.at = '2026-11-26T00:00:00.000Z'

      await post(no)

      await consents(true, undefined, '2026-11-25T00:00:00.000Z')
      await consents(true, ['news'], '2026-11-25T00:00:00.000Z')
      expect(choiceFor(await mailed.gate(), 'news')).toBe(false)
      expect(await mailed.events()).toMatchObject([
        { name: 'Consent Withdrawn', occurredAt: '2026-11-26T00:00:00.000Z' },
      ])
      // she had refused before: no mail led her to it
      expect(
        mailed.world.tables.messages.get(customerId)?.get(messageId)?.message.unsubscribedAt,
      ).toBeUndefined()
    },
  )

  it('whose event was lost half-way is completed by the next try', async () => {
    const record = mailed.world.events.record
    mailed.world.events.record = async () => {
      throw new Error('the table is away')
    }
    expect((await post(form(['topic:news']))).statusCode).toBe(503)
    mailed.world.events.record = record
    mailed.world.now.at = '2026-11-24T14:00:00.000Z'

    await post(form(['topic:news']))

    expect(await mailed.events()).toMatchObject([
      { name: 'Consent Given', occurredAt: '2026-11-24T13:00:00.000Z', properties: { topics: ['news'] } },
    ])
  })

  it('leaves alone what the form did not show', async () => {
    await consents(true, ['reminders'])

    await post(form(['topic:news'], ['topic:news']))

    const gate = await mailed.gate()
    expect([choiceFor(gate, 'news'), choiceFor(gate, 'reminders')]).toEqual([true, true])
    expect(gate.fewer).toBeUndefined()
  })

  it('takes no topic that settings do not declare', async () => {
    await post(form(['topic:*', 'topic:opens', 'topic:ghost'], ['topic:*', 'topic:opens', 'topic:ghost']))

    expect((await mailed.gate()).consent).toEqual({})
    expect(await mailed.events()).toEqual([])
  })

  it('keeps the words of a yes as its proof, in the language of the page', async () => {
    await mailed.ask('POST', `/p/${await mailed.token('preferences')}`, {
      headers: { 'accept-language': 'bn' },
      body: form(['topic:reminders']),
    })

    const { consent } = await mailed.gate()
    const given = (await mailed.events()).find(({ name }) => name === 'Consent Given')
    expect(consent.reminders?.text).toContain('কার্টের কথা')
    expect(given?.properties.text).toBe(consent.reminders?.text)
  })

  it('lets us see opens by a choice of its own, which is no consent to mail', async () => {
    mailed.settings({ measureOpens: true })

    await post(form(['may:opens']))

    expect((await mailed.gate()).consent).toMatchObject({ opens: { given: true, source: 'preferences' } })
    expect(await mailed.events()).toMatchObject([
      { name: 'Preferences Changed', properties: { opens: true } },
    ])
  })

  it('notes no opens where settings do not measure them', async () => {
    await post(form(['may:opens']))

    expect((await mailed.gate()).consent).toEqual({})
  })

  it('turns reminders off where settings send them unasked, and leaves silence where they stay on', async () => {
    mailed.settings({ remindersWithoutConsent: true })

    await post(form(['topic:reminders']))
    expect((await mailed.gate()).consent).toEqual({})

    await post(form([]))
    expect(choiceFor(await mailed.gate(), 'reminders')).toBe(false)
  })

  it('stops all by one button, once', async () => {
    await consents(true, ['news'])

    await post('do=none')
    mailed.world.now.at = '2026-11-24T13:00:59.000Z'
    const answer = await post('do=none')

    const gate = await mailed.gate()
    expect([choiceFor(gate, 'news'), choiceFor(gate, 'reminders')]).toEqual([false, false])
    const events = await mailed.events()
    expect(events).toMatchObject([{ name: 'Consent Withdrawn', properties: { source: 'preferences' } }])
    expect(events[0]?.properties.topics).toBeUndefined()
    expect(boxOf(answer.body, 'news')).toBe(false)
  })

  it('can take one topic back after all was stopped', async () => {
    await post('do=none')
    mailed.world.now.at = '2026-11-25T13:00:00.000Z'

    await post(form(['topic:news']))

    const gate = await mailed.gate()
    expect([choiceFor(gate, 'news'), choiceFor(gate, 'reminders')]).toEqual([true, false])
  })

  it('does not lift a suppression', async () => {
    const suppressed = { why: 'complaint' as const, at: '2026-11-24T00:00:00.000Z' }
    mailed.world.tables.addresses.set(mailed.hash, { ...(await mailed.gate()), suppressed })

    const answer = await post(form(['topic:news']))

    expect((await mailed.gate()).suppressed).toEqual(suppressed)
    expect(answer.body).toContain('reported as spam')
  })

  it.each(['', 'x=1', 'topic=news', `shown=topic:news&x=${'x'.repeat(100_000)}`])(
    'refuses what is no form of ours (%#)',
    async (body) => {
      const answer = await post(body)

      expect(answer.statusCode).toBe(400)
      expect(await mailed.gate()).toMatchObject({ consent: {}, version: 1 })
      expect(await mailed.events()).toEqual([])
    },
  )

  it('of who was merged is told to whom she became; of who was erased, to nobody', async () => {
    const other = derive('c', 'user', '43')
    mailed.world.tables.persons.set(customerId, { version: 1, mergedInto: other })
    await post(form(['topic:news']))
    expect(await mailed.world.events.eventsOf(other)).toMatchObject([{ name: 'Consent Given' }])

    mailed.world.tables.persons.set(other, { version: 1, erased: true })
    expect((await post(form([]))).statusCode).toBe(404)
    mailed.world.tables.persons.delete(customerId)
    mailed.world.tables.addresses.set(mailed.hash, { ...newAddressGate(), erased: true })
    expect((await get()).statusCode).toBe(404)
  })

  it('meets others at the inbox and tries again', async () => {
    const putAddress = mailed.world.gates.putAddress
    let tries = 0
    mailed.world.gates.putAddress = async (hash, gate) => {
      tries += 1
      return tries <= 2 ? 'changed' : putAddress(hash, gate)
    }

    await post(form(['topic:news']))

    expect(choiceFor(await mailed.gate(), 'news')).toBe(true)
  })
})

describe('fewer mails', () => {
  it('is at most one in seven days unless settings say otherwise', () => {
    const settings = Settings.parse({
      shop: { name: 'Shop', url: 'https://shop.example' },
      currency: 'EUR',
      timeZone: 'UTC',
      topics: {},
    })

    expect(settings.fewer).toEqual({ mails: 1, within: 7 * 86_400_000 })
  })
})
