/**
 * `check` as a table: a small mistake in a whole set of templates, and exactly what is said about it. The set
 * itself is without a problem, so whatever is said comes from the mistake.
 */
import { describe, expect, it } from 'vitest'
import { checkTemplates } from '#core/check'
import type { SourceFile } from '#core/template/problem'

const settings = `shop:
  name: Meadow & Loom
  url: https://shop.example
  cartUrl: https://shop.example/cart
currency: EUR
timeZone: Asia/Dhaka
topics:
  reminders:
    name: { en: Reminders }
gifts:
  cart: { code: TEN }
`

const journey = `name: Cart
intent: cart
topic: reminders
enter:
  on: Cart Updated
  if: { cart.count: { gte: 1 } }
  key: cart.id
exit:
  - on: Order Completed
  - if: { cart.count: { eq: 0 } }
steps:
  - wait: { quiet: 1h }
  - send: reminder
`

const good: Record<string, string> = {
  'settings.yaml': settings,
  'cart/journey.yaml': journey,
  'cart/reminder.mjml': '<mjml/>',
  'cart/strings.en.yaml': 'reminder:\n  subject: Hello\n  more: { a: A, b: B }\n',
  'cart/strings.bn.yaml': 'reminder:\n  subject: হ্যালো\n  more: { a: ক, b: খ }\n',
}

const filesOf = (texts: Record<string, string | undefined>): SourceFile[] =>
  Object.entries(texts).flatMap(([file, text]) => (text === undefined ? [] : [{ file, text }]))

const said = (texts: Record<string, string | undefined>): string[] =>
  checkTemplates(filesOf(texts)).findings.map(
    ({ file, line, column, severity, message, cure }) =>
      `${file}:${line}:${column} ${severity === 'error' ? '' : 'warning: '}${message} → ${cure}`,
  )

const change = (file: string, from: string, to: string) => {
  const text = good[file]
  if (!text?.includes(from)) throw new Error(`${file} does not hold "${from}"`)
  return said({ ...good, [file]: text.replace(from, to) })
}

