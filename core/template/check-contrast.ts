/**
 * Text that cannot be read on its background (WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for large text), where both
 * colours are written out once `brand.yaml` is settled. A colour that depends on data is not judged, nor is what
 * style sheets change. Called by `prepare.ts` with the whole document.
 */
import { type Colour, colourOf, contrast } from './colour.ts'
import type { Settled } from './defaults.ts'
import { type Complaint, type Element, isElement } from './document.ts'
import { piecesOf } from './pieces.ts'
import type { Flat } from './token.ts'

/** How text looks at one place; a colour that is not known is undefined. */
interface Look {
  colour: Colour | undefined
  background: Colour | undefined
  sizePx: number
  bold: boolean
}

interface Looking {
  flat: Flat
  settled: Settled
}

const white: Colour = [255, 255, 255]
const black: Colour = [0, 0, 0]

/** MJML's own colours, where the mail gives none. */
const unless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'mj-button': { 'background-color': '#414141', color: '#ffffff' },
}
const smallPx = 13
const holdsText = new Set([
  'mj-text',
  'mj-button',
  'mj-table',
  'mj-social-element',
  'mj-accordion-title',
  'mj-accordion-text',
])
const backgroundNames = ['container-background-color', 'background-color', 'inner-background-color']

/** Every text of the document that is hard to read. */
export function checkContrast(root: Element, looking: Looking): Complaint[] {
  const start: Look = { colour: black, background: white, sizePx: smallPx, bold: false }
  const body = root.children.filter(isElement).filter(({ tag }) => tag === 'mj-body')
  return body.flatMap((element) => walk(element, start, looking))
}

function walk(element: Element, around: Look, looking: Looking): Complaint[] {
  const of = (name: string) => looking.settled(element, name)?.value ?? unless[element.tag]?.[name]
  let { background } = around
  // That of a social element is its icon's.
  const names = element.tag === 'mj-social-element' ? [] : backgroundNames
  for (const name of names) background = over(of(name), background)
  if (of('background-url') !== undefined && of('background-color') === undefined) background = undefined
  const look: Look = {
    colour: element.tag === 'mj-button' ? settle(of('color')) : over(of('color'), around.colour),
    background,
    ...fontOf(of, around),
  }
  if (holdsText.has(element.tag) && element.content !== undefined) {
    return readContent({ ...element, content: element.content }, look, looking)
  }
  return element.children.filter(isElement).flatMap((child) => walk(child, look, looking))
}

const settle = (written: string | undefined) => (written === undefined ? undefined : colourOf(written))

/** A colour laid over another one. */
const over = (written: string | undefined, below: Colour | undefined): Colour | undefined =>
  written === undefined || /^\s*(|transparent|none|inherit|initial)\s*$/i.test(written)
    ? below
    : colourOf(written)

function fontOf(of: (name: string) => string | undefined, around: Look) {
  const size = /^\s*([\d.]+)px/.exec(of('font-size') ?? '')?.[1]
  const weight = of('font-weight')
  return {
    sizePx: size === undefined ? around.sizePx : Number(size),
    bold: weight === undefined ? around.bold : /bold/.test(weight) || Number(weight) >= 700,
  }
}

const bolds = new Set(['b', 'strong', 'th', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'])
const voids = new Set(['img', 'br', 'hr', 'input', 'col', 'wbr'])

function readContent(element: Element & { content: string }, look: Look, looking: Looking): Complaint[] {
  const { pattern, tokens } = looking.flat
  const open: { tag: string; look: Look; at: number }[] = [{ tag: '', look, at: element.at }]
  const found = new Map<number, Complaint>()
  for (const piece of piecesOf(element.content)) {
    const around = open.at(-1)
    if (around === undefined) break
    if ('text' in piece) {
      const shown = piece.text.replace(pattern, (_, id) => (tokens[Number(id)]?.kind === 'print' ? 'x' : ''))
      const complaint = /[^\s&]/.test(shown.replace(/&\w+;/g, '')) ? judge(around.look, around.at) : undefined
      if (complaint !== undefined) found.set(around.at, complaint)
    } else if (piece.closes) {
      const from = open.findLastIndex(({ tag }) => tag === piece.tag)
      if (from > 0) open.splice(from)
    } else if (!voids.has(piece.tag)) {
      const style = styleOf(piece.attributes)
      const look = lookOf(piece.tag, style, around.look)
      const changes = Object.keys(style).length > 0
      const at = changes ? (element.contentAt ?? element.at) + piece.at : around.at
      open.push({ tag: piece.tag, look, at })
    }
  }
  return [...found.values()]
}

function styleOf({ style = '', bgcolor }: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = bgcolor === undefined ? {} : { 'background-color': bgcolor }
  for (const [, name = '', value = ''] of style.matchAll(/([\w-]+)\s*:\s*([^;]*)/g)) {
    found[name.toLowerCase() === 'background' ? 'background-color' : name.toLowerCase()] = value
  }
  return found
}

/** How text looks inside a tag. A link without a colour of its own has that of the mail program. */
function lookOf(tag: string, style: Readonly<Record<string, string>>, around: Look): Look {
  const of = (name: string) => style[name] ?? (name === 'font-weight' && bolds.has(tag) ? 'bold' : undefined)
  const isHidden = /none/.test(style.display ?? '') || style['background-image'] !== undefined
  return {
    colour: tag === 'a' && style.color === undefined ? undefined : over(style.color, around.colour),
    background: isHidden ? undefined : over(style['background-color'], around.background),
    ...fontOf(of, around),
  }
}

function judge({ colour, background, sizePx, bold }: Look, at: number): Complaint | undefined {
  if (colour === undefined || background === undefined || sizePx === 0) return undefined
  const isLarge = sizePx >= 24 || (bold && sizePx >= 18.66)
  const least = isLarge ? 3 : 4.5
  const reached = contrast(colour, background)
  if (reached >= least) return undefined
  const shown = (Math.floor(reached * 10) / 10).toFixed(1)
  const message = `${hex(colour)} on ${hex(background)} is hard to read: contrast ${shown}, and ${least} is the least`
  return { at, message, cure: 'make the text darker or the background lighter, or the other way round' }
}

const hex = (colour: Colour) => `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`
