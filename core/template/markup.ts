/**
 * Where in an HTML page a character stands: text, tag, attribute, style. A small state machine that goes
 * through the page piece by piece, so that every expression between the pieces knows how its value must be
 * escaped. Outlook's conditional comments are seen through, as Outlook does. Next: `grow.ts`.
 */

export type Mode =
  | 'text'
  | 'tag'
  | 'name'
  | 'before value'
  | 'value'
  | 'bare value'
  | 'style'
  | 'script'
  | 'title'
  | 'comment'

export interface Standing {
  mode: Mode
  /** The tag we are in, or whose content this is; lower case. */
  tag: string
  /** The attribute we are in. */
  attribute: string
  quote: string
  /** What of an attribute's or style sheet's value has gone by. */
  gone: string
}

export const atStart = (): Standing => ({ mode: 'text', tag: '', attribute: '', quote: '', gone: '' })

/** Whether two ways through the page end in the same place. */
export const sameStanding = (a: Standing, b: Standing): boolean =>
  a.mode === b.mode && a.tag === b.tag && a.attribute === b.attribute && a.quote === b.quote

const seenThrough = /<!--\[if[^\]]*\]>(?:<!-->|-->)?|<!--<!\[endif\]-->|<!\[endif\]-->/iy
const name = /[a-z][\w:-]*/iy

const rawModes: Readonly<Record<string, Mode>> = {
  style: 'style',
  script: 'script',
  title: 'title',
  textarea: 'title',
}

const stepText = (text: string, at: number, standing: Standing): number => {
  const next = text.indexOf('<', at)
  if (next < 0) return text.length
  seenThrough.lastIndex = next
  const through = seenThrough.exec(text)
  if (through) return next + through[0].length
  if (text.startsWith('<!--', next)) {
    standing.mode = 'comment'
    return next + 4
  }
  const isClose = text[next + 1] === '/'
  // What comes next would be the tag's name.
  if (next + (isClose ? 2 : 1) === text.length) {
    standing.mode = 'tag'
    return text.length
  }
  name.lastIndex = next + (isClose ? 2 : 1)
  const tag = name.exec(text)
  if (tag === null && text[next + 1] !== '!') return next + 1
  standing.mode = 'tag'
  standing.tag = `${isClose ? '/' : ''}${tag?.[0].toLowerCase() ?? '!'}`
  return tag === null ? next + 2 : next + (isClose ? 2 : 1) + tag[0].length
}

const stepRaw = (text: string, at: number, standing: Standing): number => {
  const end = text.toLowerCase().indexOf(`</${standing.tag}`, at)
  standing.gone += text.slice(at, end < 0 ? undefined : end)
  if (end < 0) return text.length
  standing.mode = 'text'
  standing.gone = ''
  return end
}

function endTag(standing: Standing): void {
  standing.mode = rawModes[standing.tag] ?? 'text'
  standing.attribute = ''
  standing.gone = ''
}

const stepTag = (text: string, at: number, standing: Standing): number => {
  const character = text[at] ?? ''
  if (character === '>') {
    endTag(standing)
    if (standing.mode === 'text') standing.tag = ''
    return at + 1
  }
  if (/[\s/]/.test(character)) return at + 1
  standing.mode = 'name'
  standing.attribute = ''
  return at
}

const stepName = (text: string, at: number, standing: Standing): number => {
  const character = text[at] ?? ''
  if (character === '=') {
    standing.mode = 'before value'
    standing.gone = ''
    return at + 1
  }
  if (character === '>' || /[\s/]/.test(character)) {
    standing.mode = 'tag'
    standing.attribute = ''
    return at
  }
  standing.attribute += character.toLowerCase()
  return at + 1
}

const stepBeforeValue = (text: string, at: number, standing: Standing): number => {
  const character = text[at] ?? ''
  if (/\s/.test(character)) return at + 1
  const isQuote = character === '"' || character === "'"
  standing.mode = isQuote ? 'value' : 'bare value'
  standing.quote = isQuote ? character : ''
  return isQuote ? at + 1 : at
}

const leaveValue = (standing: Standing): void => {
  standing.mode = 'tag'
  standing.attribute = ''
  standing.quote = ''
  standing.gone = ''
}

const stepValue = (text: string, at: number, standing: Standing): number => {
  const end = text.indexOf(standing.quote, at)
  standing.gone += text.slice(at, end < 0 ? undefined : end)
  if (end < 0) return text.length
  leaveValue(standing)
  return end + 1
}

const stepBareValue = (text: string, at: number, standing: Standing): number => {
  if (!/[\s>]/.test(text[at] ?? '')) return at + 1
  leaveValue(standing)
  return at
}

const stepComment = (text: string, at: number, standing: Standing): number => {
  const end = text.indexOf('-->', at)
  if (end < 0) return text.length
  standing.mode = 'text'
  return end + 3
}

const steps: Readonly<Record<Mode, (text: string, at: number, standing: Standing) => number>> = {
  text: stepText,
  tag: stepTag,
  name: stepName,
  'before value': stepBeforeValue,
  value: stepValue,
  'bare value': stepBareValue,
  style: stepRaw,
  script: stepRaw,
  title: stepRaw,
  comment: stepComment,
}

/** One step through `text` from `at`; changes `standing`, answers with where to go on. */
export const step = (text: string, at: number, standing: Standing): number =>
  steps[standing.mode](text, at, standing)
