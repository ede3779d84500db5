/**
 * What the nearest peer does for every recipient: Liquid makes MJML of the template, MJML makes HTML of that. The
 * template is ours with its expressions written in Liquid; words and amounts are said by the same functions.
 */
import { Liquid } from 'liquidjs'
import mjml2html from 'mjml'
import { functions, type Manner } from '#core/template/apply'
import type { CompiledMail, Expression } from '#core/template/compiled'
import { type MailSource, prepare } from '#core/template/prepare'
import type { Token } from '#core/template/token'
import type { View } from '#core/view'
import { mannerOf, ownOf, sayer } from './rivals.ts'

interface Writing {
  /** Assignments that must stand before what is being written. */
  before: string[]
  count: number
}

/** A value as Liquid can name it: calls cannot stand in one another there and are assigned first. */
function named(expression: Expression, writing: Writing): string {
  if ('value' in expression) return JSON.stringify(expression.value)
  if ('own' in expression) return `own.${expression.own}`
  if ('loop' in expression)
    return expression.loop === 'index' ? 'forloop.index0' : `forloop.${expression.loop}`
  if ('path' in expression) {
    const path = expression.frame === 0 ? expression.path : [`f${expression.frame}`, ...expression.path]
    return path.join('.')
  }
  const [first, ...rest] = expression.with.map((one) => named(one, writing))
  const more = Object.entries(expression.named ?? {}).map(([name, one]) => `${name}: ${named(one, writing)}`)
  const values = [...rest, ...more].join(', ')
  writing.count += 1
  writing.before.push(
    `{% assign v${writing.count} = ${first} | x_${expression.call}${values === '' ? '' : `: ${values}`} %}`,
  )
  return `v${writing.count}`
}

function tagOf(token: Token | undefined, tokens: readonly Token[], writing: Writing): string {
  if (token === undefined || token.kind === 'url') return ''
  if (token.kind === 'print') {
    const value = named(token.expression, writing)
    return `${writing.before.splice(0).join('')}{{ ${value} }}`
  }
  if (token.kind === 'open') {
    const { block } = token
    const value = named('test' in block ? block.test : 'list' in block ? block.list : block.value, writing)
    const before = writing.before.splice(0).join('')
    if (block.opens === 'if') return `${before}{% if ${value} %}`
    if (block.opens === 'with') return `${before}{% assign f${block.frame} = ${value} %}{% if ${value} %}`
    const limit = block.limit && 'value' in block.limit ? ` limit: ${block.limit.value}` : ''
    return `${before}{% for f${block.frame} in ${value}${limit} %}`
  }
  const opener = tokens[token.of]
  const isLoop = opener?.kind === 'open' && opener.block.opens === 'each'
  if (token.kind === 'else') return '{% else %}'
  return isLoop ? '{% endfor %}' : '{% endif %}'
}

/** Liquid, then MJML, with the template parsed each time, as the peer does it. */
export function liquidRival(
  source: MailSource,
  mail: CompiledMail,
  locale: string,
): (view: View) => Promise<string> {
  const prepared = prepare(source)
  if ('problems' in prepared) throw new Error(JSON.stringify(prepared.problems))
  const { text, tokens, pattern } = prepared.flat
  const writing: Writing = { before: [], count: 0 }
  const template = text.replace(pattern, (_, id: string) => tagOf(tokens[Number(id)], tokens, writing))
  const liquid = new Liquid()
  let manner: Manner
  const split = (given: unknown[]) => ({
    values: given.filter((one) => !Array.isArray(one) || one.length !== 2 || typeof one[0] !== 'string'),
    hash: Object.fromEntries(given.filter((one): one is [string, unknown] => Array.isArray(one))),
  })
  for (const [name, apply] of Object.entries(functions))
    liquid.registerFilter(`x_${name}`, (value: unknown, ...given: unknown[]) => {
      const { values, hash } = split(given)
      return apply([value, ...values], hash, manner)
    })
  liquid.registerFilter('x_t', (key: string, ...given: unknown[]) =>
    sayer(mail, manner)(key, split(given).hash),
  )
  const own = ownOf(locale)
  return async (view) => {
    manner = mannerOf(view, locale)
    const written = liquid.parseAndRenderSync(template, { ...view, own })
    const made = (await mjml2html(written, {
      ignoreIncludes: true,
      fonts: {},
      keepComments: false,
    })) as unknown
    return (made as { html: string }).html
  }
}
