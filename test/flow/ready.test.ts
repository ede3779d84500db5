/**
 * The journeys of `templates/` as they are published, walked over the in-memory ports: what goes out, to whom
 * and when. `test/acceptance/journeys.test.ts` lives through them on the booted stack.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { buildDraft } from '#cli/stage/draft'
import { type Draft, releaseOf } from '#core/draft'
import { newAddressGate } from '#core/gate'
import type { Instant } from '#core/time'
import { at, cartUpdated, identify, lamp, orderCompleted, rina, track } from '#test/fixture/builder'
import { address, aStory, type Story } from '#test/fixture/story'

const templates = new URL('../../templates', import.meta.url).pathname
const yes = { given: true, at: at('00:00') }

let draft: Draft | undefined

beforeAll(async () => {
  draft = (await buildDraft(templates)).draft
})

/** Rina under the journeys of this repository; she said yes to all topics unless `topics` names them. */
async function aTale(set: { from?: Instant; topics?: string[]; locale?: string } = {}): Promise<Story> {
  if (draft === undefined) throw new Error('the templates make no draft')
  const { from = at('09:00'), locale = 'en', topics } = set
  const story = aStory({ at: from, release: releaseOf(draft, { number: 1, publishedAt: at('00:00') }) })
  for (const [hash, mail] of Object.entries(draft.mails)) story.tables.mails.set(hash, mail)
  if (topics !== undefined) {
    const consent = Object.fromEntries(topics.map((topic) => [topic, yes]))
    story.tables.addresses.set(story.inbox, { ...newAddressGate(), owner: rina, consent, version: 1 })
  }
  await story.happen(identify({ email: address, firstName: 'Rina', timezone: 'UTC', locale }, { at: from }))
  return story
}

/** What became of the mails of the journeys named, in the order they were planned. */
const ended = ({ tables }: Story, ...journeys: string[]) =>
  [...(tables.messages.get(rina)?.values() ?? [])]
    .filter(({ message }) => journeys.includes(message.journey))
    .map(
      ({ message: { step, status, reason, sentAt } }) =>
        `${step} ${status} ${reason ?? sentAt?.slice(0, 16)}`,
    )

const textOf = ({ mailer }: Story, step: string) =>
  mailer.attempts.find(({ tags }) => tags.step === step)?.text ?? ''

const viewed = (id: string, name: string, time: string) =>
  track('Product Viewed', { ...lamp, product_id: id, name }, { at: at(time) })

const answered = (story: Story, score: number, when: Instant, comment?: string) => {
  const { messageId = '', runId = '' } = story.message('question') ?? {}
  const about = { messageId, journey: 'after-order', step: 'question', runId, survey: 'nps' }
  return track('Survey Answered', { ...about, score, comment }, { at: when, source: 'homeward' })
}

/** How easy she says it was, in a run of its own. */
const easeAnswered = (score: number, when: Instant) =>
  track(
    'Survey Answered',
    { messageId: 'mEase', journey: 'effort', step: 'ease', runId: 'rEase', survey: 'ces', score },
    { at: when, source: 'homeward' },
  )

describe('browsing', () => {
  it('is answered two quiet hours later, the last product first, in Arabic from right to left', async () => {
    const story = await aTale({ locale: 'ar' })

    await story.happen(viewed('vase', 'Blue vase', '09:01'))
    await story.travel(at('10:30'))
    await story.happen(viewed('throw', 'Oat throw', '10:31'))
    await story.travel(at('20:00'))

    expect(ended(story, 'abandoned-browse')).toEqual(['looked SENT 2026-03-02T12:31'])
    expect(textOf(story, 'looked')).toMatch(/Oat throw[\s\S]*Blue vase/)
    expect(story.mailer.attempts[0]?.html).toContain('<html lang="ar" dir="rtl"')
  })

  it('ends at a cart, whose reminder goes on where she left off', async () => {
    const story = await aTale()

    await story.happen(viewed('vase', 'Blue vase', '09:01'), cartUpdated('c1', { at: at('09:10') }))
    await story.travel(at('18:00'))

    expect(ended(story, 'abandoned-browse')).toEqual([])
    expect(textOf(story, 'reminder')).toMatch(
      /Reading lamp[\s\S]*Continue where you left off[\s\S]*Blue vase/,
    )
  })
})

