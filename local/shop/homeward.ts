/**
 * How the shop's server tells Homeward what only it may say: who somebody is, consent, orders and refunds. It
 * is the unmodified `@segment/analytics-node` with the server key, as in any real shop. Each call waits for its
 * answer, so that what is said is known before the shop answers the browser.
 */
import { Analytics, type IdentifyParams, type TrackParams } from '@segment/analytics-node'

export type Homeward = {
  /** Both reject with what the library said when the call did not arrive. */
  identify: (params: IdentifyParams) => Promise<void>
  track: (params: TrackParams) => Promise<void>
}

/** `url` is where Homeward runs; `serverKey` a write key of kind server. */
export function homewardAt(url: string, serverKey: string): Homeward {
  const analytics = new Analytics({ writeKey: serverKey, host: url, flushAt: 1, maxRetries: 2 })
  // Without a listener an error of the library would end the process; the callback below carries it.
  analytics.on('error', () => {})
  const done = (say: (answered: (error?: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      say((error) => (error === undefined ? resolve() : reject(error)))
    })
  return {
    identify: (params) => done((answered) => analytics.identify(params, answered)),
    track: (params) => done((answered) => analytics.track(params, answered)),
  }
}
