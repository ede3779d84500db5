/**
 * Random templates and random data, for the comparison with Handlebars: every form of the language that is
 * documented, in every place where the two are meant to agree. What a name stands for is told by the name (`a` is
 * a text or number, `o` an object, `l` a list of objects, `w` one of texts, `r` a bag of texts), so that
 * whatever the data is, a template walks what can be walked. A seed is one case for ever. Next: `language.ts`.
 */
import { type Chance, chance } from '#test/security/chance'

/** A piece of a template: text, or a block with its branches. */
export type Part =
  | string
  | { open: string; body: Part[]; branches: { tag: string; body: Part[] }[]; close: string }

export interface Case {
  template: Part[]
  partials: Record<string, Part[]>
  data: Record<string, unknown>
}

export const write = (parts: readonly Part[]): string => parts.map(writeOne).join('')

const writeOne = (part: Part): string =>
  typeof part === 'string'
    ? part
    : part.open +
      write(part.body) +
      part.branches.map(({ tag, body }) => tag + write(body)).join('') +
      part.close

const names = {
  scalar: ['a', 'b', 'first name', 'c-d'],
  object: ['o', 'p'],
  objects: ['l', 'k'],
  scalars: ['w'],
  record: ['r'],
} as const
type Kind = keyof typeof names

interface Context {
  kind: 'object' | 'scalar'
  /** Whether it surely differs from the context outside: Handlebars counts `../` only then. */
  sure: boolean
}

interface Place {
  by: Chance
  contexts: readonly Context[]
  loops: number
  /** Block parameters. */
  params: Readonly<Record<string, Kind>>
  /** How many more blocks, and how many more contexts, may be opened inside: a mail has at most twelve and three. */
  blocks: number
  frames: number
  /** Partials that may be called, with the contexts that each needs. */
  partials: readonly { name: string; frames: number }[]
}

const here = ({ contexts }: Place): Context => contexts.at(-1) ?? { kind: 'scalar', sure: false }

const bracketed = (name: string) => (/[^\w-]/.test(name) ? `[${name}]` : name)

/** A name below something, with a dot or, as of old, a slash. */
const under = (by: Chance, start: string, name: string) =>
  `${start}${by.once(6) ? '/' : '.'}${by.once(6) ? `[${name}]` : bracketed(name)}`

/** Ways into an object that is seen from this place. */
function objectPaths(place: Place): string[] {
  const { by, contexts } = place
  const paths = ['@root']
  if (here(place).kind === 'object') paths.push('this', '.', ...names.object)
  for (let up = 1; up < contexts.length; up += 1) {
    if (contexts.at(-up)?.sure !== true) break
    if (contexts.at(-1 - up)?.kind === 'object') paths.push(Array(up).fill('..').join('/'))
  }
  paths.push(...Object.keys(place.params).filter((name) => place.params[name] === 'object'))
  return [...paths, under(by, by.pick(paths.filter((one) => one !== '.')), by.pick(names.object))]
}

const missing = ['zz', 'o.zz.y', 'constructor', '__proto__', 'o.toString', '[no such]', 'this.valueOf']

/** A path to something of this kind, or to nothing. */
function pathTo(kind: Kind, place: Place): string {
  const { by } = place
  const own = Object.keys(place.params).filter((name) => place.params[name] === kind)
  if (own.length > 0 && by.once(3)) return by.pick(own)
  if (by.once(15)) return by.pick(missing)
  if (kind === 'scalar' && place.loops > 0 && by.once(4)) {
    const data = by.pick(['index', 'first', 'last', 'key'])
    return place.loops > 1 && by.once(3) ? `@../${data}` : `@${data}`
  }
  if (kind === 'scalar' && here(place).kind === 'scalar' && by.once(2)) return by.pick(['this', '.'])
  const name = by.pick(names[kind])
  if (here(place).kind === 'object' && by.once(2)) return bracketed(name)
  const start = by.pick(objectPaths(place))
  if (start === '.') return `./${bracketed(name)}`
  if (start.endsWith('..')) return `${start}/${bracketed(name)}`
  if (kind === 'scalar' && by.once(8)) return `${under(by, start, 'l')}.${by.below(3)}.${bracketed(name)}`
  return under(by, start, name)
}

const literals = [
  '"x"',
  "'it''s'".replace("''", ' '),
  '0',
  '12',
  '-3',
  'true',
  'false',
  'null',
  'undefined',
  '""',
]

/** A value handed to a block or function. */
function value(place: Place, depth = 2): string {
  const { by } = place
  if (by.once(7)) return by.pick(literals)
  if (depth === 0 || !by.once(4))
    return pathTo(by.once(5) ? by.pick(['object', 'objects', 'scalars']) : 'scalar', place)
  return `(${call(place, depth - 1)})`
}

