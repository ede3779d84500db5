/**
 * The rivals of our renderer, made from the same compiled mail so that they print the same page: Handlebars'
 * runtime on HTML that was compiled once, and a template literal as somebody would write it by hand, which
 * escapes nothing and is the least that any renderer must do. Words and amounts are said by the same functions.
 */
import Handlebars from 'handlebars'
import { functions, isTrue, type Manner } from '#core/template/apply'
import type { CompiledMail, Expression, Tree } from '#core/template/compiled'
import { decodeEntities } from '#core/template/entity'
import { directionOf } from '#core/template/format'
import { say } from '#core/template/message'
import type { View } from '#core/view'

type Named = Record<string, unknown>

export const mannerOf = ({ customer, now }: View, locale: string): Manner => ({
  ...{ locale, language: locale, zone: customer.timeZone ?? 'UTC', now },
})

export function sayer(mail: CompiledMail, manner: Manner) {
  return (key: string, values: Named): string =>
    say((mail.strings[manner.language]?.[key] ?? []) as Parameters<typeof say>[0], {
      ...manner,
      values,
      escape: (text) => text,
      show: (value) => (value === undefined ? '' : String(value)),
      markup: false,
    })
}

export const ownOf = (locale: string): Record<string, string> => {
  const direction = directionOf(locale)
  const [start, end] = direction === 'ltr' ? ['left', 'right'] : ['right', 'left']
  return { language: locale, direction, start, end }
}

/** An expression in the words of Handlebars; `depth` frames are open around it. */
function hbsExpression(expression: Expression, depth: number): string {
  if ('value' in expression) return JSON.stringify(expression.value)
  if ('own' in expression) return `@root.own.${expression.own}`
  if ('loop' in expression) return `@${expression.loop}`
  if ('path' in expression) {
    const up = expression.frame === 0 ? '@root.' : '../'.repeat(depth - expression.frame)
    const path = expression.path.map((part) => (/^\w+$/.test(part) ? part : `[${part}]`)).join('.')
    return `${up}${path === '' ? 'this' : up === '' ? `this.${path}` : path}`
  }
  const values = expression.with.map((one) => ` ${hbsExpression(one, depth)}`).join('')
  const named = Object.entries(expression.named ?? {})
    .map(([name, one]) => ` ${name}=${hbsExpression(one, depth)}`)
    .join('')
  return `(x_${expression.call}${values}${named})`
}

const bare = (text: string) => (text.startsWith('(') ? text.slice(1, -1) : text)

function hbsTree(tree: Tree, depth: number): string {
  return tree
    .map((node): string => {
      if (typeof node === 'string') return node.replaceAll('{{', '\\{{')
      if ('print' in node) return `{{${bare(hbsExpression(node.print, depth))}}}`
      if ('url' in node) return hbsTree(node.url, depth)
      if ('if' in node)
        return `{{#if ${hbsExpression(node.if, depth)}}}${hbsTree(node.yes, depth)}{{else}}${hbsTree(node.no, depth)}{{/if}}`
      const [name, value] = 'each' in node ? ['each', node.each] : ['with', node.with]
      const none = hbsTree(node.none, depth)
      return `{{#${name} ${hbsExpression(value, depth)}}}${hbsTree(node.do, depth + 1)}{{else}}${none}{{/${name}}}`
    })
    .join('')
}

/** Handlebars' runtime on the HTML that was compiled once. */
export function handlebarsRival(mail: CompiledMail, locale: string): (view: View) => string {
  const handlebars = Handlebars.create()
  let manner: Manner
  let speak: ReturnType<typeof sayer>
  for (const [name, apply] of Object.entries(functions))
    handlebars.registerHelper(`x_${name}`, (...given: unknown[]) => {
      const { hash } = given.pop() as { hash: Named }
      return apply(given, hash, manner)
    })
  handlebars.registerHelper('x_t', (key: string, { hash }: { hash: Named }) => speak(key, hash))
  const render = handlebars.compile(hbsTree(mail.html, 0))
  const own = ownOf(locale)
  return (view) => {
    manner = mannerOf(view, locale)
    speak = sayer(mail, manner)
    return render({ ...view, own })
  }
}

/** An expression as JavaScript; `f0` is the view, `f1` the element of the outermost loop, `i1` its number. */
function jsExpression(expression: Expression): string {
  if ('value' in expression) return JSON.stringify(expression.value)
  if ('own' in expression) return `own.${expression.own}`
  if ('loop' in expression) {
    const { loop, frame } = expression
    if (loop === 'first') return `(i${frame} === 0)`
    return loop === 'last' ? `(i${frame} === n${frame} - 1)` : `i${frame}`
  }
  if ('path' in expression)
    return `f${expression.frame}${expression.path.map((part) => `?.[${JSON.stringify(part)}]`).join('')}`
  const named = Object.entries(expression.named ?? {})
    .map(([name, one]) => `${JSON.stringify(name)}: ${jsExpression(one)}`)
    .join(', ')
  const values = expression.with.map(jsExpression).join(', ')
  if (expression.call === 't') return `speak(${values}, { ${named} })`
  return `functions[${JSON.stringify(expression.call)}]([${values}], { ${named} }, manner)`
}

const literalText = (text: string) => text.replace(/[\\`]|\$\{/g, (special) => `\\${special}`)

function jsTree(tree: Tree): string {
  const pieces = tree.map((node): string => {
    if (typeof node === 'string') return literalText(node)
    if ('print' in node) return `\${${jsExpression(node.print)}}`
    if ('url' in node) return jsTree(node.url).slice(1, -1)
    if ('if' in node) return `\${isTrue(${jsExpression(node.if)}) ? ${jsTree(node.yes)} : ${jsTree(node.no)}}`
    const { frame } = node
    if ('with' in node) return `\${((f${frame}) => ${jsTree(node.do)})(${jsExpression(node.with)})}`
    const list = `(${jsExpression(node.each)} ?? [])`
    return `\${((n${frame}) => ${list}.map((f${frame}, i${frame}) => ${jsTree(node.do)}).join(''))(${list}.length)}`
  })
  return `\`${pieces.join('')}\``
}

/** The template literal: nothing is escaped, checked or bounded. */
export function literalRival(mail: CompiledMail, locale: string): (view: View) => string {
  const write = new Function(
    ...['f0', 'own', 'functions', 'isTrue', 'speak', 'manner'],
    `return ${jsTree(mail.html)}`,
  )
  const own = ownOf(locale)
  return (view) => {
    const manner = mannerOf(view, locale)
    return write(view, own, functions, isTrue, sayer(mail, manner), manner)
  }
}

/** What two pages that say the same have in common: escapes, white space and the marks of directions aside. */
export const saysOf = (html: string): string =>
  decodeEntities(decodeEntities(html)).replace(/["'&<>=`]|\s|\/?bdi/g, '')
