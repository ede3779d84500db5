/**
 * What stands at a mail's top between lines of `---`: whom it cannot be sent to, and the name it comes from. The
 * rest of the file keeps its places.
 */
import { describe, expect, it } from 'vitest'
import { compileMail } from '#adapters/mjml'
import type { CompiledMail } from '#core/template/compiled'
import { missingFrom, renderMail } from '#core/template/render'
import { anItem, aView } from './build.ts'

const body = `<mjml><mj-head><mj-title>Hello</mj-title></mj-head><mj-body><mj-section><mj-column>
<mj-text>{{shop.address}} <a href="{{links.unsubscribe}}">Stop</a> {{#each cart.items}}{{name}}{{/each}}</mj-text>
</mj-column></mj-section></mj-body></mjml>`

const compiled = (text: string) =>
  compileMail({
    name: 'mail',
    mjml: { file: 'mail.mjml', text },
    layout: {},
    strings: { en: { file: 'strings.en.yaml', text: 'mail:\n  from: "{shop} for {name}"\n' } },
    brand: { file: 'brand.yaml', text: 'font: serif\n' },
  })

async function mailOf(text: string): Promise<CompiledMail> {
  const result = await compiled(text)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return JSON.parse(JSON.stringify(result.mail)) as CompiledMail
}

async function firstOf(text: string): Promise<string> {
  const result = await compiled(text)
  const [problem] = 'problems' in result ? result.problems : []
  return problem ? `${problem.line}:${problem.column} ${problem.message} → ${problem.cure}` : 'none'
}

describe('requires', () => {
  it('names what a customer must have: missing, an empty text and an empty list are the same', async () => {
    const mail = await mailOf(`---\nrequires: [cart.items, offer.code, customer.orderCount]\n---\n${body}`)
    const cart = { id: 'c', count: 0, total: 0, currency: 'BDT' }
    const offer = { code: 'TEN' }

    expect(mail.required).toEqual(['cart.items', 'customer.orderCount', 'offer.code'])
    expect(missingFrom(mail, aView({ cart: { ...cart, items: [] }, offer: { code: '' } }))).toEqual(
      mail.required,
    )
    expect(
      missingFrom(mail, aView({ cart: { ...cart, items: [anItem()] }, customer: { orderCount: 0 }, offer })),
    ).toEqual([])
  })
})

describe('from', () => {
  const named = (firstName: string, from: string) =>
    mailOf(`---\nfrom: ${from}\n---\n${body}`).then(
      (mail) => renderMail(mail, aView({ customer: { firstName } }), { locale: 'en' }).from,
    )

  it.each([
    [`'{{t "from" shop=shop.name name=customer.firstName}}'`, 'Mia', 'Nakshi for Mia'],
    [
      `'{{shop.name}}{{#if customer.firstName}} & {{customer.firstName}}{{/if}}'`,
      '<b>"x"',
      'Nakshi & <b>"x"',
    ],
    ['Rima from Nakshi', '', 'Rima from Nakshi'],
    [`'{{customer.firstName}}'`, 'a\r\nBcc: x@evil.example\u0000', 'a Bcc: x@evil.example'],
    [`'{{customer.firstName}}'`, '', ''],
  ])('%s for %j', async (from, name, expected) => {
    expect(await named(name, from)).toBe(expected)
  })

  it('is not there where the mail says none', async () => {
    const mail = await mailOf(body)

    expect(renderMail(mail, aView(), { locale: 'en' })).not.toHaveProperty('from')
  })
})

describe('what is wrong with it has its place', () => {
  it.each([
    ['---\nrequires: [cart.itms]\n---\n', '2:12 unknown field `cart.itms` → did you mean `cart.items`?'],
    ['---\nrequires:\n  - offer\n  - brand.x\n---\n', /^4:5 `brand.x` is not in templates\/brand.yaml/],
    [
      '---\nrequires: [brand.font]\n---\n',
      '2:12 `brand.font` is no field of the view: it is the same for everybody → take it out',
    ],
    ['---\nrequires: cart.items\n---\n', /^2:11 "requires" .*list/],
    ['---\nrequire: [cart]\n---\n', '2:1 "require" is not known → did you mean "requires"?'],
    [`---\nfrom: '{{shop.nme}}'\n---\n`, '2:10 unknown field `shop.nme` → did you mean `shop.name`?'],
    [`---\r\nfrom: {{shop.name}}\r\n---\r\n`, /^2:\d+ .* → /],
    [`---\nfrom: '{{#if cart}}x'\n---\n`, '2:8 {{#if}} is never closed → write {{/if}} where it ends'],
    [`---\nfrom: '{{t "frm"}}'\n---\n`, /^2:8 there is no string `frm` for mail .* did you mean "from"/],
    ['---\nrequires: [cart]\n', /^1:1 the lines at the top .* never end → write `---` below them/],
    [`---\nrequires: [cart]\nfrom: x\n---\n`, 'none'],
    [
      `---\nrequires: [cart]\n---\n\n{{shop.nme}}`,
      '5:3 unknown field `shop.nme` → did you mean `shop.name`?',
    ],
    [`---\r\nrequires: [cart]\r\n---\r\n{{shop.nme}}`, /^4:3 unknown field/],
    ['---\n---\n', 'none'],
  ])('%j', async (top, expected) => {
    expect(await firstOf(top + body)).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    )
  })
})
