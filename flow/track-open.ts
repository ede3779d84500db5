/**
 * The open pixel: noted once on the mail's row, and only where settings measure opens and her inbox allows it at
 * this very moment. It is no event and moves nothing: mail programs load pictures by themselves.
 */
import { opensTopic } from '#core/gate'
import { isHuman } from '#core/human'
import type { Hit } from './track.ts'
import { know, readerOf, type TrackPorts } from './track-known.ts'

/** Proxies that fetch a mail's pictures when she opens it (Gmail, Yahoo): to a pixel they are her. */
const herProxy = /googleimageproxy|yahoomailproxy/i

/** Notes an opening. False: the token is none of ours. A look (`HEAD`) and machines note nothing. */
export async function open(ports: TrackPorts, hit: Hit): Promise<boolean> {
  const known = await know(ports, hit.token, 'open')
  if (known === undefined) return false
  const { message, release, link } = known
  const at = ports.clock()
  if (message === undefined || message.openedAt !== undefined || hit.look) return true
  const userAgent = hit.userAgent?.replace(herProxy, '')
  if (!release.settings.measureOpens || !isHuman({ at, userAgent }, message)) return true
  const reader = await readerOf(ports, known)
  if (reader?.inbox.consent[opensTopic]?.given !== true) return true
  await ports.messages.note(link.customerId, link.messageId, { openedAt: at })
  return true
}
