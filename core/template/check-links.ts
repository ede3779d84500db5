/**
 * Links that say nothing or lead nowhere, and pictures without words: whoever listens to her mail, or
 * sees it before its pictures are loaded, must understand it too (WCAG 2.2, 1.1.1 and 2.4.4). Looks at the
 * document before MJML does; called by `prepare.ts`.
 */
import type { Settled } from './defaults.ts'
import type { Complaint, Element } from './document.ts'
import { decodeEntities } from './entity.ts'
import { type Piece, piecesOf } from './pieces.ts'
import type { Flat } from './token.ts'

type Looking = { flat: Flat; settled: Settled }

const linkAttributes = ['href', 'src', 'background-url', 'background']

/** What is wrong with an element's own links and pictures, and with those in what it holds. */
export function checkLinks(element: Element, looking: Looking): Complaint[] {
  const { tag, at, content } = element
  if (tag === 'mj-style' || tag === 'mj-title' || tag === 'mj-preview') return []
  const open = element.attributes.flatMap(({ name, value, at: from }) =>
    linkAttributes.includes(name) ? wrongLink(value, from, looking.flat) : [],
  )
  const { settled, flat } = looking
  const href = settled(element, 'href')?.value.trim()
  const alt = settled(element, 'alt')?.value
  if (tag === 'mj-image' && alt === undefined) return [...open, withoutAlt(at, '<mj-image>')]
  const says = `${alt ?? ''} ${content ?? ''}`
  if (href !== undefined && canLead.has(tag) && !isSaid(piecesOf(says), flat)) {
    return [...open, tag === 'mj-image' ? unsaidPicture(at) : unsaid(at)]
  }
  return content === undefined ? open : [...open, ...checkContent(content, element.contentAt ?? at, flat)]
}

const canLead = new Set(['mj-image', 'mj-button', 'mj-social-element'])

function checkContent(content: string, from: number, flat: Flat): Complaint[] {
  const pieces = piecesOf(content)
  return pieces.flatMap((piece, index) => {
    if (!('tag' in piece) || piece.closes) return []
    const at = from + piece.at
    const { href, src, background, alt } = piece.attributes
    const found = [href, src, background].flatMap((link) => wrongLink(link ?? '', at, flat))
    if (piece.tag === 'img' && alt === undefined) found.push(withoutAlt(at, '<img>'))
    if (piece.tag !== 'a' || href === undefined) return found
    const end = pieces.findIndex((one, after) => after > index && 'tag' in one && one.tag === 'a')
    const inside = pieces.slice(index + 1, end < 0 ? undefined : end)
    if (!isSaid(inside, flat) && !piece.attributes['aria-label']) found.push(unsaid(at))
    if (/^#?$/.test(href.trim())) found.push(leadsNowhere(at))
    return found
  })
}

/** Whether there is something to read: words, an expression, or the words of a picture. */
function isSaid(pieces: readonly Piece[], { pattern, tokens }: Flat): boolean {
  return pieces.some((piece) => {
    const words = 'text' in piece ? piece.text : piece.tag === 'img' ? (piece.attributes.alt ?? '') : ''
    const shown = words.replace(pattern, (_, id) => (tokens[Number(id)]?.kind === 'print' ? 'x' : ''))
    return decodeEntities(shown).trim() !== ''
  })
}

/** Whether a link that is written out can be followed from a mail, safely; one that begins with a value can. */
function wrongLink(link: string, at: number, { pattern }: Flat): Complaint[] {
  const address = link.trim()
  const shown = address.slice(0, 60).replace(pattern, '…')
  if (address === '' || address.startsWith('#') || address.search(pattern) === 0) return []
  if (/^http:/i.test(address))
    return [{ at, message: `this link is not encrypted: ${shown}`, cure: 'write https://' }]
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(address)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    const cure = 'write it whole, as in {{shop.url}}/sale or https://shop.example/sale'
    return [{ at, message: `this link leads nowhere from a mail: ${shown}`, cure }]
  }
  if (['https', 'mailto', 'tel'].includes(scheme)) return []
  const message = `mail programs follow no link that begins with ${scheme}:`
  return [{ at, message, cure: 'there are https:, mailto: and tel:' }]
}

const withoutAlt = (at: number, tag: string): Complaint => ({
  at,
  message: `${tag} has no \`alt\`: many see a mail without its pictures, or hear it`,
  cure: 'write alt="what it shows", or alt="" when it is mere decoration',
})

const unsaid = (at: number): Complaint => ({
  at,
  message: 'this link has no words',
  cure: 'write where it leads, or give its picture an `alt`',
})

const unsaidPicture = (at: number): Complaint => ({
  at,
  message: 'this picture is a link, and its `alt` does not say where it leads',
  cure: 'write alt="To the shop"',
})

const leadsNowhere = (at: number): Complaint => ({
  at,
  message: 'this link leads nowhere',
  cure: 'write href="{{shop.url}}", or take <a> out',
})
