/** What people read: the line of a decision, what a release changed, and why somebody got no mail. */
import { describe, expect, it } from 'vitest'
import { liveLines, switched } from '#cli/stage/report'
import { decisionLine } from '#cli/start/words'
import { whyText } from '#cli/terminal/why-text'

const plain = (_format: unknown, text: string) => text

describe('decisionLine', () => {
  it('says when, what, who, where and why', () => {
    const line = decisionLine(
      {
        event: 'decision',
        at: '2026-05-01T13:00:00.000Z',
        customerId: 'ceu0xcmN_YEG6SlE-',
        journey: 'abandoned-cart',
        step: 'reminder',
        outcome: 'skipped',
        reason: { code: 'cap', explanation: 'frequency cap: 3 mails in 7d' },
      },
      plain,
    )

    expect(line).toBe(
      '13:00  ⊘ skipped   ceu0xcmN_YEG6SlE-  abandoned-cart · reminder  frequency cap: 3 mails in 7d',
    )
  })

  it('lets no hostile text command the terminal', () => {
    const line = decisionLine(
      {
        event: 'decision',
        at: 'nonsense',
        customerId: null,
        journey: '\u001b[2J\u202egnp',
        step: null,
        outcome: 'strange',
        reason: null,
      },
      plain,
    )

    expect(line).toContain('--:--')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})

describe('liveLines', () => {
  const published = {
    kind: 'published' as const,
    release: 8,
    previous: 7,
    woken: 1200,
    paused: [],
    changes: {
      added: ['winback'],
      removed: ['old'],
      structure: ['abandoned-cart'],
      content: ['welcome'],
      settings: true,
      scheduled: ['birthday'],
    },
  }

  it('says what becomes of the people inside', () => {
    expect(liveLines(published)).toEqual([
      'Release 8 is live (before: 7).',
      '  new: winback',
      '  other mails: welcome – at once, for customers inside too',
      '  other steps or conditions: abandoned-cart – for those who enter from now on; who is inside walks on as she entered',
      '  gone: old – nobody enters any more; who is inside leaves it at her next step',
      '  other settings – at once, for everybody',
      '  birthday: the next date of 1,200 customers is being set',
    ])
  })

  it('says how to begin where all is paused, and what is paused else', () => {
    expect(liveLines({ ...published, paused: ['*'] }).at(-1)).toContain('npm run resume')
    expect(liveLines({ ...published, paused: ['welcome'] }).at(-1)).toBe(
      '  Paused: welcome (npm run resume -- <journey>)',
    )
  })
})

describe('switched', () => {
  it.each([
    [{ kind: 'switched' as const, paused: ['*'] }, { journey: '*', paused: true }, 0, 'Paused all mail'],
    [{ kind: 'nothing-live' as const }, { journey: '*', paused: true }, 1, 'npm run publish'],
    [{ kind: 'no-such-journey' as const, there: ['a'] }, { journey: 'b', paused: true }, 1, 'There is: a.'],
    [{ kind: 'all-paused' as const }, { journey: 'a', paused: false }, 1, 'npm run resume'],
    [{ kind: 'unchanged' as const, paused: [] }, { journey: 'a', paused: false }, 0, 'Nothing to do'],
  ])('%o is told with its exit code', (result, to, code, words) => {
    const told = switched(result, to)

    expect(told.code).toBe(code)
    expect(told.lines.join('\n')).toContain(words)
  })
})

describe('whyText', () => {
  const view = {
    customerId: 'c1',
    profile: { firstName: '\u001b[31mMia', email: 'mia@example.com', locale: 'en', timeZone: 'UTC' },
    cart: { count: 2 },
    runs: [],
    timeline: Array.from({ length: 60 }, (_, index) => ({
      at: '2026-05-01T09:00:00.000Z',
      kind: 'event' as const,
      name: 'Product Viewed',
      summary: `Product Viewed: ${index}`,
      eventId: `e${index}`,
      occurredAt: '2026-05-01T09:00:00.000Z',
      source: 'browser' as const,
      properties: {},
    })),
  }
  const answer = {
    customerId: 'c1',
    journeys: [
      {
        journey: 'birthday',
        name: 'Birthday',
        stands: 'never entered' as const,
        sentences: ['never entered, because its day comes on 2026-06-21T07:00:00.000Z'],
        obstacles: [{ code: 'paused' as const, explanation: 'sending is paused' }],
      },
    ],
  }

  it('shows the latest of a long timeline, the reasons and what is in the way, in local words', () => {
    const lines = whyText(view, answer, { journey: undefined, paint: plain }).split('\n')

    expect(lines.slice(0, 5)).toEqual([
      '\ufffd[31mMia, mia@example.com',
      'c1 · en · UTC · 2 in her cart',
      '',
      'Timeline (UTC)',
      '  … 10 before; all of it with --json',
    ])
    expect(lines.slice(-4)).toEqual([
      '',
      'Birthday (birthday) never entered',
      '  never entered, because its day comes on 2026-06-21 07:00:00',
      '  ! now in the way of its mail: sending is paused',
    ])
  })
})
