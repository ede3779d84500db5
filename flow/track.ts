/**
 * Track: what happens behind the links in mails. A click leads to where the mail's own link was stored to
 * lead, nowhere else, and becomes an event; a choice changes the inbox before it is answered, then becomes an
 * event. Reading a page changes nothing: machines follow links too. One file a page: `flow/track-*.ts`.
 */
import { own, ownEvent } from '#core/event'
import { safeUrl } from '#core/fact'
import { isHuman } from '#core/human'
import { derive } from '#core/id'
import { readToken } from '#core/link'
import type { Message } from '#core/message'
import type { TrackPorts } from './track-known.ts'

/** A hit on a link of a mail. `look`: only looked at (`HEAD`). */
export interface Hit {
  token: string
  userAgent: string | undefined
  look: boolean
}

async function noteHit(
  ports: TrackPorts,
  message: Message,
  hit: { link: number | 'cart'; url: string; human: boolean },
) {
  const { customerId, messageId, journey, step, runId } = message
  const { link, url, human } = hit
  const now = ports.clock()
  await ports.messages.noteClick(customerId, messageId, { at: now, human })
  // once a link and day for people and once for machines: hits beyond that are in the row's count only
  const cause = derive('e', messageId, 'clicked', link, human ? 'human' : 'machine', now.slice(0, 10))
  const properties = { messageId, journey, step, runId, human, link, url }
  await ports.events.record(ownEvent(own.clicked, { customerId, cause, now, properties }), [])
}

/** Counts a click. What could not be recorded is logged, she is sent on all the same. */
export async function countHit(
  ports: TrackPorts,
  message: Message,
  hit: { link: number | 'cart'; url: string; userAgent: string | undefined },
): Promise<void> {
  const human = isHuman({ at: ports.clock(), userAgent: hit.userAgent }, message)
  try {
    await noteHit(ports, message, { link: hit.link, url: hit.url, human })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const { messageId } = message
    ports.log({ level: 'error', step: 'track', event: 'click-lost', messageId, error: words })
  }
}

/**
 * Where a click leads; undefined: the token is none of ours, or the mail has no such link. A look (`HEAD`)
 * records nothing.
 */
export async function click(ports: TrackPorts, hit: Hit): Promise<string | undefined> {
  const link = readToken(hit.token, 'click', await ports.keys.linkKeys())
  const message = link && (await ports.messages.load(link.customerId, link.messageId))
  const url = link && safeUrl(message?.links?.[link.index])
  if (link === undefined || message === undefined || url === undefined) return undefined
  if (!hit.look) await countHit(ports, message, { link: link.index, url, userAgent: hit.userAgent })
  return url
}
