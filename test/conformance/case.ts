/**
 * A conformance case: one call (or a few) against a service, and what AWS's documentation says comes of it. The
 * same case runs against every side that claims to be that service; where a side is known to differ, the case
 * says so with the reason, and the difference is expected, so that it shows when it goes away.
 */
export interface Case<Client> {
  name: string
  act: (client: Client) => Promise<unknown>
  expected: unknown
  /** Sides that answer otherwise: what they answer, and why that does not matter to us. */
  differs?: Record<string, { answers: unknown; why: string }>
}

/** What an act comes to: its answer, or the name of its error. */
export async function outcomeOf<Client>({ act }: Case<Client>, client: Client): Promise<unknown> {
  try {
    return await act(client)
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

/** What a side must answer to a case. */
export const expectedOf = <Client>({ expected, differs }: Case<Client>, side: string): unknown =>
  differs?.[side] === undefined ? expected : differs[side].answers
