/**
 * Where an expression may stand in MJML, found out rather than read up: MJML of a token, with the value put in
 * afterwards, must be MJML of the value. A new version of MJML that reckons with another attribute is seen here.
 */
import { createRequire } from 'node:module'
import mjml2html from 'mjml'
import { expect, it } from 'vitest'
import { isFixed } from '#core/template/rule'

interface Component {
  componentName?: string
  allowedAttributes?: Record<string, unknown>
}

const fromMjml = createRequire(createRequire(import.meta.url).resolve('mjml'))
const { components } = fromMjml('mjml-preset-core') as { components: Component[] }

const image = '<mj-image src="https://a.example/b" />'
const column = `<mj-column><mj-text>x</mj-text>${image}</mj-column>`
const inBody = (body: string) => `<mjml><mj-body>${body}</mj-body></mjml>`
const inColumn = (content: string) => inBody(`<mj-section><mj-column>${content}</mj-column></mj-section>`)
const inAccordion = (element: string) => inColumn(`<mj-accordion>${element}</mj-accordion>`)

const documents: Record<string, (attributes: string) => string> = {
  'mj-body': (a) => `<mjml><mj-body ${a}><mj-section>${column}</mj-section></mj-body></mjml>`,
  'mj-section': (a) => inBody(`<mj-section ${a}>${column}${column}</mj-section>`),
  'mj-wrapper': (a) =>
    inBody(
      `<mj-wrapper ${a}><mj-section>${column}</mj-section><mj-section>${column}</mj-section></mj-wrapper>`,
    ),
  'mj-column': (a) =>
    inBody(`<mj-section><mj-column ${a}><mj-text>x</mj-text>${image}</mj-column>${column}</mj-section>`),
  'mj-group': (a) => inBody(`<mj-section><mj-group ${a}>${column}${column}</mj-group></mj-section>`),
  'mj-hero': (a) => inBody(`<mj-hero ${a}><mj-text>x</mj-text></mj-hero>`),
  'mj-text': (a) => inColumn(`<mj-text ${a}>x</mj-text>`),
  'mj-button': (a) => inColumn(`<mj-button ${a}>x</mj-button>`),
  'mj-image': (a) => inColumn(`<mj-image ${a} />`),
  'mj-divider': (a) => inColumn(`<mj-divider ${a} />`),
  'mj-spacer': (a) => inColumn(`<mj-spacer ${a} />`),
  'mj-table': (a) => inColumn(`<mj-table ${a}><tr><td>x</td></tr></mj-table>`),
  'mj-social': (a) =>
    inColumn(`<mj-social ${a}><mj-social-element href="https://a.example">x</mj-social-element></mj-social>`),
  'mj-social-element': (a) =>
    inColumn(`<mj-social><mj-social-element ${a}>x</mj-social-element></mj-social>`),
  'mj-accordion': (a) =>
    inColumn(
      `<mj-accordion ${a}><mj-accordion-element><mj-accordion-title>x</mj-accordion-title></mj-accordion-element></mj-accordion>`,
    ),
  'mj-accordion-element': (a) =>
    inAccordion(
      `<mj-accordion-element ${a}><mj-accordion-title>x</mj-accordion-title></mj-accordion-element>`,
    ),
  'mj-accordion-title': (a) =>
    inAccordion(
      `<mj-accordion-element><mj-accordion-title ${a}>x</mj-accordion-title></mj-accordion-element>`,
    ),
  'mj-accordion-text': (a) =>
    inAccordion(`<mj-accordion-element><mj-accordion-text ${a}>x</mj-accordion-text></mj-accordion-element>`),
}

/** The value of the given turn for an attribute of a type as MJML writes it. */
function valueFor(type: unknown, turn: number): string {
  const [, kind = '', list = ''] = /^(\w+)(?:\((.*?)\))?/.exec(String(type)) ?? []
  const units = list.split(',').map((unit) => `${17 + turn}${unit === 'auto' ? 'px' : unit}`)
  if (kind === 'enum') return list.split(',')[turn % list.split(',').length] ?? ''
  if (kind === 'unit' && String(type).includes('{1,4}') && turn === 2) return '3px 5px'
  if (kind === 'unit') return units[turn % units.length] ?? ''
  if (kind === 'color') return ['#abcdef', 'red', 'rgba(1,2,3,0.5)'][turn % 3] ?? ''
  if (kind === 'boolean') return turn === 0 ? 'true' : 'false'
  if (kind === 'integer') return String(turn + 1)
  return ['https://a.example/x', 'some words', '2px solid #abcdef', '40%'][turn] ?? ''
}

const render = async (document: string) =>
  (
    (await mjml2html(document, { validationLevel: 'skip', ignoreIncludes: true, fonts: {} })) as unknown as {
      html: string
    }
  ).html

it.each(Object.keys(documents))('attributes of %s that may hold an expression', async (tag) => {
  const component = components.find(({ componentName }) => componentName === tag)
  const free = Object.entries(component?.allowedAttributes ?? {}).filter(([name]) => !isFixed(tag, name))
  const document = documents[tag] ?? inBody
  const written = (value: (index: number) => string) =>
    document(free.map(([name], index) => `${name}="${value(index)}"`).join(' '))

  const withTokens = await render(written((index) => `qxv${index}z`))

  expect(free.length).toBeGreaterThan(0)
  for (const turn of [0, 1, 2, 3]) {
    const values = free.map(([, type]) => valueFor(type, turn))
    const filled = withTokens.replace(/qxv(\d+)z/g, (_, index) => values[Number(index)] ?? '')
    expect(filled).toBe(await render(written((index) => values[index] ?? '')))
  }
})
