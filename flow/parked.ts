/**
 * What was put aside because deciding it threw: who, since when, with which error. Found by the shard `parked` of
 * the index `due`, never by a scan; at most `limits.parkedListed` customers. Reads only; `flow/redrive.ts` decides
 * it again.
 */
import type { Instant } from '#core/time'
import type { Customers } from './port.ts'

export interface ParkedInput {
  customerId: string
  /** When the first input of hers was put aside. */
  since: Instant
  /** Keys of her events that wait to be decided; none: an alarm of hers could not be. */
  eventKeys: string[]
  /** There are more of her events than keys: they were received from then on. */
  moreFrom?: Instant
  /** What deciding the last of them threw. */
  error: string
}

/** What is parked, the longest waiting first. What is taken out meanwhile is left out. */
export async function parkedInputs(
  customers: Pick<Customers, 'allParked' | 'parked'>,
): Promise<ParkedInput[]> {
  const found: ParkedInput[] = []
  for (const customerId of await customers.allParked()) {
    const parked = await customers.parked(customerId)
    if (parked === undefined) continue
    const { at, eventKeys, moreFrom, error } = parked
    found.push({ customerId, since: at, eventKeys, ...(moreFrom !== undefined && { moreFrom }), error })
  }
  return found.sort((one, other) => (one.since < other.since ? -1 : 1))
}
