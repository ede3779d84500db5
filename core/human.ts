/**
 * Whether a hit on a link was a person's: mail scanners follow every link of a mail, often within a second of
 * its delivery. Every hit is counted raw; waits, branches and attribution heed human ones only.
 */
import { limits } from './limits.ts'
import type { Message } from './message.ts'
import { type Instant, toMs } from './time.ts'

const machine = new RegExp(
  [
    'bot\\b|crawl|spider|scan|preview|prefetch|monitor|headless|phantom',
    'barracuda|mimecast|proofpoint|urldefense|safelinks|trendmicro|sophos|symantec|fireeye|forcepoint',
    'googleimageproxy|yahoomailproxy|google-safety|feedfetcher|facebookexternalhit|slack|whatsapp|telegram|skype',
    '^mozilla/[\\d.]+$',
    '^curl|^wget|^python|^go-http|^java|^okhttp|^axios|^node|^undici|^ruby|^php|^perl|libwww|httpclient|^apache-',
    'office existence discovery|ms-office|microsoft office|bingpreview|outlook-com-proxy',
  ].join('|'),
  'i',
)

/**
 * Whether a hit at `at` was a person's. A missing user agent, a known machine, a hit within two seconds of
 * delivery or within one of another hit on the same mail is a machine's.
 */
export function isHuman(
  hit: { at: Instant; userAgent: string | undefined },
  message: Pick<Message, 'claimedAt' | 'sentAt' | 'deliveredAt' | 'lastHitAt'>,
): boolean {
  if (hit.userAgent === undefined || hit.userAgent.trim() === '' || machine.test(hit.userAgent.trim()))
    return false
  const at = toMs(hit.at)
  const arrivedAt = message.deliveredAt ?? message.sentAt ?? message.claimedAt
  if (arrivedAt !== undefined && at - toMs(arrivedAt) < limits.clickAfterDeliveryMs) return false
  return message.lastHitAt === undefined || at - toMs(message.lastHitAt) >= limits.clickBurstMs
}