const inJourney: [mistake: string, from: string, to: string, expected: string[]][] = [
  [
    'a key that is nearly right',
    '  key: cart.id',
    '  kye: cart.id',
    ['cart/journey.yaml:7:3 "kye" is not known in "enter" → did you mean "key"?'],
  ],
  [
    'a step that is nearly right',
    'send: reminder',
    'snd: reminder',
    ['cart/journey.yaml:13:5 "snd" is not known in "steps" → did you mean "send"?'],
  ],
  [
    'a wait that is nearly right',
    'quiet: 1h',
    'quite: 1h',
    ['cart/journey.yaml:12:13 "quite" is not known in "wait" → did you mean "quiet"?'],
  ],
  [
    'a duration that is none',
    '{ quiet: 1h }',
    'an hour',
    [
      'cart/journey.yaml:12:11 "an hour" is not a duration → write a number and a unit, such as 30m, 1h, 1h30m, 7d',
    ],
  ],
  [
    'a duration without its unit',
    'quiet: 1h',
    'quiet: 60',
    [
      'cart/journey.yaml:12:20 "quiet" is text, not 60 → write a number and a unit, such as 30m, 1h, 1h30m, 7d',
    ],
  ],
  [
    'two kinds in one step',
    '- wait: { quiet: 1h }\n  - send',
    '- wait: { quiet: 1h }\n    send',
    [
      'cart/journey.yaml:12:5 "wait" and "send" do not go together → a step is one of "wait", "send", "branch" or "test"',
    ],
  ],
  [
    'a missing key',
    'topic: reminders\n',
    '',
    ['cart/journey.yaml:1:1 "topic" is missing → add a line "topic: …"'],
  ],
  [
    'a word that is not possible',
    'intent: cart',
    'intent: carts',
    ['cart/journey.yaml:2:9 "intent" cannot be "carts" → did you mean "cart"?'],
  ],
  [
    'a topic that settings do not know',
    'topic: reminders',
    'topic: reminder',
    ['cart/journey.yaml:3:8 settings.yaml has no topic "reminder" → did you mean "reminders"?'],
  ],
  [
    'an operator that is none',
    'gte: 1',
    'gtee: 1',
    ['cart/journey.yaml:6:23 "gtee" is not known in "cart.count" → did you mean "gte"?'],
  ],
  [
    'a field that is nearly right',
    'if: { cart.count: { gte',
    'if: { cart.cuont: { gte',
    ['cart/journey.yaml:6:9 no condition can read "cart.cuont" → did you mean "cart.count"?'],
  ],
  [
    'a field of nothing',
    'if: { cart.count: { gte',
    'if: { basket.size: { gte',
    [
      'cart/journey.yaml:6:9 "basket.size" cannot stand here → name a field such as customer.orderCount, cart.count or event.properties.coupon',
    ],
  ],
  [
    'a field deep in a group',
    'if: { cart.count: { gte: 1 } }',
    'if: { all: [ { cart.count: 1 }, { not: { customer.age: 3 } } ] }',
    [
      'cart/journey.yaml:6:44 no condition can read "customer.age" → there is: customer.firstName, customer.lastName, customer.locale, customer.timeZone, customer.gender, customer.occupation, customer.birthday, customer.region, customer.country, customer.interests, customer.since, customer.orderCount, customer.lifetimeValue, customer.averageOrder, customer.firstOrderAt, customer.lastOrderAt, customer.lastSeenAt, customer.favouriteCategories',
    ],
  ],
  [
    'a key that nothing has',
    'key: cart.id',
    'key: cart.number',
    [
      'cart/journey.yaml:7:8 there is no field "cart.number" to key the journey by → there is: cart.id, cart.count, cart.total, cart.currency, cart.categories',
    ],
  ],
  [
    'an event that is nearly one of the specification',
    'on: Order Completed',
    'on: Order Complete',
    [
      'cart/journey.yaml:9:9 warning: "Order Complete" is none of the known events → did you mean "Order Completed"?',
    ],
  ],
  [
    'a mail that is not there',
    'send: reminder',
    'send: remindr',
    [
      'cart/journey.yaml:13:11 there is no mail cart/remindr.mjml → did you mean "reminder"?',
      'cart/reminder.mjml:1:1 warning: no step sends this mail → add "- send: reminder" to cart/journey.yaml, or delete the file',
    ],
  ],
  [
    'one mail twice',
    '- send: reminder',
    '- send: reminder\n  - wait: 1d\n  - send: reminder',
    [
      'cart/journey.yaml:15:11 the mail "reminder" is sent already on line 13; a step goes by its mail\'s name → give this one a name of its own: "id: reminder-2"',
    ],
  ],
  [
    'one id twice',
    '- wait: { quiet: 1h }',
    '- { id: reminder, wait: { quiet: 1h } }',
    [
      'cart/journey.yaml:13:11 the mail "reminder" is sent already on line 12; a step goes by its mail\'s name → give this one a name of its own: "id: reminder-2"',
    ],
  ],
  [
    'a wait at the end',
    '- send: reminder',
    '- send: reminder\n  - wait: 1d',
    [
      'cart/journey.yaml:14:5 nothing comes after this wait → add a step after it, such as "- send: …", or take it out',
    ],
  ],
  [
    'a wait at the end of a branch that is the end',
    '- send: reminder',
    '- send: reminder\n  - branch:\n      - steps: [ wait: 1d ]',
    [
      'cart/journey.yaml:15:18 nothing comes after this wait → add a step after it, such as "- send: …", or take it out',
    ],
  ],
  [
    'an arm that is never reached',
    '- send: reminder',
    '- branch:\n      - steps: [ send: reminder ]\n      - if: { cart.count: 2 }\n        steps: [ { id: two, send: reminder } ]',
    [
      'cart/journey.yaml:15:9 this arm is never reached: the one before it has no "if" and is always taken → put the arm without "if" last, or give it one',
    ],
  ],
  [
    'an A/B test',
    '- send: reminder',
    '- send: reminder\n  - test: words\n    arms:\n      - { name: a, share: 1, steps: [ { id: x, send: reminder } ] }\n      - { name: b, share: 1, steps: [ { id: y, send: reminder } ] }',
    ['cart/journey.yaml:14:5 test (an A/B test) is not available yet → take it out for now'],
  ],
  [
    'a holdout, an offer and a segment',
    'steps:\n  - wait: { quiet: 1h }\n  - send: reminder',
    'holdout: 5%\nsteps:\n  - send: reminder\n    offer: ten',
    [
      'cart/journey.yaml:11:1 holdout is not available yet → take it out for now',
      'cart/journey.yaml:14:5 offer (unique codes) is not available yet → take it out for now',
    ],
  ],
  [
    'an entry by nothing',
    '  on: Cart Updated\n  if: { cart.count: { gte: 1 } }\n  key: cart.id',
    '  rest: 7d',
    [
      'cart/journey.yaml:5:3 "rest" alone does not say enough → say how customers enter: "on: <event>", "date: customer.birthday", "every: month, on: day 1", "after: 90d, since: customer.lastOrderAt" or "points: 500"',
    ],
  ],
  [
    'a mail of a topic that nobody declared',
    '  - send: reminder',
    '  - send: reminder\n    topic: reminder',
    ['cart/journey.yaml:14:12 settings.yaml has no topic "reminder" → did you mean "reminders"?'],
  ],
  [
    'a mail to a shop without a mailbox',
    '  - send: reminder',
    '  - send: reminder\n    to: shop',
    [
      'cart/journey.yaml:14:9 settings.yaml does not say where the shop reads mail → add there, under shop: "mailbox: hello@your-shop.example"',
    ],
  ],
  [
    'a recurrence without its day',
    '  on: Cart Updated\n  if: { cart.count: { gte: 1 } }\n  key: cart.id',
    '  every: month',
    ['cart/journey.yaml:4:1 "on" is missing in "enter" → add a line "on: …"'],
  ],
  [
    'a time of day that is none',
    '{ quiet: 1h }',
    '{ until: 25:00 }',
    ['cart/journey.yaml:12:20 "25:00" is not a time of day → write it as 09:00'],
  ],
  [
    'no steps',
    '  - wait: { quiet: 1h }\n  - send: reminder',
    '  []',
    ['cart/journey.yaml:12:3 "steps" cannot be empty → write at least one'],
  ],
  [
    'a key twice',
    'topic: reminders',
    'topic: reminders\ntopic: other',
    ['cart/journey.yaml:4:1 this key stands here twice → keep one of the two'],
  ],
  [
    'a tab',
    '  on: Cart',
    '\ton: Cart',
    ['cart/journey.yaml:5:1 a tab cannot be used to indent → indent with spaces, two a level'],
  ],
]

