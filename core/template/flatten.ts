/**
 * First pass, first half: a template with its expressions taken out. Each becomes an opaque lower-case word
 * (a token) that no HTML tool touches; what it stood for is kept beside it, already checked and resolved.
 * Partials are pasted in, constants of `brand.yaml` and tests on them are settled here. Next: `prepare.ts`.
 */
import { limits } from '#core/limits'
import { nearest } from '#core/suggest'
import { isTrue } from './apply.ts'
import type { Expression } from './compiled.ts'
import type { Field } from './field.ts'
import { type Findings, report, type Surroundings } from './findings.ts'
import {
  asPath,
  type BlockNode,
  type CallNode,
  type ContentNode,
  type PartialNode,
  type ProgramNode,
  parse,
  placeOf,
  type StatementNode,
} from './parse.ts'
import type { Place, SourceFile } from './problem.ts'
import { elementOf, inside, insidePartial, resolve, type Scope, type Typed } from './scope.ts'
import {
  type Block,
  emit,
  emitToken,
  type Flat,
  flatOf,
  isInSingleQuotes,
  newOutput,
  type Output,
} from './token.ts'
import { typeOf, typeOfMustache } from './type.ts'

interface Flattening extends Surroundings {
  layout: Readonly<Record<string, SourceFile>>
  /** Partials and blocks that are open around this place. */
  within: readonly string[]
  blockDepth: number
  out: Output
}

/** Takes the expressions out of a mail. Problems go to `findings`. */
export function flatten(
  source: SourceFile,
  of: { layout: Readonly<Record<string, SourceFile>>; scope: Scope; findings: Findings },
): Flat {
  const texts = [source, ...Object.values(of.layout)].map((file) => file.text.toLowerCase()).join('\n')
  const out = newOutput(texts)
  const flattening = { ...of, file: source.file, within: [], blockDepth: 0, out }
  flattenFile(source, flattening)
  const { problems, expressions } = of.findings
  if (expressions > limits.template.expressions) {
    const message = `the mail has more than ${limits.template.expressions} expressions`
    problems.push({ file: source.file, line: 1, column: 1, message, cure: 'make it smaller' })
  }
  return flatOf(out)
}

function flattenFile(source: SourceFile, at: Flattening): void {
  const program = parse(source)
  if ('message' in program) at.findings.problems.push(program)
  else flattenProgram(program, at)
}

function flattenProgram(program: ProgramNode | undefined, at: Flattening): void {
  for (const statement of program?.body ?? []) flattenStatement(statement, at)
}

function flattenStatement(node: StatementNode, at: Flattening): void {
  switch (node.type) {
    case 'ContentStatement':
      return emit(at.out, node.value, contentPlace(node, at.file))
    case 'CommentStatement':
      return
    case 'MustacheStatement':
      return flattenPrint(node, at)
    case 'BlockStatement':
      return flattenBlock(node, at)
    case 'PartialStatement':
      return flattenPartial(node, at)
    case 'PartialBlockStatement':
      return report(at, placeOf(node, at.file), {
        message:
          '{{#> …}} would hand a whole block to a file of the layout, which is not part of the language',
        cure: 'write {{> its-name}}, and hand over values: {{> its-name title="…"}}',
      })
    default:
      return report(at, placeOf(node, at.file), {
        message: 'inline partials and decorators ({{* …}}, {{#* …}}) are not part of the language',
        cure: 'put the piece into a file of templates/layout and write {{> its-name}}',
      })
  }
}

/** Where the first character that white-space rules left over stands. */
function contentPlace(node: ContentNode, file: string): Place {
  const kept = node.value.search(/\S/)
  const skipped = kept < 0 ? 0 : node.original.search(/\S/) - kept
  const lines = node.original.slice(0, Math.max(0, skipped)).split('\n')
  const start = placeOf(node, file)
  const last = lines.at(-1)?.length ?? 0
  return lines.length === 1
    ? { ...start, column: start.column + last }
    : { ...start, line: start.line + lines.length - 1, column: last + 1 }
}

