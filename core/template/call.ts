/**
 * The functions a template may call: what each is for, the values it takes and what it gives back. Checks, the
 * table in docs/templates.md and completion in editors are made from this list. What they do at send time is
 * `core/template/apply.ts`; a test keeps the two lists equal. What goes beyond types is `check-call.ts`.
 */
import type { Field } from './field.ts'
import { dateStyles } from './format.ts'

/** What a value has to be; a field of unknown type fits everywhere. */
export type Takes = 'anything' | 'list' | 'number' | 'text' | 'date'

export interface Signature {
  /** What it is for, one line. */
  about: string
  /** How it is written, for docs and cures. */
  usage: string
  takes: readonly Takes[]
  /** How many values at least and at most; without it, as many as `takes` says. */
  count?: { least: number; most: number }
  named: readonly string[] | 'any'
  /** Named values that are one of a few words. */
  choices?: Readonly<Record<string, readonly string[]>>
  gives: 'text' | 'truth' | 'same' | 'rows' | 'part'
}

const compare = (name: string, about: string): Signature => ({
  about: `${about}; amounts are compared in whole units, as \`50\` for ৳50`,
  usage: `{{#if (${name} cart.count 2)}}…{{/if}}`,
  takes: ['anything', 'anything'],
  named: [],
  gives: 'truth',
})

const combine = (name: string, about: string): Signature => ({
  about,
  usage: `{{#if (${name} cart.url cart.count)}}…{{/if}}`,
  takes: ['anything'],
  count: { least: 2, most: 8 },
  named: [],
  gives: 'truth',
})

const reckon = (name: string, about: string): Signature => ({
  about,
  usage: `{{money (${name} product.comparePrice product.price)}}`,
  takes: ['number', 'number'],
  named: [],
  gives: 'same',
})

const words = (name: string, about: string): Signature => ({
  about,
  usage: `{{${name} offer.code}}`,
  takes: ['text'],
  named: [],
  gives: 'text',
})

const pluralCategories = ['zero', 'one', 'two', 'few', 'many', 'other'] as const

