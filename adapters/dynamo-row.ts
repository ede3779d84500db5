/**
 * Rows as they are kept: what nothing asks for by name is one deflated JSON value, which costs a third of the
 * write units. Every row carries its layout (`schema`; a state and a message inside of their value, where it
 * costs nothing; absent is 1, on rows from before) and is checked when it is read. A row of a newer layout says
 * so outside; it is never guessed at and never rewritten, but fails until the newer code is deployed everywhere.
 * What is updated unread is updated under `notNewer`.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as z from 'zod'
import { Failed } from '#core/failed'
import { limits } from '#core/limits'
import { dictionary } from './dictionary.ts'

/** The layout that this code reads and writes. */
export const schema = 1

/** A row with its layout, as every row is put. */
export const stamped = <T extends Record<string, unknown>>(row: T): T & { schema: number } => ({
  ...row,
  schema,
})

/** The condition of whoever changes a row without having read it; its value is `schema`. */
export const notNewer = '(attribute_not_exists(#schema) OR #schema <= :schema)'

/** A deflated JSON value in a row. */
export const Packed = z.instanceof(Uint8Array)

/** A value as deflated JSON. */
export const pack = (value: unknown): Uint8Array =>
  deflateRawSync(Buffer.from(JSON.stringify(value)), { level: 9, dictionary })

function unreadable(what: string, why: string, cause?: unknown): Failed {
  return new Failed({
    code: 'row-unreadable',
    message: `${what} cannot be read: ${why}; restore it from a backup or remove it`,
    retryable: false,
    cause,
  })
}

/** The value of `pack`; `what` names the row in the failure. */
export function unpack(bytes: Uint8Array, what: string): unknown {
  try {
    const inflated = inflateRawSync(bytes, { dictionary, maxOutputLength: limits.inflatedBytes })
    return JSON.parse(inflated.toString('utf8'))
  } catch (error) {
    throw unreadable(what, 'its value is not deflated JSON', error)
  }
}

const Newer = z.looseObject({ schema: z.number().optional() })

function checkSchema(value: unknown, what: string): void {
  const read = Newer.safeParse(value)
  if (!read.success || (read.data.schema ?? schema) <= schema) return
  throw tooNew(what, read.data.schema)
}

/** The failure of who meets a row of a newer layout. */
export function tooNew(what: string, layout?: number): Failed {
  return new Failed({
    code: 'row-too-new',
    message: `${what} has layout ${layout ?? `above ${schema}`}, this build knows ${schema}; deploy the newer build`,
    retryable: false,
  })
}

/** The row (or a value in it) as its schema says. Throws `row-too-new` or `row-unreadable`. */
export function readRow<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  checkSchema(value, what)
  const read = shape.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw unreadable(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`, read.error)
}

/** The deflated value in a row, checked by its schema, with what stands outside of it put back in. */
export function readPacked<T>(
  shape: z.ZodType<T>,
  packed: { body: Uint8Array; outside?: Record<string, unknown> },
  what: string,
): T {
  const inside = unpack(packed.body, what)
  checkSchema(inside, what)
  return readRow(shape, { ...(inside as Record<string, unknown>), ...packed.outside }, what)
}
