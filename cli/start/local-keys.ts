/**
 * The write keys of a local stage: made once and kept in the data folder, so that a shop that was set up against
 * it keeps working after a restart.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { makeWriteKeys, type WriteKeys } from '#cli/stage/keys'
import type { Clock, Workspace } from '#flow/port'

const Kept = z.object({ server: z.string().min(8), browser: z.string().min(8) })

/** The keys of the data folder; new ones where there are none the stage knows. */
export async function localKeys(
  dataDir: string,
  ports: { workspace: Workspace; clock: Clock },
): Promise<WriteKeys> {
  const file = join(dataDir, 'keys.json')
  const kept = Kept.safeParse(
    await readFile(file, 'utf8')
      .then(JSON.parse)
      .catch(() => undefined),
  )
  const knows = async (kind: keyof WriteKeys, key: string) => (await ports.workspace.writeKey(key)) === kind
  if (kept.success) {
    const { server, browser } = kept.data
    if ((await knows('server', server)) && (await knows('browser', browser))) return kept.data
  }
  const made = await makeWriteKeys(ports)
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  return made
}
