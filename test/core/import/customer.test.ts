/** Rows of customers as exports of shops and mail services write them, and what each comes to. */
import { describe, expect, it } from 'vitest'
import { customerColumns } from '#core/import/columns'
import { customerItem } from '#core/import/customer'

const options = {
  fingerprint: 'file',
  now: '2026-11-24T13:00:00.000Z',
  status: undefined,
  consentSource: undefined,
}

/** The item of one row, by header and cells. */
const itemOf = (
  row: Record<string, string>,
  set: Partial<typeof options> & { map?: [string, string][] } = {},
) => {
  const { columns, problems } = customerColumns(Object.keys(row), new Map(set.map))
  expect(problems).toEqual([])
  return customerItem(columns, { row: 2, cells: Object.values(row) }, { ...options, ...set })
}

describe('columns', () => {
  it.each([
    [
      'Mailchimp',
      'Email Address,First Name,Last Name,Birthday,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,EUID',
      'email,firstName,lastName,birthday,OPTIN_TIME,consentAt,updatedAt,EUID',
    ],
    [
      'Klaviyo',
      'Email,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,Phone Number,Points',
      'email,firstName,status,consentAt,phone,Points',
    ],
    [
      'Shopify',
      'Customer ID,First Name,Email,Accepts Email Marketing,Default Address City,Total Spent',
      'userId,firstName,email,status,region,Total Spent',
    ],
  ])('of %s are known', (_, header, meant) => {
    const { columns } = customerColumns(header.split(','), new Map())

    const is = columns.map((column) =>
      column.is === 'field' ? column.field : column.is === 'trait' ? column.trait : '',
    )
    expect(is.join(',')).toBe(meant)
  })

  it('are what the marketer says they are', () => {
    const map = new Map([
      ['E-Post', 'email'],
      ['Email', ''],
      ['Punkte', 'points'],
    ])

    const { columns, problems } = customerColumns(['Email', 'E-Post', 'Punkte', 'Punkte', ''], map)

    expect(problems).toEqual([])
    expect(columns).toEqual([
      { name: 'Email', is: 'left out' },
      { name: 'E-Post', is: 'field', field: 'email' },
      { name: 'Punkte', is: 'trait', trait: 'points' },
      { name: 'Punkte', is: 'left out' },
      { name: '', is: 'left out' },
    ])
  })

  it('that name nobody, or are not there, are said with the cure', () => {
    const { problems } = customerColumns(['Epost', 'Name'], new Map([['E-Post', 'email']]))

    expect(problems).toEqual([
      '--map names the column "E-Post", which is not there; did you mean "Epost"?',
      expect.stringContaining('say which: --map "YOUR COLUMN=email"'),
    ])
  })
})

