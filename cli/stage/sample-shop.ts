/**
 * On this machine the sample shop stands in for a shop whose address is an example: the links of mails then
 * lead to a page that is there, and a cart opens again where it can be ordered. A real shop's address stays.
 */
import type { Draft } from '#core/draft'
import type { Stage } from './connect.ts'

/** Puts the sample shop in place of an example; changes nothing on a deployed stage. */
export function sellHere({ settings: { shop } }: Draft, { isLocal, apiUrl }: Stage): void {
  if (!isLocal || apiUrl === undefined || !new URL(shop.url).hostname.endsWith('.example')) return
  const here = `${apiUrl.replace(/\/$/, '')}/shop`
  shop.url = here
  shop.cartUrl = `${here}/cart`
  shop.restoreUrl = `${here}/cart?items={items}`
}
