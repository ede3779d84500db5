/**
 * Mails of one broken line, and what a marketer is told first of one. A body stands from line 6 on.
 */
import { compileMail, type MailSource } from '#adapters/mjml'
import type { Problem } from '#core/template/problem'

/** Files of the layout that the sources use. */
export const layout = {
  footer:
    '<mj-section><mj-column><mj-text>{{shop.address}} <a href="{{links.unsubscribe}}">Stop</a></mj-text></mj-column></mj-section>',
  broken:
    '<mj-section>\n  <mj-column>\n    <mj-text>{{customer.nme}}</mj-text>\n  </mj-column>\n</mj-section>',
  round: '{{> round}}',
  branded: '<mj-section background-color="{{brand.paper}}"></mj-section>',
  outer: '{{> inner}}',
  inner: '<mj-section><mj-column><mj-text>{{title}} {{shop.name}}</mj-text></mj-column></mj-section>',
}

/** A whole mail around a body and some of its head. */
export const mailOf = (body: string, head = ''): string =>
  `<mjml>\n<mj-head>\n<mj-title>Hello</mj-title>${head}\n</mj-head>\n<mj-body>\n${body}\n{{> footer}}\n</mj-body>\n</mjml>`

export const inSection = (inner: string) => mailOf(`<mj-section>${inner}</mj-section>`)
export const inColumn = (inner: string) => inSection(`<mj-column>${inner}</mj-column>`)
export const inText = (inner: string) => inColumn(`<mj-text>${inner}</mj-text>`)
export const image = 'src="https://a.example/x" alt="x"'

/** A mail of one file. */
export const source = (text: string): MailSource => ({
  name: 'mail',
  mjml: { file: 'mail.mjml', text },
  layout: Object.fromEntries(
    Object.entries(layout).map(([name, part]) => [name, { file: `${name}.mjml`, text: part }]),
  ),
  strings: { en: { file: 'strings.en.yaml', text: 'mail:\n  subject: Hello\n' } },
  brand: { file: 'brand.yaml', text: "color: '#222'\naccent: '#8fc7b0'\n" },
})

const say = ({ file, line, column, message, cure }: Problem) =>
  `${file === 'mail.mjml' ? '' : `${file}:`}${line}:${column} ${message} → ${cure}`

/** The first thing said of a mail: its place in `mail.mjml` or another file, what is wrong, the cure. */
export async function firstSaid(text: string): Promise<string> {
  const result = await compileMail(source(text))
  const [problem] = 'problems' in result ? result.problems : []
  return problem === undefined ? 'nothing' : say(problem)
}
