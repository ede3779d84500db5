/**
 * View online: the mail as it was sent, rendered again from what it was rendered from, with the very compiled
 * mail of that send, whatever was published since. Shows nothing that the mail did not show.
 */
import { View } from '#core/view'
import { renderLinked } from './compose.ts'
import { follow } from './identify.ts'
import { know, type Shown, type TrackPorts } from './track-known.ts'

/** The mail's page; `html` is absent where what it was made of is no longer kept. */
interface Online extends Shown {
  html?: string
}

/** The mail of a link; undefined: the token is none of ours. Changes nothing. */
export async function online(ports: TrackPorts, token: string): Promise<Online | undefined> {
  const known = await know(ports, token, 'online')
  if (known === undefined) return undefined
  const { link, shown, message } = known
  if (message === undefined) return shown
  // Whoever was erased is gone at once, not only when the walk has come to this row.
  const { gate } = await follow(ports.gates, link.customerId)
  if (gate.erased === true) return shown
  const kept = await ports.messages.inputs(link.customerId, link.messageId)
  const compiled = kept && (await ports.workspace.mail(kept.mailHash))
  const view = View.safeParse(kept?.inputs)
  if (compiled === undefined || !view.success) return shown
  const { linkBaseUrl } = ports.stage
  const linkKeys = await ports.keys.linkKeys()
  return { ...shown, html: renderLinked(compiled, view.data, { ...message, linkBaseUrl, linkKeys }).html }
}
