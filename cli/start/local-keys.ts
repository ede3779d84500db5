/**
 * The write keys of a local stage: made once and kept in the data folder, so that a shop that was set up against
 * it keeps working after a restart.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { makeWriteKeys, type WriteKeys } from '#cli/stage/keys'
import type { Workspace } from '#flow/port'

const Kept = z.object({ server: z.string().min(8), browser: z.string().min(8) })

/** The keys of the data folder; new ones where there are none the stage knows. */
export async function localKeys(dataDir: string, workspace: Workspace): Promise<WriteKeys> {
  const file = join(dataDir, 'keys.json')
  const kept = Kept.safeParse(
    await readFile(file, 'utf8')
      .then(JSON.parse)
      .catch(() => undefined),
  )
  if (kept.success && (await workspace.writeKey(kept.data.server)) === 'server') return kept.data
  const made = await makeWriteKeys(workspace)
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  return made
}
