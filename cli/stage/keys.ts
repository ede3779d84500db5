/**
 * Write keys: what a shop's server and its pages authorise with. They are shown when they are made, by a
 * stage's first publish or by `npm run keys`; the stage itself can recognise a key but not tell it.
 */
import { randomInt } from 'node:crypto'
import type { Clock, Workspace } from '#flow/port'

export interface WriteKeys {
  server: string
  browser: string
}

export type KeyKind = keyof WriteKeys

// Letters and digits only: a double click takes a key whole, and what it ends in is never read as a flag.
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const LETTERS = 24

const aKey = (kind: KeyKind): string =>
  `hw_${kind}_${Array.from({ length: LETTERS }, () => letters[randomInt(letters.length)]).join('')}`

type Ports = { workspace: Pick<Workspace, 'putWriteKey'>; clock: Clock }

/** Makes a key and lets the stage know it. The ones before keep working. */
export async function makeWriteKey(ports: Ports, of: { kind: KeyKind; name?: string }): Promise<string> {
  const key = aKey(of.kind)
  const about = { createdAt: ports.clock(), ...(of.name !== undefined && { name: of.name }) }
  await ports.workspace.putWriteKey(key, of.kind, about)
  return key
}

/** Makes a pair of keys and lets the stage know them. The ones before keep working. */
export const makeWriteKeys = async (ports: Ports): Promise<WriteKeys> => ({
  server: await makeWriteKey(ports, { kind: 'server' }),
  browser: await makeWriteKey(ports, { kind: 'browser' }),
})

/** What a key of a kind is for. */
export const purposes: Record<KeyKind, string> = {
  server: "for the shop's server: may say anything",
  browser: 'for its pages: never orders or consent',
}

/** How to show a new pair, once. */
export const keyLines = (keys: WriteKeys): string[] => [
  'Write keys, shown this once; keep them where the shop keeps its secrets:',
  `  server   ${keys.server}   ${purposes.server}`,
  `  browser  ${keys.browser}   ${purposes.browser}`,
]