const scalar = (place: Place, depth: number): string =>
  place.by.once(4)
    ? place.by.pick(literals)
    : depth > 0 && place.by.once(5)
      ? `(${call(place, depth - 1)})`
      : pathTo('scalar', place)

/** A call, without its braces, that gives a text, a number or a truth. */
function call(place: Place, depth = 1): string {
  const { by } = place
  const one = () => scalar(place, depth)
  return by.pick([
    () => `${by.pick(['eq', 'ne', 'gt', 'lte'])} ${one()} ${one()}`,
    () => `${by.pick(['and', 'or'])} ${value(place, depth)} ${value(place, depth)}`,
    () => `not ${value(place, depth)}`,
    () => `default ${one()} ${one()} ${one()}`,
    () => `upper ${pathTo('scalar', place)}`,
    () => `truncate ${pathTo('scalar', place)} 3`,
    () => `lookup ${pathTo('object', place)} ${by.pick(['"a"', '"first name"', '"zz"', '"__proto__"'])}`,
    () => `lookup ${pathTo('scalars', place)} ${place.loops > 0 ? '@index' : by.below(3)}`,
    () => `lookup ${pathTo('objects', place)} "length"`,
    () => `join ${pathTo('scalars', place)} separator=${by.pick(['", "', '"|"'])}`,
  ])()
}

/** Braces, with white-space control now and then. */
function tag({ by }: Place, inner: string): string {
  const before = by.once(7) ? '~' : ''
  const after = by.once(7) ? '~' : ''
  return `{{${before}${by.once(8) ? ` ${inner} `.replace(/^ (?=[#/^>])/, '') : inner}${after}}}`
}

/** A tag of a block, on a line of its own now and then: Handlebars then takes the line away. */
function blockTag(place: Place, inner: string): string {
  const text = tag(place, inner)
  const { by } = place
  return by.once(3) ? `${by.pick(['\n', '\n  ', '\r\n\t'])}${text}${by.pick(['\n', '  \n', ' x'])}` : text
}

const plain = [
  'x',
  ' ',
  '\n',
  '  \n',
  'a b',
  '<p title="',
  '">',
  ' } ',
  '{ ',
  '&copy;',
  "'",
  '\u00a0',
  '\\ ',
  'শুভ',
]

function text(place: Place): string {
  const { by } = place
  if (!by.once(5)) return by.pick(plain)
  const name = here(place).kind === 'object' ? 'a' : 'this'
  return by.pick([
    `\\{{${name}}}`,
    `x\\\\{{${name}}}`,
    '{{! a word }}',
    '{{!-- {{#if}} }} --}}',
    '{{~! near ~}}',
    '\n  {{!-- alone --}}  \n',
    '\\{{#each}}',
  ])
}

const print = (place: Place): string => {
  const { by } = place
  if (here(place).kind === 'object' && by.once(10))
    return tag(place, by.pick(['"first name"', "'a'", '12', 'true', 'null']))
  if (by.once(12)) return tag(place, 'y')
  return tag(place, by.once(4) ? call(place) : pathTo('scalar', place))
}

function body(place: Place, atLeast = 1): Part[] {
  return Array.from({ length: atLeast + place.by.below(4) }, () => part(place))
}

function part(place: Place): Part {
  const { by } = place
  if (by.once(3)) return text(place)
  if (place.blocks === 0 || by.once(2)) return print(place)
  const callable = place.partials.filter(({ frames }) => frames <= place.frames)
  if (callable.length > 0 && by.once(4)) return partial(place, by.pick(callable).name)
  const inner = { ...place, blocks: place.blocks - 1 }
  return place.frames > 0 && by.once(2) ? frame(inner) : choice(inner)
}

const elses = ['else', '^', 'else ']

function choice(place: Place): Part {
  const { by } = place
  const name = by.pick(['if', 'unless'])
  const zero = () => (by.once(6) ? ` includeZero=${by.pick(['true', 'false', pathTo('scalar', place)])}` : '')
  if (by.once(8))
    return {
      open: blockTag(place, `^${name} ${value(place)}`),
      body: body(place),
      branches: [],
      close: blockTag(place, `/${name}`),
    }
  const branches: { tag: string; body: Part[] }[] = []
  if (by.once(2))
    branches.push({
      tag: blockTag(place, `else ${by.pick(['if', 'unless'])} ${value(place)}`),
      body: body(place),
    })
  if (by.once(2)) branches.push({ tag: blockTag(place, by.pick(elses)), body: body(place) })
  return {
    open: blockTag(place, `#${name} ${value(place)}${zero()}`),
    body: body(place),
    branches,
    close: blockTag(place, `/${name}`),
  }
}

