/**
 * Whom a stage may write to: the patterns of its `allowList` in cdk.json. What a pattern may say is written here
 * once: `infra/stage.ts` refuses what is none, `judge` in `core/claim.ts` and `flow/send-test.ts` ask before a mail.
 */

/** `*` is everybody, `@shop.example` (or `*@shop.example`) everybody of a domain; else it is one address. */
const shape = /^(?:\*|(\*?|[^\s@,*]+)@([^\s@,*.]+(?:\.[^\s@,*.]+)+))$/

/** Whom a pattern admits, by their addresses in small letters; undefined: it is no pattern. */
function admittedBy(pattern: string): ((address: string) => boolean) | undefined {
  const [whole, local, domain] = shape.exec(pattern.trim().toLowerCase()) ?? []
  if (whole === undefined) return undefined
  if (domain === undefined) return () => true
  return local === '' || local === '*'
    ? (address) => address.endsWith(`@${domain}`)
    : (address) => address === whole
}

/**
 * Whether an allow-list may hold it.
 * @example isPattern('@shop.example') // true
 */
export const isPattern = (text: string): boolean => admittedBy(text) !== undefined

/**
 * Whether an address may be written to; what is no pattern admits nobody.
 * @example allowed('Rina@Shop.example', ['@shop.example']) // true
 */
export function allowed(address: string, patterns: readonly string[]): boolean {
  const normal = address.trim().toLowerCase()
  return patterns.some((pattern) => admittedBy(pattern)?.(normal) === true)
}
