/**
 * Attribute values of DynamoDB as plain values, for the two places where the document client does not do it:
 * images in the records of a stream (binary is base64 text there) and nothing else. Read
 * `adapters/stream.ts` next.
 */

/** An attribute value as a stream record carries it. */
export interface AttributeValue {
  S?: string
  N?: string
  B?: string | Uint8Array
  BOOL?: boolean
  NULL?: boolean
  L?: AttributeValue[]
  M?: Record<string, AttributeValue>
  SS?: string[]
}

/** The plain value; binary comes out as bytes, a set as a list. */
export function plainValue(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S
  if (value.N !== undefined) return Number(value.N)
  if (value.BOOL !== undefined) return value.BOOL
  if (value.B !== undefined) return typeof value.B === 'string' ? Buffer.from(value.B, 'base64') : value.B
  if (value.L !== undefined) return value.L.map(plainValue)
  if (value.M !== undefined) return plainItem(value.M)
  return value.SS ?? null
}

/** The attributes of an item, or of a map, as plain values. */
export const plainItem = (image: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, plainValue(value)]))
