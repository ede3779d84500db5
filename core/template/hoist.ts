/**
 * Columns that come and go. MJML divides a section by the number of its columns, so one without a width that
 * stands in a block would be reckoned with whether it is shown or not. Such a section is written once for every
 * way through its tests, and the tests move around it: `{{#if}}` changes no names, so what is inside means the
 * same. What cannot be moved (loops) is refused here too. Called by `prepare.ts` on a document that is balanced.
 */
import { limits } from '#core/limits'
import type { Settled } from './defaults.ts'
import { type Child, type Complaint, type Element, isElement } from './document.ts'
import { type Flat, type Token, tokenWord } from './token.ts'

interface Hoisting {
  flat: Flat
  settled: Settled
  found: Complaint[]
}

type Word = Exclude<Child, Element>

const divided = new Set(['mj-section', 'mj-group'])

/** The document as MJML can reckon with it, and what stands in the way. `root` stays as it was. */
export function hoist(
  root: Element,
  of: { flat: Flat; settled: Settled },
): { root: Element; complaints: Complaint[] } {
  const hoisting: Hoisting = { ...of, found: [] }
  const [hoisted = root] = settleElement(root, hoisting).filter(isElement)
  const most = limits.template.elements
  if (sizeOf(hoisted) > most && hoisting.found.length === 0) {
    hoisting.found.push({
      at: root.at,
      message: `with all layouts of its sections the mail has more than ${most} elements`,
      cure: 'write a width on the columns that stand in blocks',
    })
  }
  return { root: hoisted, complaints: hoisting.found }
}

const sizeOf = ({ children }: Element): number =>
  children.filter(isElement).reduce((sum, child) => sum + sizeOf(child), 1)

function settleElement(element: Element, hoisting: Hoisting): Child[] {
  const children = element.children.flatMap((child) =>
    isElement(child) ? settleElement(child, hoisting) : [child],
  )
  const settled = { ...element, children }
  const layouts = divided.has(element.tag) ? split(settled, hoisting) : [settled]
  const elements = layouts.filter(isElement)
  const most = limits.template.layouts
  if (elements.length > most) {
    hoisting.found.push({
      at: element.at,
      message: `this <${element.tag}> has more than ${most} layouts: its columns depend on too many tests`,
      cure: 'write width="50%" (or px) on each column, or put {{#if …}} around whole sections',
    })
    return [element]
  }
  for (const layout of elements) checkLayout(layout, hoisting)
  return layouts
}

/** MJML does not count what was written by hand. */
const isBare = (child: Child, { settled }: Hoisting): child is Element =>
  isElement(child) && child.tag !== 'mj-raw' && settled(child, 'width') === undefined

/** An element for every way through the tests around its columns, with those tests around it. */
function split(element: Element, hoisting: Hoisting): Child[] {
  const { children } = element
  const { flat } = hoisting
  if (!children.some((child) => isBare(child, hoisting))) return [element]
  const test = firstTest(children, flat)
  if (test === undefined) return [element]
  const { opens, turns, closes, open, close } = test
  const before = children.slice(0, opens)
  const after = children.slice(closes + 1)
  const yes = children.slice(opens + 1, turns ?? closes)
  const no = turns === undefined ? [] : children.slice(turns + 1, closes)
  const layout = (inside: readonly Child[]) =>
    split({ ...element, children: [...before, ...inside, ...after] }, hoisting)
  const otherwise = turns === undefined ? elseOf(open, flat) : children[turns]
  // A limit on what is tried, too: it doubles with every test.
  const first = layout(yes)
  if (first.length > 4 * limits.template.layouts) return first
  return [open, ...first, ...(otherwise === undefined ? [] : [otherwise]), ...layout(no), close]
}

interface Test {
  opens: number
  turns?: number
  closes: number
  open: Word
  close: Word
}

/** The first `{{#if}}` that stands in no other block. */
function firstTest(children: readonly Child[], flat: Flat): Test | undefined {
  let from = 0
  while (from < children.length) {
    const child = children[from]
    const token = child && tokenOf(child, flat)
    if (child === undefined || isElement(child) || token?.kind !== 'open') {
      from += 1
      continue
    }
    const ends = (kind: 'else' | 'close') =>
      children.findIndex((one, at) => {
        const other = at > from ? tokenOf(one, flat) : undefined
        return other?.kind === kind && other.of === child.token
      })
    const closes = ends('close')
    const close = children[closes]
    if (close === undefined || isElement(close)) return undefined
    const turns = ends('else')
    const isInside = turns >= 0 && turns < closes
    if (token.block.opens === 'if') {
      return { opens: from, closes, open: child, close, ...(isInside && { turns }) }
    }
    from = closes + 1
  }
  return undefined
}

const tokenOf = (child: Child, { tokens }: Flat): Token | undefined =>
  isElement(child) ? undefined : tokens[child.token]

function elseOf(open: Word, flat: Flat): Word {
  const token: Token = { kind: 'else', of: open.token, place: flat.placeAt(open.at) }
  const id = flat.tokens.push(token) - 1
  const nonce = flat.pattern.source.split('(')[0] ?? ''
  return { word: tokenWord(nonce, id), token: id, at: open.at }
}

/** What MJML reckons by the number or order of children, where blocks are among them. */
function checkLayout(element: Element, hoisting: Hoisting): void {
  if (element.children.every(isElement)) return
  for (const name of ['gap', 'gutter']) {
    const counts = hoisting.settled(element, name)
    if (counts === undefined) continue
    hoisting.found.push({
      at: counts.at,
      message: `\`${name}\` counts what stands between the elements, and blocks stand there`,
      cure: `take \`${name}\` out and give the elements padding`,
    })
  }
  const bare = divided.has(element.tag) && element.children.find((child) => isBare(child, hoisting))
  if (!bare) return
  hoisting.found.push({
    at: bare.at,
    message:
      'a column beside {{#each}} or {{#with}} needs a width: how many there are depends on the customer',
    cure: 'write width="50%" (or px) on every column, or put the block around whole sections',
  })
}
