/** The links of ours that a mail carries: each only where it leads somewhere, and none rewritten for clicks. */
import { describe, expect, it } from 'vitest'
import { readToken } from '#core/link'
import type { Tree } from '#core/template/compiled'
import { compose, type Subject } from '#flow/compose'
import { abandonedCart, aLife, aMessage, aSettings, at, cartUpdated, rina } from '#test/fixture/builder'
import { messageId } from '#test/fixture/mailed'
import { aMail } from '#test/fixture/story'

const linkKeys = { '1': 'a link key of thirty-two characters' }
const anchor = (path: string[], more = ''): Tree => [
  '<a href="',
  { url: [{ print: { path, frame: 0 }, as: 'url' }, more], track: true, as: 'attribute' },
  '">',
]

const subject = (set: Partial<Subject> = {}): Subject => ({
  message: { ...aMessage(), customerId: rina, messageId },
  journey: abandonedCart,
  settings: aSettings(),
  state: aLife().hear(cartUpdated('c1')).state,
  compiled: aMail({ html: ['<body>hi</body>'] }),
  address: 'rina@example.com',
  sender: { from: 'shop', linkBaseUrl: 'https://links.example', postalAddress: 'Dhaka', linkKeys },
  now: at('10:00'),
  ...set,
})

function composed(set: Partial<Subject> = {}) {
  const composition = compose(subject(set))
  if ('missing' in composition) throw new Error(`missing ${composition.missing}`)
  return composition
}

const tokenOf = (url = '') => url.slice(url.lastIndexOf('/') + 1)

describe('the links of a mail', () => {
  it('are each of its own purpose', () => {
    const { links } = composed().inputs

    const read = [
      readToken(tokenOf(links.unsubscribe), 'unsubscribe', linkKeys),
      readToken(tokenOf(links.preferences), 'preferences', linkKeys),
      readToken(tokenOf(links.online), 'online', linkKeys),
      readToken(tokenOf(links.cart), 'restore', linkKeys),
      readToken(tokenOf(links.survey), 'survey', linkKeys),
      readToken(tokenOf(links.ease), 'survey', linkKeys),
    ]

    expect(read.map((link) => link?.messageId)).toEqual(Array(6).fill(messageId))
    expect(read.map((link) => link?.index)).toEqual([0, 0, 0, 0, 0, 1])
  })

  it('have no cart where she has none, and no second yes where none was asked for', () => {
    const empty = composed({ state: aLife().state, compiled: aMail({ html: ['x'], required: [] }) })
    const event = { name: 'Consent Requested', properties: {} }
    const asked = composed({ message: { ...subject().message, event } })

    expect(empty.inputs.links.cart).toBeUndefined()
    expect(empty.inputs.links.confirm).toBeUndefined()
    expect(readToken(tokenOf(asked.inputs.links.confirm), 'confirm', linkKeys)).toBeDefined()
  })

  it('are not led through click counting, with a score or without', () => {
    const html = [
      ...anchor(['links', 'survey'], '?score=9'),
      ...anchor(['links', 'cart']),
      ...anchor(['shop', 'url']),
    ]
    const { mail, inputs, links } = composed({ compiled: aMail({ html }) })

    expect(mail.html).toContain(`"${inputs.links.survey}?score=9"`)
    expect(mail.html).toContain(`"${inputs.links.cart}"`)
    expect(links).toEqual(['https://shop.example'])
  })

  it.each([
    ['settings measure and she allows it', true, true, 1],
    ['she does not allow it', true, false, 0],
    ['settings do not measure', false, true, 0],
  ])('hold a pixel where %s', (_, measureOpens, opens, count) => {
    const { mail } = composed({ settings: aSettings({ measureOpens }), opens })

    expect(
      mail.html.match(/<img src="https:\/\/links\.example\/o\/[\w-]{60}"[^>]+><\/body>/g) ?? [],
    ).toHaveLength(count)
    expect(mail.text).not.toContain('/o/')
  })

  it('hold no pixel for those who were not asked', () => {
    const { mail } = composed({ settings: aSettings({ measureOpens: true }) })

    expect(mail.html).not.toContain('/o/')
  })
})

describe('the name a mail comes from', () => {
  const sender = { ...subject().sender, from: '"The shop" <hello@shop.example>' }
  const fromOf = (name: Tree | undefined, from = sender.from) =>
    composed({ compiled: aMail({ html: ['x'], ...(name && { from: name }) }), sender: { ...sender, from } })
      .mail.from

  it.each<[string, Tree | undefined, string]>([
    ['is the stage’s, where the mail says none', undefined, '"The shop" <hello@shop.example>'],
    ['is the mail’s own', ['Mia of the shop'], '"Mia of the shop" <hello@shop.example>'],
    ['is the stage’s, where the mail’s is empty', [' '], '"The shop" <hello@shop.example>'],
    [
      'cannot end its place',
      ['a" <x@evil.example>\r\nBcc: y\\'],
      '"a x@evil.example Bcc: y" <hello@shop.example>',
    ],
  ])('%s', (_, name, expected) => {
    expect(fromOf(name)).toBe(expected)
  })

  it('is put before an address that stands alone', () => {
    expect(fromOf(['Mia'], 'hello@shop.example')).toBe('"Mia" <hello@shop.example>')
  })
})
