/**
 * First pass: from a marketer's file to MJML without expressions. Expressions are taken out and checked
 * (`flatten.ts`), what MJML would do wrong with them is refused (`rule.ts`), strings are parsed, and the mail's
 * language and direction are put in. Between the passes stands MJML; the second is `finish.ts`.
 */
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { readYaml } from '#core/document'
import { checkContrast } from './check-contrast.ts'
import { checkLinks } from './check-links.ts'
import { settledIn } from './defaults.ts'
import { type Complaint, type Element, isElement, readDocument, writeDocument } from './document.ts'
import { type Findings, newFindings } from './findings.ts'
import { flatten } from './flatten.ts'
import { readFrontMatter } from './front-matter.ts'
import { hoist } from './hoist.ts'
import type { Problem, SourceFile } from './problem.ts'
import { complaintsOf } from './rule.ts'
import { rootScope } from './scope.ts'
import { compileStrings } from './strings.ts'
import { type Flat, type Token, tokenWord } from './token.ts'

/** What one mail is made of. */
export interface MailSource {
  /** The mail's name: its key in the strings files, e.g. `reminder` for `reminder.mjml`. */
  name: string
  mjml: SourceFile
  /** What `{{> header}}` stands for: the files of `templates/layout/` by name. */
  layout: Readonly<Record<string, SourceFile>>
  /** Locale → the journey's `strings.<locale>.yaml`. */
  strings: Readonly<Record<string, SourceFile>>
  /** Locale → `layout/strings.<locale>.yaml`: what header and footer say. */
  layoutStrings?: Readonly<Record<string, SourceFile>>
  /** `templates/brand.yaml`. */
  brand: SourceFile
  /** The shop's own people get it: it needs no way out. */
  toShop?: boolean
}

/** A mail ready for MJML, and what the second pass needs. */
export interface Prepared {
  /** MJML with tokens. */
  text: string
  /** The element behind each line of `text`, from 0. */
  lines: Element[]
  root: Element
  flat: Flat
  /** The name of the sender, with tokens of its own. */
  sender?: Flat
  strings: Record<string, Record<string, MessageFormatElement[]>>
  findings: Findings
}

/** Constants of `brand.yaml`, nested keys joined by dots. */
export function readBrand(source: SourceFile, problems: Problem[]): Record<string, string | number> {
  const file = readYaml(source)
  problems.push(...file.problems)
  const brand: Record<string, string | number> = {}
  const collect = (value: unknown, path: string[]) => {
    if (typeof value === 'string' || typeof value === 'number') brand[path.join('.')] = value
    else if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) collect(inner, [...path, key])
    } else if (value !== null && value !== undefined) {
      const message = `\`${path.join('.')}\` is neither text nor a number`
      problems.push({ ...file.at(path), message, cure: 'write it in quotes' })
    }
  }
  collect(file.value, [])
  return brand
}

/** A mail without its expressions, or everything that is wrong with it. */
export function prepare(source: MailSource): Prepared | { problems: Problem[] } {
  const findings = newFindings()
  const brand = readBrand(source.brand, findings.problems)
  const scope = rootScope(brand)
  const { mjml, from } = readFrontMatter(source.mjml, { findings, scope })
  const flat = flatten(mjml, { layout: source.layout, scope, findings })
  const sender = from && flatten(from, { layout: source.layout, scope, findings })
  const strings = compileStrings({ ...source, mail: source.name }, findings)
  const read = readDocument(flat.text, flat.pattern)
  const say = (at: number, message: string, cure: string) =>
    findings.problems.push({ ...flat.placeAt(at), message, cure })
  if ('complaint' in read) {
    const { at, message, cure } = read.complaint
    if (flat.text !== '') say(at, message, cure)
    // A file that cannot be parsed is empty here: its own problem says more.
    else if (findings.problems.length === 0) {
      findings.problems.push({ file: mjml.file, line: 1, column: 1, message, cure })
    }
    return { problems: inOrder(findings.problems) }
  }
  for (const { at, message, cure } of complaintsIn(read.root, flat)) say(at, message, cure)
  for (const comment of read.comments) checkComment(comment, flat, say)
  checkDuties(read.root, { source, findings })
  if (findings.problems.length > 0) return { problems: inOrder(findings.problems) }
  setLanguage(read.root, flat)
  const hoisted = hoist(read.root, { flat, settled: settledIn(read.root) })
  for (const { at, message, cure } of hoisted.complaints) say(at, message, cure)
  if (findings.problems.length > 0) return { problems: inOrder(findings.problems) }
  const { text, lines } = writeDocument(hoisted.root)
  return { text, lines, root: read.root, flat, strings, findings, ...(sender && { sender }) }
}

