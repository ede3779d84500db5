/**
 * Keeps a state within what one row takes, whatever a shop or a stranger with a browser key sends: beyond
 * `limits.stateCharacters` the least needful is given up first: products of the events that runs began by, what
 * she looked at, details of the cart's items (pictures, links, categories), custom traits, all else that those
 * events told, interests, and why she entered no journey; a condition that asks for these finds nothing. Runs,
 * mails, sums and what is in the cart stay. The log has everything; a state that is small again fills again.
 */
import type { Item } from './item.ts'
import { limits } from './limits.ts'
import type { State } from './state.ts'

const textCharacters = 100

const cut = (text: string | undefined): string | undefined => text?.slice(0, textCharacters)

function slim({ id, variant, name, priceMinor, currency, quantity }: Item): Item {
  const shortName = cut(name)
  return {
    id,
    currency,
    quantity,
    ...(variant !== undefined && { variant }),
    ...(shortName !== undefined && { name: shortName }),
    ...(priceMinor !== undefined && { priceMinor }),
  }
}

const slimCart = ({ snapshot, deltas, ...log }: State['cart']): State['cart'] => ({
  ...log,
  ...(snapshot !== undefined && { snapshot: { ...snapshot, items: snapshot.items.map(slim) } }),
  deltas: deltas.map((delta) => ({ ...delta, item: slim(delta.item) })),
})

/** A run without the lines of the order that it began by. */
function withoutLines(run: State['runs'][number]): State['runs'][number] {
  if (run.event === undefined) return run
  const { products: _, ...properties } = run.event.properties
  return { ...run, event: { ...run.event, properties } }
}

/** What is given up, the least needful first. */
const sheds: readonly ((state: State) => State)[] = [
  (state) => ({ ...state, runs: state.runs.map(withoutLines) }),
  (state) => ({ ...state, recent: [] }),
  (state) => ({ ...state, cart: slimCart(state.cart) }),
  (state) => ({
    ...state,
    traits: Object.fromEntries(Object.entries(state.traits).filter(([name]) => !name.startsWith('custom:'))),
  }),
  (state) => ({
    ...state,
    runs: state.runs.map((run) =>
      run.event === undefined ? run : { ...run, event: { name: run.event.name, properties: {} } },
    ),
  }),
  (state) => ({ ...state, categories: {}, refused: {} }),
]

/** The state itself, or as much of it as fits. */
export function bound(state: State): State {
  let bounded = state
  for (const shed of sheds) {
    if (JSON.stringify(bounded).length <= limits.stateCharacters) return bounded
    bounded = shed(bounded)
  }
  return bounded
}
