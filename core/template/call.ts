/**
 * The functions a template may call: how many values each takes, which named ones, and what it gives back.
 * What they do at send time is `core/template/apply.ts`; a test keeps the two lists equal.
 */
import type { Field } from './field.ts'

export interface Signature {
  least: number
  most: number
  named: readonly string[] | 'any'
  gives: 'text' | 'truth' | 'same'
  /** How it is written, for cures. */
  usage: string
}

const compare = (name: string): Signature => ({
  least: 2,
  most: 2,
  named: [],
  gives: 'truth',
  usage: `{{#if (${name} cart.count 2)}}`,
})
const reckon = (name: string): Signature => ({
  least: 2,
  most: 2,
  named: [],
  gives: 'same',
  usage: `{{money (${name} price quantity)}}`,
})

export const signatures: Readonly<Record<string, Signature>> = {
  money: { least: 1, most: 1, named: ['currency', 'display'], gives: 'text', usage: '{{money cart.total}}' },
  date: { least: 1, most: 1, named: ['style', 'zone'], gives: 'text', usage: '{{date offer.endsAt}}' },
  number: { least: 1, most: 1, named: ['decimals'], gives: 'text', usage: '{{number loyalty.points}}' },
  t: { least: 1, most: 1, named: 'any', gives: 'text', usage: '{{t "greeting" name=customer.firstName}}' },
  default: {
    least: 2,
    most: 8,
    named: [],
    gives: 'same',
    usage: '{{default customer.firstName "there"}}',
  },
  require: { least: 1, most: 1, named: [], gives: 'same', usage: '{{require offer.code}}' },
  eq: compare('eq'),
  ne: compare('ne'),
  gt: compare('gt'),
  gte: compare('gte'),
  lt: compare('lt'),
  lte: compare('lte'),
  and: { least: 2, most: 8, named: [], gives: 'truth', usage: '{{#if (and cart.url cart.count)}}' },
  or: { least: 2, most: 8, named: [], gives: 'truth', usage: '{{#if (or cart.url shop.url)}}' },
  not: { least: 1, most: 1, named: [], gives: 'truth', usage: '{{#if (not cart.url)}}' },
  times: reckon('times'),
  plus: reckon('plus'),
  minus: reckon('minus'),
}

export const signatureOf = (name: string): Signature | undefined =>
  Object.hasOwn(signatures, name) ? signatures[name] : undefined

/** The field a call gives. `inputs` are the fields of its values. */
export function fieldGiven(signature: Signature, inputs: readonly Field[]): Field {
  if (signature.gives === 'truth') return { is: 'value', type: 'boolean' }
  if (signature.gives === 'text') return { is: 'value', type: 'string' }
  const money = inputs.find((field) => field.is === 'value' && field.kind === 'money')
  return money ?? inputs[0] ?? { is: 'any' }
}