describe('a row', () => {
  it('with proof of consent is a profile and a yes, both history', () => {
    const { calls, standing, ids } = itemOf({
      Email: ' Mia@Example.com ',
      'First Name': 'মিয়া',
      status: 'Subscribed',
      consentAt: '2024-05-31 14:30:00 +0600',
      consentSource: 'Sign-up form',
      topics: 'news; reminders',
      interests: 'tea, cups',
      VIP: 'true',
      Points: '12.5',
      Zip: '01234',
    })

    expect(standing).toBe('subscribed')
    expect(ids).toEqual(['address mia@example.com'])
    expect(calls).toMatchObject([
      {
        type: 'identify',
        traits: {
          email: 'Mia@example.com',
          firstName: 'মিয়া',
          interests: ['tea', 'cups'],
          VIP: true,
          Points: 12.5,
          Zip: '01234',
        },
        context: { history: true },
      },
      {
        event: 'Consent Given',
        timestamp: '2024-05-31T08:30:00.000Z',
        properties: { source: 'Sign-up form', topics: ['news', 'reminders'] },
        context: { history: true, traits: { email: 'Mia@example.com' } },
      },
    ])
  })

  it.each([
    [{ consentAt: '', consentSource: 'x' }, 'consentAt'],
    [{ consentAt: '31/05/2024', consentSource: 'x' }, 'consentAt'],
    [{ consentAt: '2027-01-01', consentSource: 'x' }, 'consentAt'],
    [{ consentAt: '2024-05-31', consentSource: '' }, 'consentSource'],
  ])('without proof (%j) is a profile and no yes, and is told', (proof, column) => {
    const { calls, standing, notes } = itemOf({ email: 'mia@example.com', status: 'yes', ...proof })

    expect(standing).toBe('without proof')
    expect(calls).toHaveLength(1)
    expect(notes.at(-1)).toMatchObject({ kind: 'note', column, what: expect.stringContaining('no consent') })
  })

  it('takes a source from the command where the row has none', () => {
    const row = { email: 'mia@example.com', consentAt: '2024-05-31' }

    const { standing, calls } = itemOf(row, { status: 'subscribed', consentSource: 'Form' } as never)

    expect([standing, calls[1]]).toMatchObject(['subscribed', { properties: { source: 'Form' } }])
  })

  it.each([
    [{ status: 'unsubscribed' }, undefined],
    [{ status: 'UNSUBSCRIBED', unsubscribedAt: '2025-01-01' }, '2025-01-01T00:00:00.000Z'],
    [{ UNSUB_TIME: '2025-01-01 10:00:00' }, '2025-01-01T10:00:00.000Z'],
  ])('that left (%j) is a no, whatever proof it lacks', (row, timestamp) => {
    const { standing, calls } = itemOf({ email: 'mia@example.com', ...row } as Record<string, string>)

    expect(standing).toBe('unsubscribed')
    expect(calls[1]).toMatchObject({ event: 'Consent Withdrawn', properties: { source: 'import' } })
    expect(calls[1]?.timestamp).toBe(timestamp)
  })

  it.each([
    ['cleaned', 'bounce'],
    ['Bounced', 'bounce'],
    ['spam complaint', 'complaint'],
    ['suppressed', 'manual'],
  ])('that is %s closes the inbox and makes no profile', (status, why) => {
    const item = itemOf({ email: 'mia@example.com', status, firstName: 'Mia' })

    expect(item).toMatchObject({
      standing: 'suppressed',
      calls: [],
      suppress: { email: 'mia@example.com', why },
    })
  })

  it.each([
    ['no', 'no choice', 0],
    ['NEVER_SUBSCRIBED', 'no choice', 0],
    ['', 'no choice', 0],
    ['perhaps', 'no choice', 1],
  ])('of status %j makes no choice', (status, standing, notes) => {
    const item = itemOf({ email: 'mia@example.com', status })

    expect([item.standing, item.calls.length, item.notes.length]).toEqual([standing, 1, notes])
  })

  it.each([
    [{ email: 'not an address', userId: '' }, 'is no e-mail address'],
    [{ email: '', userId: '' }, 'names nobody'],
    [{ email: '', userId: '7', status: 'bounced' }, 'needs its address'],
  ])('that names nobody (%j) is refused with the cure', (row, what) => {
    const item = itemOf(row as Record<string, string>)

    expect(item).toMatchObject({ standing: 'refused', calls: [] })
    expect(item.notes[0]).toMatchObject({ kind: 'refused', what: expect.stringContaining(what) })
  })

  it.each([
    ['5/31', '--05-31'],
    ['1990-05-31', '1990-05-31'],
    ['1990-05-31 00:00:00', '1990-05-31'],
    ['31.05.1990', undefined],
    ['31/05', undefined],
  ])('keeps the birthday %j as %j', (birthday, kept) => {
    const { calls } = itemOf({ email: 'mia@example.com', birthday })

    const { birthday: got } = (calls[0]?.traits ?? {}) as Record<string, unknown>
    expect(got).toBe(kept)
  })

  it('has ids that follow from file and row alone', () => {
    const row = { email: 'mia@example.com', status: 'unsubscribed' }
    const ids = (set = {}) => itemOf(row, set).calls.map(({ messageId }) => messageId)

    expect(ids()).toEqual(ids({ now: '2027-01-01T00:00:00.000Z' }))
    expect(ids({ fingerprint: 'another' })).not.toEqual(ids())
    expect(new Set(ids()).size).toBe(2)
  })
})
