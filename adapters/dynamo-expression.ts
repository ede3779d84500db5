/**
 * Expressions as they are read: `#status = :from AND #round = :round`. Names and values are taken from the
 * text, so that each is written once and reserved words never matter.
 */

interface Expressions {
  UpdateExpression?: string
  ConditionExpression?: string
  KeyConditionExpression?: string
  FilterExpression?: string
  ProjectionExpression?: string
}

const texts = [
  'UpdateExpression',
  'ConditionExpression',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
] as const

/**
 * The parameters with the attribute names and values that their expressions speak of. Every `#name` stands for
 * the attribute `name`; `values` are given without the colon, and what no expression names is left out.
 */
export function named<T extends Expressions>(params: T, values: Record<string, unknown> = {}) {
  const text = texts.map((part) => params[part] ?? '').join(' ')
  const names = new Set(text.match(/#\w+/g))
  const used = new Set(text.match(/:\w+/g))
  const given = Object.entries(values).filter(([name]) => used.has(`:${name}`))
  return {
    ...params,
    ...(names.size > 0 && {
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, name.slice(1)])),
    }),
    ...(given.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
    }),
  }
}

/** `SET` of what has a value; `once` only where the attribute is not there yet. Empty when nothing has. */
export function setting(values: Record<string, unknown>, once: Record<string, unknown> = {}): string {
  const present = (all: Record<string, unknown>) => Object.keys(all).filter((name) => all[name] !== undefined)
  const parts = [
    ...present(values).map((name) => `#${name} = :${name}`),
    ...present(once).map((name) => `#${name} = if_not_exists(#${name}, :${name})`),
  ]
  return parts.length === 0 ? '' : `SET ${parts.join(', ')}`
}

/** The condition that a row is still as it was read: absent (version 0) or of this version. */
export const unchanged = (partition: string, version: number): string =>
  version === 0 ? `attribute_not_exists(#${partition})` : '#version = :version'
