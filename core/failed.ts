/**
 * The third family of errors: infrastructure that failed. Whether trying again can help is said by the error,
 * not guessed where it is caught. Bad input is *refused* (an answer), a policy's no is *held or skipped*
 * (an outcome): neither is thrown.
 */

/** Thrown when the outside failed; `retryable` says whether the same call may succeed later. */
export class Failed extends Error {
  readonly code: string
  readonly retryable: boolean

  constructor(failure: { code: string; message: string; retryable: boolean; cause?: unknown }) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause })
    this.name = 'Failed'
    this.code = failure.code
    this.retryable = failure.retryable
  }
}