describe('an order', () => {
  it('is thanked for at night without consent; the question wants its own', async () => {
    const story = await aTale({ from: at('23:00'), topics: ['reminders'] })

    await story.happen(orderCompleted('o-1', 49.9, { at: at('23:00') }))
    await story.travel(at('12:00', 20))

    expect(ended(story, 'after-order')).toEqual([
      'thanks SENT 2026-03-02T23:00',
      'question SKIPPED no-consent',
    ])
    expect(textOf(story, 'thanks')).toMatch(/o-1[\s\S]*Reading lamp[\s\S]*€49\.90/)
  })

  it('that made her unhappy is told to the shop, at night, and not to her', async () => {
    const story = await aTale({ topics: ['surveys'] })
    await story.happen(orderCompleted('o-1', 49.9))
    await story.travel(at('12:00', 10))

    await story.happen(answered(story, 6, at('23:00', 10)))
    await story.travel(at('12:00', 30))

    expect(ended(story, 'after-order').at(-1)).toBe('unhappy SENT 2026-03-12T23:15')
    expect(story.mailer.attempts.map(({ to }) => to)).toEqual([
      address,
      address,
      'care@meadowandloom.example',
    ])
    expect(textOf(story, 'unhappy')).toMatch(/6 out of 10[\s\S]*o-1/)
  })

  it('that made her unhappy is told with the words that came after the number, whatever else she answers', async () => {
    const story = await aTale({ topics: ['surveys'] })
    await story.happen(orderCompleted('o-1', 49.9))
    await story.travel(at('12:00', 10))

    await story.happen(answered(story, 3, at('13:00', 10)))
    await story.travel(at('13:10', 10))
    await story.happen(answered(story, 4, at('13:10', 10), 'The shade came cracked.'))
    await story.happen(easeAnswered(5, at('13:11', 10)))
    await story.travel(at('12:00', 30))

    expect(textOf(story, 'unhappy')).toMatch(/4 out of 10[\s\S]*The shade came cracked\./)
  })

  it.each([[[7]], [[0, 9]]])('that made her happy (%j) is told to nobody', async (scores) => {
    const story = await aTale({ topics: ['surveys'] })
    await story.happen(orderCompleted('o-1', 49.9))
    await story.travel(at('12:00', 10))

    for (const [minute, score] of scores.entries())
      await story.happen(answered(story, score, at(`13:0${minute}`, 10)))
    await story.travel(at('12:00', 30))

    expect(ended(story, 'after-order').map((mail) => mail.split(' ')[0])).toEqual(['thanks', 'question'])
  })

  it('that came back is not asked about', async () => {
    const story = await aTale()
    await story.happen(orderCompleted('o-1', 49.9))

    await story.happen(track('Order Refunded', { order_id: 'o-1' }, { at: at('09:00', 3) }))
    await story.travel(at('12:00', 20))

    expect(ended(story, 'after-order').map((mail) => mail.split(' ')[0])).toEqual(['thanks'])
  })
})

it('points, silence and anniversaries bring their gifts, each in its time and once', async () => {
  const story = await aTale()

  await story.happen(orderCompleted('o-1', 1700, { at: at('09:05') }))
  await story.travel(at('12:00', 400))

  expect(ended(story, 'loyalty-reward', 'win-back', 'anniversary')).toEqual([
    'reward SENT 2026-03-02T10:05',
    'missed SENT 2026-05-31T10:00',
    'anniversary SENT 2027-03-02T10:00',
  ])
  expect(textOf(story, 'reward')).toMatch(/1,500 points[\s\S]*THANKYOU10/)
  expect(textOf(story, 'missed')).toContain('HELLOAGAIN15')
  expect(textOf(story, 'anniversary')).toMatch(/A year ago today[\s\S]*OURDAY10/)
})

it('a second yes is asked for at night, without any consent, and its link keeps the topics', async () => {
  const story = await aTale({ from: at('23:00'), topics: [] })

  await story.happen(track('Consent Requested', { topics: ['offers'] }, { at: at('23:00') }))

  expect(ended(story, 'confirm-subscription')).toEqual(['confirm SENT 2026-03-02T23:00'])
  expect(textOf(story, 'confirm')).toMatch(/https:\/\/links\.example\/y\/[\w-]{60}/)
  expect(story.message('confirm')?.event?.properties.topics).toEqual(['offers'])
})

it('each gift tells of the points it is for, though both wait for the morning', async () => {
  const story = await aTale()

  await story.happen(orderCompleted('o-1', 600, { at: at('22:00') }))
  await story.happen(orderCompleted('o-2', 500, { at: at('22:10'), receivedAt: at('22:10') }))
  await story.travel(at('12:00', 3))

  const gifts = story.mailer.attempts.filter(({ tags }) => tags.step === 'reward')
  expect(gifts.map(({ text }) => /[\d,]+ points/.exec(text)?.[0]).sort()).toEqual([
    '1,000 points',
    '500 points',
  ])
})

it('the silence after an order that was cancelled is nothing to come back from', async () => {
  const story = await aTale()

  await story.happen(orderCompleted('o-1', 40, { at: at('09:05') }))
  await story.happen(track('Order Cancelled', { order_id: 'o-1' }, { at: at('09:00', 1) }))
  await story.travel(at('12:00', 120))

  expect(ended(story, 'win-back')).toEqual([])
})

it('her first yes is welcomed; who said it before, as history tells, is not new at her next', async () => {
  const [fresh, known] = [await aTale(), await aTale()]
  await known.happen(track('Consent Given', {}, { at: '2019-05-01T10:00:00.000Z', history: true }))

  for (const story of [fresh, known]) {
    await story.happen(track('Consent Given', { topics: ['offers'] }, { at: at('10:00') }))
    await story.travel(at('12:00'))
  }

  expect(ended(fresh, 'welcome')).toEqual(['welcome SENT 2026-03-02T10:02'])
  expect(ended(known, 'welcome')).toEqual([])
})

it('a parcel that came is asked about the next day', async () => {
  const story = await aTale()

  await story.happen(track('Order Delivered', { order_id: 'o-1' }))
  await story.travel(at('12:00', 3))

  expect(ended(story, 'effort')).toEqual(['ease SENT 2026-03-03T10:00'])
  const [mail] = story.mailer.attempts
  expect(mail?.html).toMatch(/href="https:\/\/links\.example\/a\/[\w-]{60}\?score=5"/)
  const text = textOf(story, 'ease')
  const [, number] = /\b5 \[(\d+)\]/.exec(text) ?? []
  expect(text).toMatch(new RegExp(`\\[${number}\\] https://links\\.example/a/[\\w-]{60}\\?score=5\\n`))
})
