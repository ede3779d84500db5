/**
 * The order of a batch: calls that share an id (a user, an address, a device) are one person's and go one
 * after the other as they were sent; different people go side by side.
 */
import { limits } from '#core/limits'
import type { Call } from '#core/segment'

const idsOf = (call: Call): string[] => [
  ...(call.userId === undefined ? [] : [`user ${call.userId}`]),
  ...(call.email === undefined ? [] : [`address ${call.email.toLowerCase()}`]),
  ...(call.anonymousId === undefined ? [] : [`device ${call.anonymousId}`]),
]

/** The calls, one list a person, each in the order they came. A call that names nobody stands alone. */
export function byPerson<T extends { call: Call }>(calls: readonly T[]): T[][] {
  let people: { ids: Set<string>; calls: T[] }[] = []
  for (const one of calls) {
    const ids = idsOf(one.call)
    const [hers, others] = [
      people.filter((person) => ids.some((id) => person.ids.has(id))),
      people.filter((person) => !ids.some((id) => person.ids.has(id))),
    ]
    const joined = {
      ids: new Set([...ids, ...hers.flatMap((person) => [...person.ids])]),
      calls: [...hers.flatMap((person) => person.calls), one],
    }
    people = [...others, joined]
  }
  const place = new Map(calls.map((one, index) => [one, index]))
  return people.map((person) =>
    person.calls.toSorted((left, right) => (place.get(left) ?? 0) - (place.get(right) ?? 0)),
  )
}

/** Does `act` for every call: one person's in order, at most `limits.ingestConcurrency` people at once. */
export async function inOrder<T extends { call: Call }>(
  calls: readonly T[],
  act: (one: T) => Promise<void>,
): Promise<void> {
  const people = byPerson(calls)
  const worker = async () => {
    for (let person = people.shift(); person !== undefined; person = people.shift()) {
      for (const one of person) await act(one)
    }
  }
  const workers = Array.from({ length: Math.min(limits.ingestConcurrency, people.length) }, worker)
  // all are waited for, so that nothing is still being written once the answer says it failed
  for (const done of await Promise.allSettled(workers)) if (done.status === 'rejected') throw done.reason
}
