/**
 * HTML as a list of tags and texts, for those who look at what a marketer wrote without caring whether it is
 * well-formed: the text part and the checks of links, pictures and colours. Comments are left out.
 */

export type Piece = { at: number } & (
  | { text: string }
  | { tag: string; closes: boolean; attributes: Readonly<Record<string, string>> }
)

const tagOrText = /<!--[\s\S]*?-->|<(\/?)([a-z][\w-]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>|[^<]+|</gi
const attribute = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?/g

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null)
  for (const [, name = '', double, single, bare] of text.matchAll(attribute)) {
    attributes[name.toLowerCase()] ??= double ?? single ?? bare ?? ''
  }
  return attributes
}

/** The tags and texts of a piece of HTML, in order, with their offsets in it. */
export function piecesOf(html: string): Piece[] {
  return [...html.matchAll(tagOrText)].flatMap((match): Piece[] => {
    const [whole, slash, tag, attributes = ''] = match
    const at = match.index
    if (tag !== undefined) {
      return [{ at, tag: tag.toLowerCase(), closes: slash === '/', attributes: attributesOf(attributes) }]
    }
    return whole.startsWith('<!--') ? [] : [{ at, text: whole }]
  })
}