/** Problems in reading order, each said once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const sorted = problems.toSorted(
    (a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column,
  )
  return sorted.filter((problem, index) => {
    const before = sorted[index - 1]
    return before === undefined || JSON.stringify(before) !== JSON.stringify(problem)
  })
}

/** What is wrong with the document, before MJML sees it. */
function complaintsIn(root: Element, flat: Flat): Complaint[] {
  const looking = { flat, settled: settledIn(root) }
  const bodies = root.children.filter(isElement).filter(({ tag }) => tag !== 'mj-head')
  return [
    ...complaintsOf(root, looking),
    ...bodies.flatMap(everyElement).flatMap((element) => checkLinks(element, looking)),
    ...checkContrast(root, looking),
  ]
}

const everyElement = (element: Element): Element[] => [
  element,
  ...element.children.filter(isElement).flatMap(everyElement),
]

type Say = (at: number, message: string, cure: string) => void

function checkComment(comment: { at: number; text: string }, flat: Flat, say: Say): void {
  const tokens = [...comment.text.matchAll(flat.pattern)].map((match) => flat.tokens[Number(match[1])])
  if (tokens.some((token) => token !== undefined && token.kind !== 'print')) {
    say(comment.at, 'a block in a comment would still be carried out', 'write {{!-- … --}} to comment it out')
  }
}

/** The elements of a tag, anywhere in the document. */
export const elementsOf = (root: Element, tag: string): Element[] =>
  everyElement(root).filter((element) => element.tag === tag)

/** What every mail must have: a subject, a way out, and the sender's postal address. */
function checkDuties(root: Element, of: { source: MailSource; findings: Findings }): void {
  const { problems, variables } = of.findings
  const top = { file: of.source.mjml.file, line: 1, column: 1 }
  const titles = elementsOf(root, 'mj-title')
  if (titles.length !== 1 || titles[0]?.content?.trim() === '') {
    const cure = 'write <mj-title>{{t "subject"}}</mj-title> once in <mj-head>'
    const message = titles.length > 1 ? 'the mail has two subjects' : 'the mail has no subject'
    problems.push({ ...top, message, cure })
  }
  if (problems.length > 0) return
  for (const name of of.source.toShop === true ? [] : ['links.unsubscribe', 'shop.address']) {
    if (variables.has(name)) continue
    const message = `the mail never shows \`${name}\`, which the law wants in every mail`
    problems.push({ ...top, message, cure: 'end <mj-body> with {{> footer}}' })
  }
}

function setLanguage(root: Element, flat: Flat): void {
  const nonce = flat.pattern.source.split('(')[0] ?? ''
  const place = flat.placeAt(root.at)
  const own = [
    { name: 'lang', expression: { own: 'language' } },
    { name: 'dir', expression: { own: 'direction' } },
  ] as const
  for (const { name, expression } of own) {
    if (root.attributes.some((one) => one.name === name)) continue
    const token: Token = { kind: 'print', expression, place }
    const id = flat.tokens.push(token) - 1
    root.attributes.push({ name, value: tokenWord(nonce, id), at: root.at })
  }
}
