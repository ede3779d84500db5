/**
 * The dear way to make a mail, to compare ours with: Handlebars first, then MJML, for every recipient. And a
 * normal form of HTML in which two pages that look the same are the same.
 */
import Handlebars from 'handlebars'
import mjml2html from 'mjml'
import { type DefaultTreeAdapterTypes as Dom, parse } from 'parse5'
import type { MailSource } from '#adapters/mjml'
import { functions, type Manner } from '#core/template/apply'
import type { CompiledMail } from '#core/template/compiled'
import { escapeHtml } from '#core/template/escape'
import { ancestry, directionOf, formatNumber } from '#core/template/format'
import { say } from '#core/template/message'
import { readBrand } from '#core/template/prepare'
import type { View } from '#core/view'

type Options = {
  hash: Record<string, unknown>
  data: unknown
  fn(context: unknown, options?: unknown): string
  inverse(context: unknown): string
}

/** What is no MJML: whom the mail is for and from. */
const frontMatter = /^---\n[\s\S]*?\n---\n/

/** The mail for one view, made anew from its sources. */
export async function renderNaively(
  source: MailSource,
  of: { view: View; locale: string; strings: CompiledMail['strings'] },
): Promise<string> {
  const { view, locale } = of
  const manner: Manner = { locale, language: locale, zone: view.customer.timeZone ?? 'UTC', now: view.now }
  const handlebars = Handlebars.create()
  const brand = readBrand(source.brand, [])
  const branded = (text: string) =>
    text.replace(/\{\{[^{}]*\}\}/g, (mustache) =>
      mustache.replace(/\bbrand\.([\w.]+)/g, (_, name: string) =>
        /^\{\{brand\.[\w.]+\}\}$/.test(mustache)
          ? `lookup @brand "${name}"`
          : JSON.stringify(brand[name] ?? ''),
      ),
    )
  for (const [name, { text }] of Object.entries(source.layout))
    handlebars.registerPartial(name, branded(text))
  for (const [name, apply] of Object.entries(functions)) {
    handlebars.registerHelper(name, function (this: Record<string, unknown>, ...given: unknown[]) {
      const options = given.pop() as Options
      // Handlebars prefers a function to a field of that name, such as an item's image.
      if (given.length === 0) return this[name]
      const currency = this.currency ?? view.cart?.currency ?? view.shop.currency
      return apply(given, name === 'money' ? { currency, ...options.hash } : options.hash, manner)
    })
  }
  handlebars.registerHelper('each', (list: unknown[] | undefined, options: Options) => {
    const few = (list ?? []).slice(0, Number(options.hash.limit ?? 100))
    if (few.length === 0) return options.inverse(undefined)
    return few
      .map((one, index) => {
        const frame = { index, first: index === 0, last: index === few.length - 1 }
        return options.fn(one, {
          data: Object.assign(Handlebars.createFrame(options.data), frame),
          blockParams: [one, index],
        })
      })
      .join('')
  })
  handlebars.registerHelper('t', (key: string, options: Options) => {
    const [message = []] = [...ancestry(locale), 'en'].flatMap((name) => {
      const found = of.strings[name]?.[key]
      return found === undefined ? [] : [found]
    })
    const show = (value: unknown) =>
      typeof value === 'number' ? formatNumber(value, locale) : escapeHtml(String(value ?? ''))
    const spoken = say(message as Parameters<typeof say>[0], {
      ...manner,
      values: options.hash,
      escape: escapeHtml,
      show,
      markup: true,
    })
    return new Handlebars.SafeString(spoken)
  })
  const direction = directionOf(locale)
  const [start, end] = direction === 'ltr' ? ['left', 'right'] : ['right', 'left']
  const data = { direction, language: locale, start, end, brand }
  const written = handlebars.compile(branded(source.mjml.text.replace(frontMatter, '')))(view, {
    data,
    allowProtoPropertiesByDefault: false,
  })
  const document = written.replace('<mjml>', `<mjml lang="${locale}" dir="${direction}">`)
  const made = (await mjml2html(document, {
    ignoreIncludes: true,
    fonts: {},
    keepComments: false,
  })) as unknown
  return (made as { html: string }).html
}

const inline = new Set(['a', 'b', 'i', 'em', 'strong', 'span', 's', 'img', 'bdi'])

type Piece = { text: string } | { mark: string; block: boolean }

function pieces(node: Dom.Node, found: Piece[]): void {
  if ('value' in node && node.nodeName === '#text') {
    const parent = node.parentNode?.nodeName
    found.push(
      parent === 'style' ? { mark: node.value.replace(/\s+/g, ''), block: true } : { text: node.value },
    )
    return
  }
  if ('data' in node && node.nodeName === '#comment') {
    const said = node.data.replace(/ (?:style|class)=""/g, '').replaceAll(';"', '"')
    found.push({ mark: `<!--${said.replace(/\s+/g, '')}-->`, block: true })
    return
  }
  if (!('childNodes' in node)) return
  const block = !inline.has(node.nodeName)
  const attributes = 'attrs' in node ? node.attrs.flatMap(attributeOf) : []
  found.push({ mark: `<${node.nodeName} ${attributes.toSorted().join(' ')}>`, block })
  for (const child of node.childNodes) pieces(child, found)
  found.push({ mark: `</${node.nodeName}>`, block })
}

/** An attribute as what it says: the spaces of a style say nothing, nor does an empty style or class. */
function attributeOf({ name, value }: { name: string; value: string }): string[] {
  const said = name === 'style' ? value.replace(/\s+|;$/g, '') : value.replace(/\s+/g, ' ').trim()
  return said === '' && (name === 'style' || name === 'class') ? [] : [`${name}=${said}`]
}

/** A page as lines: what white space, attribute order and split Outlook comments do not change. */
export function normal(html: string): string[] {
  const joined = html
    .replace(/<!\[endif\]-->\s*<!--\[if mso \| IE\]>/g, '')
    .replace(/<!--\[if mso \| IE\]>\s*<!\[endif\]-->/g, '')
    .replace(/<div style="display:none;max-height:0;overflow:hidden">.*?<\/div>/, '')
  const found: Piece[] = []
  pieces(parse(joined), found)
  const isBlock = (piece: Piece | undefined) => piece === undefined || ('mark' in piece && piece.block)
  return found.flatMap((piece, index) => {
    if ('mark' in piece) return [piece.mark]
    let text = piece.text.replace(/[ \n\t\r]+/g, ' ')
    if (isBlock(found[index - 1])) text = text.replace(/^ /, '')
    if (isBlock(found[index + 1])) text = text.replace(/ $/, '')
    return text === '' ? [] : [text]
  })
}
