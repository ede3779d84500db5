/** A test mail: what may be asked for, what goes out, and that nothing is written. */
import { describe, expect, it } from 'vitest'
import { readToken } from '#core/link'
import { liveSource, type SendTestPorts, type Source, sendTest, type TestAsked } from '#flow/send-test'
import { at, rina } from '#test/fixture/builder'
import { reminded, type Story } from '#test/fixture/story'

const asked = (set: Partial<TestAsked> = {}): TestAsked => ({
  ...{ what: 'abandoned-cart/reminder', to: 'me@shop.example', throwAwayKey: 'thrown-away-0123456789' },
  ...set,
})

const source = async (story: Story): Promise<Source> => {
  const live = await liveSource(story.workspace)
  if (live === undefined) throw new Error('nothing is live')
  return live
}

const portsOf = (story: Story, allowList = ['@shop.example']): SendTestPorts => ({
  ...{ clock: story.clock, customers: story.customers, mailer: story.mailer },
  stage: {
    sender: 'hello@shop.example',
    linkBaseUrl: 'https://links.example',
    postalAddress: '1 Harbour Street, Hamburg',
    allowList,
  },
})

const tables = (story: Story) => {
  const { eventStream: _, messageStream: __, ...rest } = story.tables
  return structuredClone(rest)
}

describe('a test mail', () => {
  it('goes out once, marked, and writes nothing', async () => {
    const story = await reminded()
    const before = tables(story)

    const tested = await sendTest(portsOf(story), await source(story), asked({ as: rina }))

    expect(tested).toMatchObject({ kind: 'tried', outcome: { kind: 'sent' }, subject: '[Test] Your cart' })
    expect(story.mailer.attempts).toHaveLength(1)
    expect(story.mailer.attempts[0]).toMatchObject({
      to: 'me@shop.example',
      from: 'hello@shop.example',
      subject: '[Test] Your cart',
      headers: {},
      tags: { journey: 'abandoned-cart', step: 'reminder', test: 'true' },
    })
    expect(tables(story)).toEqual(before)
  })

  it('shows a real customer’s cart and carries none of her links', async () => {
    const story = await reminded()

    await sendTest(portsOf(story), await source(story), asked({ as: rina }))

    const [mail] = story.mailer.attempts
    const linkKeys = await story.keys.linkKeys()
    expect(mail?.html).toContain('<p>1</p><a href="https://shop.example/cart">')
    for (const [, token = ''] of `${mail?.html} ${mail?.text}`.matchAll(/links\.example\/\w\/([\w-]+)/g))
      for (const purpose of ['click', 'unsubscribe', 'preferences', 'restore'] as const)
        expect(readToken(token, purpose, linkKeys)).toBeUndefined()
  })

  it('is of a sample customer when nobody is named', async () => {
    const story = await reminded()

    const tested = await sendTest(portsOf(story), await source(story), asked())

    expect(tested).toMatchObject({ kind: 'tried', outcome: { kind: 'sent' } })
    expect(story.mailer.attempts[0]?.html).toContain('<p>4</p>')
  })

  it.each<[string, Partial<TestAsked>, object]>([
    ['a journey that is not there', { what: 'abandoned-cat/reminder' }, { kind: 'no-such-journey' }],
    ['a name of every object', { what: 'constructor/x' }, { kind: 'no-such-journey' }],
    ['a mail that is not there', { what: 'abandoned-cart/remindr' }, { kind: 'no-such-mail' }],
    ['a journey with more than one mail', { what: 'abandoned-cart' }, { kind: 'no-such-mail' }],
    ['a language it is not written in', { locale: 'xx' }, { kind: 'no-such-locale' }],
    ['an address that the stage may not write to', { to: 'me@else.example' }, { kind: 'not-allowed' }],
    ['a customer who is not there', { as: 'cNobodyNobodyNobo' }, { kind: 'nobody' }],
  ])('is refused for %s, and nothing goes out', async (_, set, expected) => {
    const story = await reminded()

    const tested = await sendTest(portsOf(story), await source(story), asked(set))

    expect(tested).toMatchObject(expected)
    expect(story.mailer.attempts).toEqual([])
  })

  it('says what became of it when it is not taken', async () => {
    const story = await reminded()
    story.mailer.answers.push({ kind: 'stopped', error: 'the account is paused' })

    const tested = await sendTest(portsOf(story), await source(story), asked())

    expect(tested).toMatchObject({ outcome: { kind: 'stopped', error: 'the account is paused' } })
    expect(story.now.at).toBe(at('10:00'))
  })
})
