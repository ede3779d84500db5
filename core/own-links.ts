/**
 * The links of ours that a mail shows: to unsubscribe, to choose, to read it online, to her cart, to a survey.
 * Each is made for one message and one purpose; the tokens are those of `core/link.ts`.
 */
import { cartOf } from './cart.ts'
import { makeToken, type Purpose, pathOf, surveys } from './link.ts'
import type { Run, State } from './state.ts'
import type { View } from './view.ts'

/** What our links are made with. */
export interface Linking {
  /** Where our links lead, without a trailing slash. */
  linkBaseUrl: string
  /** Link-signing keys by version. */
  linkKeys: Readonly<Record<string, string>>
}

interface Named {
  customerId: string
  messageId: string
}

/** A link of ours about a message; `index` tells links of one purpose apart. */
export function linkTo(
  { customerId, messageId }: Named,
  purpose: Purpose,
  by: Linking & { index?: number },
): string {
  const token = makeToken({ purpose, customerId, messageId, index: by.index ?? 0 }, by.linkKeys)
  return `${by.linkBaseUrl}/${pathOf[purpose]}/${token}`
}

/** The links of ours that a mail may show; those that would lead nowhere are not there. */
export function ownLinks(
  of: Named & { state: Pick<State, 'cart'>; event?: Run['event'] },
  by: Linking,
): View['links'] {
  const link = (purpose: Purpose, index = 0) => linkTo(of, purpose, { ...by, index })
  const hasCart = (cartOf(of.state.cart)?.items.length ?? 0) > 0
  return {
    unsubscribe: link('unsubscribe'),
    preferences: link('preferences'),
    online: link('online'),
    ...(hasCart && { cart: link('restore') }),
    survey: link('survey', surveys.indexOf('nps')),
    ease: link('survey', surveys.indexOf('ces')),
    ...(of.event?.name === 'Consent Requested' && { confirm: link('confirm') }),
  }
}