/** What a block that opens a context walks, and what is then inside. */
const walked = {
  objects: 'object',
  scalars: 'scalar',
  record: 'scalar',
  object: 'object',
  scalar: 'scalar',
} as const

function frame(place: Place): Part {
  const { by } = place
  const name = by.pick(['each', 'each', 'with'])
  const kind: Kind =
    name === 'each'
      ? by.pick(['objects', 'objects', 'scalars', 'record'])
      : by.pick(['object', 'object', 'scalar'])
  const inside = walked[kind]
  // A child of the context, seen from it, is another than it.
  const fresh = here(place).kind === 'object' && !by.once(4)
  const path = fresh ? bracketed(by.pick(names[kind])) : pathTo(kind, place)
  const given = name === 'each' && kind === 'objects' && by.once(6) ? `(limit ${path} 2)` : path
  const params = by.once(3) ? (name === 'each' && by.once(2) ? ['x', 'i'] : ['x']) : []
  const inner: Place = {
    ...place,
    contexts: [...place.contexts, { kind: inside, sure: fresh }],
    loops: place.loops + (name === 'each' ? 1 : 0),
    frames: place.frames - 1,
    params: {
      ...place.params,
      ...(params[0] !== undefined && { x: inside }),
      ...(params[1] !== undefined && { i: 'scalar' }),
    },
  }
  const as = params.length > 0 ? ` as |${params.join(' ')}|` : ''
  const branches = by.once(3) ? [{ tag: blockTag(place, by.pick(elses)), body: body(place) }] : []
  return {
    open: blockTag(place, `#${name} ${given}${as}`),
    body: body(inner),
    branches,
    close: blockTag(place, `/${name}`),
  }
}

function partial(place: Place, name: string): string {
  const { by } = place
  const context = here(place).kind === 'scalar' || by.once(2) ? ` ${pathTo('object', place)}` : ''
  const hash = [
    by.once(3) ? ` x=${pathTo('scalar', place)}` : '',
    by.once(3) ? ` y=${by.pick(literals)}` : '',
    by.once(4) ? ` a=${pathTo('scalar', place)}` : '',
    by.once(5) ? ` l=${pathTo('objects', place)}` : '',
  ].join('')
  return blockTag(place, `> ${by.once(4) ? `"${name}"` : name}${context}${hash}`)
}

const strings = [
  '',
  'Mia',
  '0',
  'false',
  '<b>"O\'Brien"</b>',
  '{{a}}',
  'আয়েশা',
  '👩‍👩‍👧 x',
  'line\nbreak',
  '__proto__',
  'a & b = `c`',
  '\\',
  'x'.repeat(60),
  '  ',
]
const numbers = [0, 1, 2, -7, 0.5, -1.25, 12, 999]

const someScalar = (by: Chance): unknown =>
  by.pick<() => unknown>([
    () => by.pick(strings),
    () => by.pick(strings),
    () => by.pick(numbers),
    () => by.pick([true, false, null]),
  ])()

const some = <T>(by: Chance, make: () => T): T[] => Array.from({ length: by.below(4) }, make)

function someObject(by: Chance, depth: number): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  const put = (kind: Kind, make: () => unknown) => {
    for (const name of names[kind]) if (!by.once(9)) made[name] = make()
  }
  put('scalar', () => someScalar(by))
  put('scalars', () => some(by, () => someScalar(by) ?? ''))
  put('record', () =>
    Object.fromEntries(
      some(by, () => [by.pick(['a', 'k1', '7', 'the key', 'toString']), someScalar(by) ?? '']),
    ),
  )
  if (depth === 0) return made
  put('object', () => (by.once(9) ? null : someObject(by, depth - 1)))
  put('objects', () => some(by, () => (by.once(9) ? null : someObject(by, depth - 1))))
  return made
}

/** The case of a seed. */
export function caseOf(seed: number): Case {
  const by = chance(seed)
  const top: Place = {
    by,
    contexts: [{ kind: 'object', sure: true }],
    loops: 0,
    params: {},
    blocks: 2,
    frames: 1,
    partials: [],
  }
  const p1 = body({ ...top, blocks: 1, params: { x: 'scalar' } })
  const withOne = { ...top, frames: 2, partials: [{ name: 'p1', frames: 1 }] }
  const p2 = body({ ...withOne, params: { x: 'scalar' } })
  const partials = [...withOne.partials, { name: 'p2', frames: 2 }]
  const template = body({ ...top, frames: 3, blocks: 3, partials }, 4)
  return { template, partials: { p1, p2 }, data: someObject(by, 2) }
}
