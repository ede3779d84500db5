/**
 * What is told of a mail because of what sample customers would get: one finding of each kind, of the worst.
 */
import { describe, expect, it } from 'vitest'
import { compileMail } from '#adapters/mjml'
import { checkSamples } from '#core/check-samples'
import type { SampleView } from '#core/sample'
import type { View } from '#core/view'
import { layout } from './template/broken.ts'
import { anItem, aView } from './template/build.ts'

const sample = (title: string, set: Partial<View> = {}): SampleView => ({
  ...{ slug: title, title, locale: 'en' },
  view: aView(set),
})
const lines = (count: number) => Array.from({ length: count }, (_, index) => anItem({ id: `p${index}` }))
const cartOf = (count: number) => ({ id: 'c', items: lines(count), count, total: 1, currency: 'BDT' })
const regular = sample('Regular')
const noName = sample('No name', { customer: {} })
const many = sample('Many', { cart: cartOf(25) })

const footer = '{{> footer}}'
const text = (inner: string) => `<mj-section><mj-column><mj-text>${inner}</mj-text></mj-column></mj-section>`

/** What is said of a mail with this subject and body, for these samples. */
async function said(of: {
  subject?: string
  body?: string
  samples?: readonly SampleView[]
  toShop?: boolean
}): Promise<string[]> {
  const {
    subject = 'Hello',
    body = text('x') + footer,
    samples = [regular, noName, many],
    toShop = false,
  } = of
  const mjml = {
    file: 'mail.mjml',
    text: `<mjml>\n<mj-head>\n  <mj-title>${subject}</mj-title>\n</mj-head>\n<mj-body>${body}</mj-body>\n</mjml>`,
  }
  const result = await compileMail({
    ...{ name: 'mail', mjml, strings: {}, brand: { file: 'brand.yaml', text: '' }, toShop },
    layout: { footer: { file: 'footer.mjml', text: layout.footer } },
  })
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return checkSamples({ mail: result.mail, source: mjml, samples, toShop }).map(
    ({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`,
  )
}

const rows = (bytes: number) => text(`{{#each cart.items}}<p>${'x'.repeat(bytes)}</p>{{/each}}`) + footer

describe('what a mail is for sample customers', () => {
  it('is nothing to speak of when it is right for all', async () => {
    expect(await said({})).toEqual([])
  })

  it('is told when it is near what Gmail shows, for whom it is largest', async () => {
    const large = 'for the sample customer “Many” in en the mail is 92 KB; Gmail cuts off what is beyond 102'

    expect(await said({ body: rows(3600) })).toEqual([`warning 1:1 ${large}, the footer first`])
  })

  it('keeps a release back when Gmail would cut it', async () => {
    const large = 'for the sample customer “Many” in en the mail is 107 KB; Gmail cuts off what is beyond 102'

    expect(await said({ body: rows(4200) })).toEqual([`error 1:1 ${large}, the footer first`])
  })

  it('is told when its subject is empty for some', async () => {
    expect(await said({ subject: '{{customer.firstName}}' })).toEqual([
      'error 3:3 the subject is empty for the sample customer “No name” in en',
    ])
  })

  it('is told when its subject is too long for some', async () => {
    const long = sample('Long', { customer: { firstName: 'x'.repeat(151) } })

    expect(await said({ subject: '{{customer.firstName}}', samples: [regular, long] })).toEqual([
      'error 3:3 the subject is longer than 150 characters for the sample customer “Long” in en',
    ])
  })

  it('is told when its text part is empty for some', async () => {
    const body = text('{{customer.firstName}}')

    expect(await said({ body, toShop: true })).toEqual([
      'error 1:1 the plain-text part is empty for the sample customer “No name” in en',
    ])
  })

  it('is told when only some can leave', async () => {
    const body = `${text('x')}{{#if customer.firstName}}${footer}{{/if}}`

    expect(await said({ body })).toEqual([
      'error 1:1 `links.unsubscribe`, which the law wants in every mail, is not shown for the sample customer “No name” in en',
      'error 1:1 `shop.address`, which the law wants in every mail, is not shown for the sample customer “No name” in en',
    ])
  })

  it('does not count those who would get no mail', async () => {
    const body = `${text('{{require customer.firstName}}')}{{#if customer.firstName}}${footer}{{/if}}`

    expect(await said({ body, subject: '{{customer.firstName}}' })).toEqual([])
  })

  it('is told when none of them would get it', async () => {
    const body = `${text('{{require customer.firstName}} {{require store.name}}')}${footer}`

    expect(await said({ body })).toEqual([
      'warning 1:1 no sample customer has `store.name`, which this mail requires: it was tried with nobody',
    ])
    expect(await said({ body, samples: [] })).toEqual([])
  })
})