const inSettings: [mistake: string, from: string, to: string, expected: string[]][] = [
  [
    'a number where text is wanted',
    'code: TEN',
    'code: 10',
    ['settings.yaml:11:17 "code" is text, not 10 → put it in quotes: "10"'],
  ],
  [
    'a currency that is none',
    'EUR',
    'Euro',
    [
      'settings.yaml:5:11 "currency" cannot be "Euro" → a currency is a code of three letters, such as EUR or BDT',
    ],
  ],
  [
    'a time zone that is none',
    'Asia/Dhaka',
    'Dhaka',
    [
      'settings.yaml:6:11 "timeZone" cannot be "Dhaka" → not a time zone; write one such as Asia/Dhaka or Europe/Berlin',
    ],
  ],
  [
    'an address without https',
    'https://shop.example',
    'shop.example',
    [
      'settings.yaml:3:8 "url" cannot be "shop.example" → write a whole address, such as https://www.shop.example/cart',
    ],
  ],
  [
    'a gift for a journey that is not there',
    '  cart: {',
    '  crt: {',
    ['settings.yaml:11:3 there is a gift for "crt", but no such journey → did you mean "cart"?'],
  ],
  [
    'no name of the shop',
    '  name: Meadow & Loom\n',
    '',
    ['settings.yaml:1:1 "name" is missing in "shop" → add a line "name: …"'],
  ],
]

describe('check', () => {
  it('says nothing about good templates', () => {
    const checked = checkTemplates(filesOf(good))

    expect(checked.findings).toEqual([])
    expect(Object.keys(checked.journeys)).toEqual(['cart'])
    expect(checked.settings?.currency).toBe('EUR')
  })

  it.each(inJourney)('tells %s in a journey', (_mistake, from, to, expected) => {
    expect(change('cart/journey.yaml', from, to)).toEqual(expected)
  })

  it.each(inSettings)('tells %s in the settings', (_mistake, from, to, expected) => {
    expect(change('settings.yaml', from, to)).toEqual(expected)
  })

  it('takes the same mail twice when each step has a name, and a wait that something follows', () => {
    const twice = '- send: reminder\n  - wait: 1d\n  - { id: again, send: reminder }'

    expect(change('cart/journey.yaml', '- send: reminder', twice)).toEqual([])
  })

  it('tells files that are missing or elsewhere', () => {
    expect(said({ ...good, 'settings.yaml': undefined })).toEqual([
      'settings.yaml:1:1 there is no settings.yaml → add settings.yaml; docs/templates.md shows a whole one',
    ])
    expect(said({ ...good, 'cart/journey.yaml': undefined, 'cart/journey.yml': journey })).toContain(
      'cart/journey.yml:1:1 the folder "cart" has no journey.yaml → rename this file to journey.yaml',
    )
    expect(said({ ...good, 'layout/header.mjml': '<mjml/>' })).toEqual([])
    expect(said({ ...good, 'cart/journey.yaml': '# nothing yet\n' })).toContain(
      'cart/journey.yaml:1:1 the file is empty → see docs/journeys.md for what it holds',
    )
  })

  it('survives what no marketer would write', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`)}]`).join('\n')}\n`
    const nested = `${'['.repeat(5000)}`

    for (const text of [
      bomb,
      nested,
      '\u0000',
      '- 1\n- 2',
      'null',
      '"',
      '%YAML 9',
      '!!binary x',
      '{"__proto__": 1}',
    ])
      expect(said({ ...good, 'cart/journey.yaml': text }).length).toBeGreaterThan(0)
  })
})
