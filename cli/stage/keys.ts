/**
 * Write keys: what a shop's server and its pages authorise with. They are made at a stage's first publish and
 * shown then; the stage itself can recognise a key but not tell it.
 */
import { randomBytes } from 'node:crypto'
import type { Workspace } from '#flow/port'

export interface WriteKeys {
  server: string
  browser: string
}

const aKey = (kind: keyof WriteKeys): string => `hw_${kind}_${randomBytes(18).toString('base64url')}`

/** Makes a pair of keys and lets the stage know them. The ones before keep working. */
export async function makeWriteKeys(workspace: Pick<Workspace, 'putWriteKey'>): Promise<WriteKeys> {
  const keys = { server: aKey('server'), browser: aKey('browser') }
  await workspace.putWriteKey(keys.server, 'server')
  await workspace.putWriteKey(keys.browser, 'browser')
  return keys
}

/** How to show a new pair, once. */
export const keyLines = (keys: WriteKeys): string[] => [
  'Write keys, shown this once; keep them where the shop keeps its secrets:',
  `  server   ${keys.server}   for the shop's server: may say anything`,
  `  browser  ${keys.browser}   for its pages: never orders or consent`,
]
