/**
 * A compiled tree as closures, made once a container and run once a mail. Values are read by own properties
 * only; a name that leads nowhere is empty, and so is what is no text. Nothing here throws for customers'
 * data. Read `render.ts` next.
 */
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { limits } from '#core/limits'
import { functions, isEmpty, isTrue, type Manner, speaksItself } from './apply.ts'
import type { Context, Expression, Node, Tree } from './compiled.ts'
import { clean, escapeFor, escapeHtml, runsAgainst, safeLink } from './escape.ts'
import { formatNumber } from './format.ts'
import { say } from './message.ts'
import { plainRichText, safeRichText } from './rich-text.ts'

interface Turn {
  index: number
  last: boolean
  key: string | number
}

/** One rendering under way. */
export interface Moment extends Manner {
  frames: unknown[]
  turns: (Turn | undefined)[]
  direction: 'ltr' | 'rtl'
  messageOf(key: string): readonly MessageFormatElement[] | undefined
  link(url: string): string
  /** Links of the text part, in the order of their numbers. */
  notes: string[]
  /** How many more times loops may turn. */
  turnsLeft: number
}

export type Writer = (moment: Moment) => string
type Reader = (moment: Moment) => unknown

const emptyWriter: Writer = () => ''

/** The value at a path of own properties. */
export function readPath(from: unknown, path: readonly string[]): unknown {
  let value = from
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

function reader(expression: Expression): Reader {
  if ('value' in expression) return () => expression.value
  if ('path' in expression) {
    const { path, frame } = expression
    return (moment) => readPath(moment.frames[frame], path)
  }
  if ('loop' in expression) return loopReader(expression)
  if ('own' in expression) return ownReader(expression.own)
  if (expression.call === 't') return speaker(expression, 'plain')
  const apply = Object.hasOwn(functions, expression.call) ? functions[expression.call] : undefined
  if (apply === undefined) return () => undefined
  const values = expression.with.map(reader)
  const named = namedReader(expression.named)
  return (moment) =>
    apply(
      values.map((read) => read(moment)),
      named(moment),
      moment,
    )
}

const nothing = Object.freeze({})

function namedReader(named: Readonly<Record<string, Expression>> | undefined) {
  if (named === undefined) return () => nothing
  const readers = Object.entries(named).map(([name, expression]) => ({ name, read: reader(expression) }))
  return (moment: Moment): Record<string, unknown> => {
    const values: Record<string, unknown> = {}
    for (const { name, read } of readers) values[name] = read(moment)
    return values
  }
}

function loopReader({ loop, frame }: { loop: string; frame: number }): Reader {
  return ({ turns }) => {
    const turn = turns[frame]
    if (turn === undefined) return undefined
    if (loop === 'first') return turn.index === 0
    if (loop === 'last') return turn.last
    return loop === 'key' ? turn.key : turn.index
  }
}

function ownReader(own: 'language' | 'direction' | 'start' | 'end'): Reader {
  if (own === 'language') return ({ language }) => language
  if (own === 'direction') return ({ direction }) => direction
  const startsLeft = own === 'start'
  return ({ direction }) => ((direction === 'ltr') === startsLeft ? 'left' : 'right')
}

/** Whether people read what stands there, in their digits. */
const isRead = (context: Context) => context === 'text' || context === 'plain' || context === 'label'

/** Holds nothing that HTML reads, and of letters, digits and signs those of ASCII alone. */
const isHarmless = (text: string) => /^[\w !#$%()*+,\-./:;=?@[\]^{|}~]*$/.test(text)

/** Holds no control character and no letter from right to left. */
const isWestern = (text: string) => /^[ -~\u00a0-\u024f\u2010-\u2026\u20a0-\u20bf]*$/.test(text)

/** A value as text for its place; a name that runs against the mail is set apart. */
function show(value: unknown, context: Context, moment: Moment): string {
  if (typeof value === 'string') {
    if (isRead(context) && moment.direction === 'ltr') {
      if (isHarmless(value)) return value
      if (isWestern(value)) return escapeFor(context, value)
    }
    const text = clean(value)
    if (!isRead(context) || !runsAgainst(text, moment.direction)) return escapeFor(context, text)
    return context === 'text' ? `<bdi>${escapeHtml(text)}</bdi>` : escapeFor(context, `\u2068${text}\u2069`)
  }
  if (typeof value === 'number') {
    if (isRead(context)) return formatNumber(value, moment.locale)
    return Number.isFinite(value) ? String(value) : ''
  }
  return typeof value === 'boolean' ? String(value) : ''
}

type Call = Extract<Expression, { call: string }>

/** Says a message of the strings; its words are the mail's own, its values are made safe for their place. */
function speaker(call: Call, context: Context): Writer {
  const [key] = call.with
  if (key === undefined || !('value' in key)) return emptyWriter
  const name = String(key.value)
  const named = namedReader(call.named)
  const words = (text: string) => escapeFor(context, text)
  const markup = context === 'text'
  return (moment) => {
    const message = moment.messageOf(name)
    if (message === undefined) return ''
    const { language, locale, zone } = moment
    const values = named(moment)
    const shown = (value: unknown) => show(value, context, moment)
    return say(message, { language, locale, zone, values, escape: words, show: shown, markup })
  }
}

function speakerAt(call: Call, context: Context): Writer {
  if (isRead(context) || context === 'attribute') return speaker(call, context)
  const plain = speaker(call, 'plain')
  return (moment) => escapeFor(context, plain(moment))
}

/** HTML of the shop's own; where text is plain, its words. */
function htmlPrinter({ with: [value] }: Call, as: Context): Writer {
  const read = value === undefined ? () => undefined : reader(value)
  const show = as === 'text' ? safeRichText : plainRichText
  return (moment) => {
    const html = read(moment)
    return typeof html === 'string' ? show(clean(html)) : ''
  }
}

function printer({ print, as }: { print: Expression; as: Context }): Writer {
  if ('call' in print && print.call === 't') return speakerAt(print, as)
  if ('call' in print && print.call === 'html') return htmlPrinter(print, as)
  const read = reader(print)
  // Words of ours such as `ltr` and `left`, safe wherever they stand.
  if ('own' in print) return (moment) => String(read(moment))
  // What our own functions formatted is in the mail's own direction.
  if ('call' in print && speaksItself.has(print.call))
    return (moment) => escapeFor(as, String(read(moment) ?? ''))
  return (moment) => show(read(moment), as, moment)
}

function chooser(node: { if: Expression; yes: Tree; no: Tree }): Writer {
  const test = reader(node.if)
  const yes = writer(node.yes)
  const no = writer(node.no)
  return (moment) => (isTrue(test(moment)) ? yes(moment) : no(moment))
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) {
    return value.slice(0, limits.template.listItems).map((one: unknown, index) => [index, one])
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).slice(0, limits.template.listItems)
}

function looper(node: Extract<Node, { each: Expression }>): Writer {
  const list = reader(node.each)
  const limit = node.limit === undefined ? undefined : reader(node.limit)
  const body = writer(node.do)
  const none = writer(node.none)
  const { frame } = node
  return (moment) => {
    let entries = entriesOf(list(moment))
    const most = limit?.(moment)
    if (typeof most === 'number' && most >= 0) entries = entries.slice(0, most)
    if (entries.length === 0) return none(moment)
    let written = ''
    for (const [index, [key, element]] of entries.entries()) {
      if (moment.turnsLeft <= 0) break
      moment.turnsLeft -= 1
      moment.frames[frame] = element
      moment.turns[frame] = { index, last: index === entries.length - 1, key }
      written += body(moment)
    }
    return written
  }
}

function binder(node: Extract<Node, { with: Expression }>): Writer {
  const read = reader(node.with)
  const body = writer(node.do)
  const none = writer(node.none)
  return (moment) => {
    const value = read(moment)
    if (isEmpty(value)) return none(moment)
    moment.frames[node.frame] = value
    return body(moment)
  }
}

function linker(node: Extract<Node, { url: Tree }>): Writer {
  const parts = writer(node.url)
  const finish = { attribute: escapeHtml, plain: (url: string) => url, note }[node.as]
  return (moment) => {
    const url = safeLink(parts(moment))
    const isPage = node.track && /^https?:/i.test(url)
    return finish(isPage ? moment.link(url) : url, moment)
  }
}

/** The number of a link that stands at the end of the text; nothing for one that leads nowhere. */
function note(url: string, { notes }: Moment): string {
  if (url === '#') return ''
  const known = notes.indexOf(url)
  return ` [${known >= 0 ? known + 1 : notes.push(url)}]`
}

function writeNode(node: Exclude<Node, string>): Writer {
  if ('print' in node) return printer(node)
  if ('if' in node) return chooser(node)
  if ('each' in node) return looper(node)
  if ('with' in node) return binder(node)
  return linker(node)
}

/** A tree as one function. */
export function writer(tree: Tree): Writer {
  const pieces = tree.map((node) => (typeof node === 'string' ? node : writeNode(node)))
  const [only] = pieces
  if (pieces.length <= 1) return typeof only === 'function' ? only : () => only ?? ''
  return (moment) => {
    let written = ''
    for (const piece of pieces) written += typeof piece === 'string' ? piece : piece(moment)
    return written
  }
}