function flattenPrint(node: CallNode, at: Flattening): void {
  const place = placeOf(node, at.file)
  const typed = typeOfMustache(node, at)
  if (!node.escaped) return flattenHtml(typed, place, at)
  const wrong = unprintable(typed.field, typed.name || 'this')
  if (wrong !== undefined) return report(at, place, wrong)
  const { expression } = typed
  // Constants with nothing that could end an attribute or text stand in the page as they are.
  const constant = 'value' in expression ? String(expression.value ?? '') : '"'
  if (/^[^"<>&{}\\]*$/.test(constant)) {
    const isQuoted = constant.includes("'") && isInSingleQuotes(at.out)
    return emit(at.out, isQuoted ? constant.replaceAll("'", '&#39;') : constant, place)
  }
  emitToken(at.out, { kind: 'print', expression, place })
}

/** Three braces: only HTML of the shop's own is printed as it is. */
function flattenHtml({ field, expression }: Typed, place: Place, at: Flattening): void {
  if (field.is === 'value' && field.kind === 'html' && 'path' in expression) {
    emitToken(at.out, { kind: 'print', expression: { call: 'html', with: [expression] }, place })
    return
  }
  report(at, place, {
    message: 'three braces print unescaped HTML, which customers’ data must never be',
    cure: 'write two braces; HTML of your own belongs into the template itself',
  })
}

function unprintable(field: Field, name: string): { message: string; cure: string } | undefined {
  if (field.is === 'list') {
    return { message: `\`${name}\` is a list`, cure: 'walk it with {{#each …}} … {{/each}}' }
  }
  if (field.is === 'object') {
    const inside = Object.keys(field.fields).slice(0, 6).join(', ')
    return { message: `\`${name}\` has parts and cannot be printed whole`, cure: `print one of: ${inside}` }
  }
  if (field.is === 'value' && field.kind === 'money') {
    const short = name.split('[].').at(-1)
    return { message: `\`${name}\` is an amount in small units`, cure: `write {{money ${short}}}` }
  }
  if (field.is === 'value' && field.kind === 'html') {
    return { message: `\`${name}\` is HTML`, cure: `write {{{${name}}}}, with three braces` }
  }
  if (field.is === 'value' && field.kind === 'date') {
    const short = name.split('[].').at(-1)
    return { message: `\`${name}\` is a date`, cure: `write {{date ${short}}}` }
  }
  return undefined
}

const blockNames = ['if', 'unless', 'each', 'with']

function flattenBlock(node: BlockNode, at: Flattening): void {
  const place = placeOf(node, at.file)
  const name = String(node.path.original)
  if (node.openStrip.open === undefined) {
    const message = `{{{{${name}}}}} opens a raw block, which is not part of the language`
    return report(at, place, { message, cure: 'write \\{{ where braces are to be text' })
  }
  if (!blockNames.includes(name)) {
    const sign = isInverted(node) ? '^' : '#'
    return report(at, place, { message: `there is no block {{${sign}${name}}}`, cure: blockMeant(node, at) })
  }
  const [param] = node.params
  if (param === undefined || node.params.length > 1) {
    const cure = name === 'each' ? '{{#each cart.items}}' : `{{#${name} customer.firstName}}`
    return report(at, place, { message: `{{#${name}}} takes one value`, cure: `write ${cure}` })
  }
  if (isTest(node) && node.program?.blockParams !== undefined) {
    const cure = 'take it out, or write {{#with …}}, which hands its value on'
    return report(at, place, { message: `{{#${name}}} has nothing to call \`as |…|\``, cure })
  }
  if (at.blockDepth >= limits.template.blockDepth) {
    const message = `more than ${limits.template.blockDepth} blocks inside one another`
    return report(at, place, { message, cure: 'move the inner part into a file of templates/layout' })
  }
  const typed = typeOf(param, at)
  const named = namedOfBlock(node, at)
  if (isTest(node)) return flattenTest(node, { typed, zeroHolds: named.includeZero }, at)
  return flattenFrame(node, { typed, limit: named.limit }, at)
}

/** Whether it is written `{{^name}} … {{/name}}`. */
const isInverted = ({ program }: BlockNode) => program === undefined

/** What a block that there is not was meant to be: a misspelt one, or one around a field. */
function blockMeant(node: BlockNode, at: Flattening): string {
  const { path } = node
  const meant = nearest(String(path.original), blockNames)
  if (meant !== undefined) return `did you mean {{#${meant}}}?`
  const found = path.type === 'PathExpression' ? resolve(path, at.scope) : undefined
  if (found === undefined || 'unknown' in found || found.field.is === 'any') {
    return 'there are #if, #unless, #each and #with'
  }
  const block = isInverted(node) ? 'unless' : { list: 'each', object: 'with', value: 'if' }[found.field.is]
  return `write {{#${block} ${path.original}}} … {{/${block}}}`
}

const isTest = ({ path }: BlockNode) => path.original === 'if' || path.original === 'unless'

/** Whether a test holds when what it looks at may count at 0 too. */
const orZero = (value: Expression, zeroHolds: Expression): Expression => ({
  call: 'or',
  with: [value, { call: 'and', with: [zeroHolds, { call: 'eq', with: [value, { value: 0 }] }] }],
})

function flattenTest(
  node: BlockNode,
  { typed, zeroHolds }: { typed: Typed; zeroHolds: Expression | undefined },
  at: Flattening,
): void {
  const inner = { ...at, blockDepth: at.blockDepth + 1 }
  const negated = node.path.original === 'unless'
  const expression = zeroHolds === undefined ? typed.expression : orZero(typed.expression, zeroHolds)
  if ('value' in expression) {
    const holds = isTrue(expression.value) !== negated
    return flattenProgram(holds ? node.program : node.inverse, inner)
  }
  const test: Expression = negated ? { call: 'not', with: [expression] } : expression
  const place = placeOf(node, at.file)
  const of = emitToken(at.out, {
    kind: 'open',
    block: { opens: 'if', test },
    written: node.path.original,
    place,
  })
  flattenProgram(node.program, inner)
  if (node.inverse !== undefined) {
    emitToken(at.out, { kind: 'else', of, place })
    flattenProgram(node.inverse, inner)
  }
  emitToken(at.out, { kind: 'close', of, place })
}

/** Whether words of the strings may come out of it, at whatever depth. */
const saysWords = (expression: Expression): boolean =>
  'call' in expression &&
  (expression.call === 't' ||
    expression.with.some(saysWords) ||
    Object.values(expression.named ?? {}).some(saysWords))

function flattenFrame(
  node: BlockNode,
  { typed, limit }: { typed: Typed; limit: Expression | undefined },
  at: Flattening,
): void {
  const place = placeOf(node, at.file)
  const isEach = node.path.original === 'each'
  const { field, expression } = typed
  if (isEach && field.is !== 'list' && field.is !== 'any') {
    return report(at, place, {
      message: `\`${typed.name ?? 'this'}\` is not a list`,
      cure: 'lists are cart.items, order.items, products, recent',
    })
  }
  if (saysWords(expression)) {
    const cure = 'write {{t …}} where the words are to stand'
    return report(at, place, {
      message: `{{#${node.path.original}}} opens a field, and \`t\` says words`,
      cure,
    })
  }
  if (at.scope.depth > limits.template.loopDepth) {
    const message = `more than ${limits.template.loopDepth} loops inside one another`
    return report(at, place, { message, cure: 'walk fewer lists in one another' })
  }
  const frame = at.scope.depth
  const element: Typed = {
    ...(isEach ? elementOf(typed) : typed),
    expression: { path: [], frame },
  }
  const block: Block = isEach
    ? { opens: 'each', list: expression, frame, ...(limit !== undefined && { limit }) }
    : { opens: 'with', value: expression, frame }
  const of = emitToken(at.out, { kind: 'open', block, written: node.path.original, place })
  const names = blockNamesOf(node, element, frame)
  const scope = inside(at.scope, { element, loops: isEach, names })
  flattenProgram(node.program, { ...at, scope, blockDepth: at.blockDepth + 1 })
  if (node.inverse !== undefined) {
    emitToken(at.out, { kind: 'else', of, place })
    flattenProgram(node.inverse, { ...at, blockDepth: at.blockDepth + 1 })
  }
  emitToken(at.out, { kind: 'close', of, place })
}

/** What a block knows beside its value. */
const namedValues: Readonly<Record<string, { name: string; usage: string }>> = {
  if: { name: 'includeZero', usage: '{{#if loyalty.points includeZero=true}}' },
  unless: { name: 'includeZero', usage: '{{#unless loyalty.points includeZero=true}}' },
  each: { name: 'limit', usage: '{{#each cart.items limit=8}}' },
}

function namedOfBlock(node: BlockNode, at: Flattening): { includeZero?: Expression; limit?: Expression } {
  const block = node.path.original
  const known = namedValues[block]
  const named: Record<string, Expression> = {}
  for (const pair of node.hash?.pairs ?? []) {
    if (pair.key === known?.name) named[pair.key] = typeOf(pair.value, at).expression
    else {
      report(at, placeOf(pair, at.file), {
        message: `{{#${block}}} knows no \`${pair.key}=\``,
        cure: known === undefined ? 'take it out' : `there is ${known.usage}`,
      })
    }
  }
  return named
}

/** `as |element key|`: of a list, the key is the place. */
function blockNamesOf(node: BlockNode, element: Typed, frame: number): Record<string, Typed> {
  const [first, second] = node.program?.blockParams ?? []
  const names: Record<string, Typed> = {}
  if (first !== undefined) names[first] = element
  if (second !== undefined && node.path.original === 'each') {
    names[second] = { expression: { loop: 'key', frame }, field: { is: 'any' } }
  }
  return names
}

function flattenPartial(node: PartialNode, at: Flattening): void {
  const place = placeOf(node, at.file)
  const path = asPath(node.name)
  if (path === undefined) {
    const message = 'which file of the layout this is would only be known when the mail is sent'
    return report(at, place, { message, cure: 'choose with {{#if}} between {{> one}} and {{> another}}' })
  }
  const name = path.original
  const source = Object.hasOwn(at.layout, name) ? at.layout[name] : undefined
  if (source === undefined) {
    const known = Object.keys(at.layout)
    const meant = nearest(name, known)
    const cure = meant === undefined ? `there are: ${known.join(', ')}` : `did you mean {{> ${meant}}}?`
    return report(at, place, { message: `there is no templates/layout/${name}.mjml`, cure })
  }
  if (at.out.length > limits.template.sourceCharacters) {
    const message = 'the files of templates/layout make the mail too large'
    return report(at, place, { message, cure: 'do not let them contain one another over and over' })
  }
  if (at.within.includes(name)) {
    const message = `templates/layout/${name}.mjml contains itself`
    return report(at, place, { message, cure: `take {{> ${name}}} out of it` })
  }
  emit(at.out, node.indent, place)
  const [given] = node.params
  const context = given && typeOf(given, at)
  const names: Record<string, Typed> = {}
  for (const { key, value } of node.hash?.pairs ?? []) {
    // As in Handlebars, what is handed over as `undefined` is not handed over.
    if (value.type !== 'UndefinedLiteral') names[key] = typeOf(value, at)
  }
  const scope = insidePartial(at.scope, { context, names })
  const told = at.told ?? { name, values: Object.keys(names), place }
  flattenFile(source, { ...at, scope, told, file: source.file, within: [...at.within, name] })
}
