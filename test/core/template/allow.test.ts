/**
 * Where an expression may stand in MJML, found out rather than read up: MJML of a token, with the value put in
 * afterwards, must be MJML of the value. A new version of MJML that reckons with another attribute is seen here.
 */
import { createRequire } from 'node:module'
import mjml2html from 'mjml'
import { describe, expect, it } from 'vitest'
import { fixedNames, refused } from '#core/template/rule'

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

/** Elements of the head, whose attributes say what they are, and what comes with elements that are refused. */
const settled = ['mj-breakpoint', 'mj-font', 'mj-style', 'mj-raw', 'mj-navbar-link', 'mj-carousel-image']
const turns = [0, 1, 2, 3]

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

/** Values that decide something, where those of the type do not. */
const telling: Readonly<Record<string, readonly string[]>> = {
  'mj-social-element name': ['facebook'],
  'mj-hero mode': ['fixed-height', 'fluid-height'],
  'mj-section background-position-x': ['left', 'right', '50%', '0%'],
  'mj-section background-position-y': ['top', 'bottom', '50%', '0%'],
  'mj-section background-size': ['cover', 'contain', '20px', '30% 20px'],
  'mj-wrapper background-position-x': ['left', 'right', '50%', '0%'],
  'mj-wrapper background-position-y': ['top', 'bottom', '50%', '0%'],
  'mj-wrapper background-size': ['cover', 'contain', '20px', '30% 20px'],
}

const attributesOf = (tag: string) =>
  Object.entries(components.find(({ componentName }) => componentName === tag)?.allowedAttributes ?? {})

/** Whether MJML of a token, filled in afterwards, is MJML of each of the values. */
async function bears(document: (attributes: string) => string, name: string, values: readonly string[]) {
  // Only a picture is placed and sized, and only one that has a size is placed.
  const picture = name.startsWith('background-') ? 'background-url="https://a.example/x"' : ''
  const beside = name.startsWith('background-position') ? `${picture} background-size="cover"` : picture
  const written = (value: string) => render(document(`${beside} ${name}="${value}"`))
  const withToken = await written('qxv0z')
  for (const value of values) {
    if (withToken.replaceAll('qxv0z', value) !== (await written(value))) return false
  }
  return true
}

describe.each(Object.keys(documents))('attributes of %s', (tag) => {
  const document = documents[tag] ?? inBody

  it('that are free bear an expression, all at once', async () => {
    const free = attributesOf(tag).filter(([name]) => !fixedNames(tag).includes(name))
    const written = (value: (index: number) => string) =>
      document(free.map(([name], index) => `${name}="${value(index)}"`).join(' '))

    const withTokens = await render(written((index) => `qxv${index}z`))

    expect(free.length).toBeGreaterThan(0)
    for (const turn of turns) {
      const values = free.map(([, type]) => valueFor(type, turn))
      const filled = withTokens.replace(/qxv(\d+)z/g, (_, index) => values[Number(index)] ?? '')
      expect(filled).toBe(await render(written((index) => values[index] ?? '')))
    }
  })

  it('that are fixed are there, and bear none', async () => {
    const fixed = attributesOf(tag).filter(([name]) => fixedNames(tag).includes(name))

    for (const [name, type] of fixed) {
      const values = [...turns.map((turn) => valueFor(type, turn)), ...(telling[`${tag} ${name}`] ?? [])]
      expect(await bears(document, name, values), name).toBe(false)
    }
    expect(fixed.map(([name]) => name).toSorted()).toEqual(fixedNames(tag).toSorted())
  })
})

it('knows every element of MJML that has attributes', () => {
  const withAttributes = components
    .filter(({ allowedAttributes = {} }) => Object.keys(allowedAttributes).length > 0)
    .flatMap(({ componentName }) => componentName ?? [])

  const known = [...Object.keys(documents), ...Object.keys(refused), ...settled]
  expect(withAttributes.filter((name) => !known.includes(name))).toEqual([])
})
