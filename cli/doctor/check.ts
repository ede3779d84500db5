/**
 * What a doctor's check comes to, and how a question that is refused becomes an answer too: `unknown`, with the
 * right that it wants. The checks are in the files beside; `cli/doctor.ts` runs them and prints the table.
 */

/** `bad`: mail or events are not what they should be. `warn`: they will not stay so. */
export type State = 'ok' | 'warn' | 'bad' | 'unknown'

export interface Check {
  name: string
  state: State
  found: string
  /** What to do about it; absent when there is nothing to do. */
  cure?: string
}

/** A check that is fine. */
export const ok = (name: string, found: string): Check => ({ name, state: 'ok', found })

/** A check that wants doing something. */
export const wants = (
  name: string,
  state: Exclude<State, 'ok'>,
  of: { found: string; cure: string },
): Check => ({
  name,
  state,
  ...of,
})

const isRefusal = (name: string): boolean =>
  /AccessDenied|Unauthorized|NotAuthorized|UnrecognizedClient|InvalidClientToken|ExpiredToken|SignatureDoesNotMatch|Credentials/i.test(
    name,
  )

/** What an error is called: the SDK's own name for it, under one of ours when that carries it as its cause. */
function errorName(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? error.cause : error
  return inner.name === 'Error' ? inner.message : inner.name
}

/** Runs a check that asks AWS or the network; what fails is a check of its own and ends nothing. */
export async function asking(
  of: { name: string; right: string },
  run: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await run()
  } catch (error) {
    const name = errorName(error)
    const cure = isRefusal(name)
      ? `give your credentials the right ${of.right}, and run it again`
      : `look at AWS_REGION, AWS_PROFILE and the network (it takes the right ${of.right}), and run it again`
    return [wants(of.name, 'unknown', { found: `could not be asked: ${name}`, cure })]
  }
}

/** 0 when nothing is bad, else 1. Warnings and what could not be asked are shown and end nothing. */
export const exitCodeOf = (checks: readonly Check[]): number =>
  checks.some(({ state }) => state === 'bad') ? 1 : 0
