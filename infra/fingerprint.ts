/**
 * Says whether something generated still belongs to its sources, by the hash of their bytes. Used for the
 * bundles (`infra/bundle.ts`) and the synthesized template (`infra/synth.ts`), so that the second `npm start`
 * does not build again.
 */
import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const markFile = '.fingerprint'

/**
 * The hash of every file under the given folders and of the given files, by name and content.
 * Paths are relative to `root`; a path that does not exist counts as empty. Extra text joins the hash.
 */
export async function fingerprint(root: string, sources: readonly string[], extra = ''): Promise<string> {
  const files = (await Promise.all(sources.map((source) => filesUnder(root, source)))).flat().sort()
  const contents = await Promise.all(files.map((file) => readFile(path.join(root, file))))
  const hash = createHash('sha256').update(extra)
  files.forEach((file, index) => {
    hash.update(`\n${file}\n`).update(contents[index] ?? '')
  })
  return hash.digest('hex')
}

/** Whether `folder` was made from sources with this fingerprint and every expected output is there. */
export async function hasFingerprint(
  folder: string,
  mark: string,
  outputs: readonly string[],
): Promise<boolean> {
  const kept = await readFile(path.join(folder, markFile), 'utf8').catch(() => '')
  if (kept !== mark) return false
  const found = await Promise.all(
    outputs.map((output) =>
      access(output).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.every(Boolean)
}

/** Notes that `folder` now holds what sources with this fingerprint produce. */
export async function keepFingerprint(folder: string, mark: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, markFile), mark)
}

async function filesUnder(root: string, source: string): Promise<string[]> {
  const entries = await readdir(path.join(root, source), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => (error.code === 'ENOTDIR' ? null : []),
  )
  if (entries === null) return [source]
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}
