/**
 * JSON from strangers made harmless before anything reads it: keys that reach into prototypes are dropped,
 * depth is bounded, numbers no database takes become null, half a character (a surrogate without its other half,
 * which is no UTF-8) becomes U+FFFD. What comes out shares nothing with what went in.
 */
import type { Bag } from './event.ts'
import { limits } from './limits.ts'
import type { Warning } from './refusal.ts'

const hostile: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Thrown and caught in this file only: how a walk that went too deep comes back up. */
const tooDeep = Symbol('too deep')

function walk(value: unknown, place: { depth: number; path: string }, warnings: Warning[]): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string') return value.toWellFormed()
  if (value === null || typeof value !== 'object') return value
  if (place.depth > limits.eventDepth) throw tooDeep
  const below = (key: string | number) => ({
    depth: place.depth + 1,
    path: place.path === '' ? String(key) : `${place.path}.${key}`,
  })
  if (Array.isArray(value)) return value.map((one, index) => walk(one, below(index), warnings))
  const kept: [string, unknown][] = []
  for (const [key, one] of Object.entries(value)) {
    if (hostile.has(key)) {
      const message = 'a key that reaches into prototypes: dropped, the event is kept'
      warnings.push({ code: 'hostile-key', path: below(key).path, message })
    } else kept.push([key.toWellFormed(), walk(one, below(key), warnings)])
  }
  return Object.fromEntries(kept)
}

/** A clean copy of an event; undefined when its objects and lists stand deeper than `limits.eventDepth`. */
export function clean(value: Bag, warnings: Warning[]): Bag | undefined {
  try {
    return walk(value, { depth: 1, path: '' }, warnings) as Bag
  } catch (thrown) {
    if (thrown === tooDeep) return undefined
    throw thrown
  }
}