export const signatures: Readonly<Record<string, Signature>> = {
  money: {
    about: 'an amount with its currency, which is found beside it; `display="narrow"` writes ৳ for BDT',
    usage: '{{money cart.total}}',
    takes: ['number'],
    named: ['currency', 'display'],
    choices: { display: ['symbol', 'narrow', 'code', 'name'] },
    gives: 'text',
  },
  number: {
    about: 'a number in her digits',
    usage: '{{number loyalty.points decimals=0}}',
    takes: ['number'],
    named: ['decimals'],
    gives: 'text',
  },
  date: {
    about: `a date in her words and her zone; \`style\` is one of ${dateStyles.join(', ')}`,
    usage: '{{date offer.endsAt style="day"}}',
    takes: ['date'],
    named: ['style', 'zone'],
    choices: { style: dateStyles },
    gives: 'text',
  },
  relativeTime: {
    about: 'how long ago or ahead, seen from when the mail is made: “3 days ago”',
    usage: '{{relativeTime order.at}}',
    takes: ['date'],
    named: [],
    gives: 'text',
  },
  countdown: {
    about: 'what is left until then, never more than there is: “in 3 hours”; empty once it is past',
    usage: '{{countdown offer.endsAt}}',
    takes: ['date'],
    named: [],
    gives: 'text',
  },
  plural: {
    about: 'the word for a number, by the rules of her language; better where words are: `t`',
    usage: '{{number cart.count}} {{plural cart.count one="item" other="items"}}',
    takes: ['number'],
    named: pluralCategories,
    gives: 'text',
  },
  t: {
    about: 'a sentence of strings.<locale>.yaml, with what it is to be told',
    usage: '{{t "greeting" name=customer.firstName}}',
    takes: ['text'],
    named: 'any',
    gives: 'text',
  },
  default: {
    about: 'the first of its values that is there and not empty',
    usage: '{{default customer.firstName "there"}}',
    takes: ['anything'],
    count: { least: 2, most: 8 },
    named: [],
    gives: 'same',
  },
  require: {
    about: 'the value; whoever lacks it does not get the mail (or say so at the top: `requires:`)',
    usage: '{{require offer.code}}',
    takes: ['anything'],
    named: [],
    gives: 'same',
  },
  join: {
    about: 'a list as words of her language: “a, b and c”; `field` of each, `separator` instead of “and”',
    usage: '{{join cart.items field="name"}}',
    takes: ['list'],
    named: ['field', 'separator'],
    gives: 'text',
  },
  truncate: {
    about: 'at most so many characters as people count them, then …',
    usage: '{{truncate product.name 40}}',
    takes: ['text', 'number'],
    named: [],
    gives: 'text',
  },
  upper: words('upper', 'in capitals, by the rules of her language'),
  lower: words('lower', 'in small letters, by the rules of her language'),
  eq: compare('eq', 'whether they are equal, capitals aside'),
  ne: compare('ne', 'whether they differ, capitals aside'),
  gt: compare('gt', 'whether the first is more'),
  gte: compare('gte', 'whether the first is as much or more'),
  lt: compare('lt', 'whether the first is less'),
  lte: compare('lte', 'whether the first is as much or less'),
  and: combine('and', 'whether all of them are there'),
  or: combine('or', 'whether one of them is there'),
  not: {
    about: 'whether it is not there',
    usage: '{{#if (not cart.url)}}…{{/if}}',
    takes: ['anything'],
    named: [],
    gives: 'truth',
  },
  plus: reckon('plus', 'the sum'),
  minus: reckon('minus', 'the difference'),
  times: reckon('times', 'the product, such as price by quantity'),
  limit: {
    about: 'the first few of a list',
    usage: '{{#each (limit products 4)}}{{name}}{{/each}}',
    takes: ['list', 'number'],
    named: [],
    gives: 'same',
  },
  chunk: {
    about: 'a list in rows of so many',
    usage: '{{#each (chunk products 3)}}<tr>{{#each this}}<td>{{name}}</td>{{/each}}</tr>{{/each}}',
    takes: ['list', 'number'],
    named: [],
    gives: 'rows',
  },
  lookup: {
    about: 'an element of a list by its place, or a field by its name',
    usage: '{{#with (lookup products 0)}}{{name}}{{/with}}',
    takes: ['anything', 'anything'],
    named: [],
    gives: 'part',
  },
  image: {
    about:
      'the address of a picture, else `fallback`; `width` asks the shop’s server for a size, if `image.widthParameter` in brand.yaml says by which parameter',
    usage: '<img src="{{image product.image width=300 fallback=shop.logo}}" alt="" width="300">',
    takes: ['text'],
    named: ['width', 'fallback'],
    gives: 'text',
  },
  link: {
    about: 'an address with parameters added; clicks on it are counted like on any other',
    usage: '<a href="{{link shop.url utm_campaign="spring"}}">…</a>',
    takes: ['text'],
    named: 'any',
    gives: 'text',
  },
}

export const signatureOf = (name: string): Signature | undefined =>
  Object.hasOwn(signatures, name) ? signatures[name] : undefined

/** Whether a value of this field can be what a function takes. */
export function fits(field: Field, takes: Takes): boolean {
  if (takes === 'anything' || field.is === 'any') return true
  if (takes === 'list') return field.is === 'list'
  if (field.is !== 'value') return false
  if (takes === 'date') return field.kind === 'date' || (field.kind === undefined && field.type === 'string')
  return takes === 'number' ? field.type === 'number' : field.type === 'string' || field.type === 'enum'
}

/** The field a call gives. `inputs` are the fields of its values. */
export function fieldGiven(signature: Signature, inputs: readonly Field[]): Field {
  const [first = { is: 'any' }] = inputs
  switch (signature.gives) {
    case 'truth':
      return { is: 'value', type: 'boolean' }
    case 'text':
      return { is: 'value', type: 'string' }
    case 'rows':
      return { is: 'list', of: first }
    case 'part':
      return { is: 'any' }
    case 'same':
      return inputs.find((field) => field.is === 'value' && field.kind === 'money') ?? first
  }
}
