/**
 * Ids that name nobody: what shops and scripts send when there is no user. Taken at their word they would
 * make one customer of thousands of strangers, who would then read each other's carts.
 */

const words: ReadonlySet<string> = new Set([
  '',
  '0',
  '-1',
  'anon',
  'anonymous',
  'anonymoususer',
  'anonymous_user',
  'default',
  'false',
  'guest',
  'guest_user',
  'guestuser',
  'n/a',
  'na',
  'nan',
  'nil',
  'none',
  'not_set',
  '(not set)',
  'null',
  'true',
  'undefined',
  'unknown',
  'user',
  'visitor',
  '[object object]',
  '{}',
  '[]',
])

/**
 * Whether an id stands for nobody.
 * @example isPlaceholder('Guest') // true
 */
export function isPlaceholder(id: string): boolean {
  const plain = id.trim().toLowerCase()
  return words.has(plain) || /^[0-]+$/.test(plain)
}
