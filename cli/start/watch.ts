/**
 * Notices saved files by looking at the folder twice a second. Looking is slower than being told, but it works
 * on every system, in containers and on network drives, and a folder of templates is small.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const LOOK_MS = 500

async function fingerprint(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile() && /\.(ya?ml|mjml)$/.test(entry.name))
  const marks = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }))
    return `${path} ${mtimeMs} ${size}`
  })
  return (await Promise.all(marks)).sort().join('\n')
}

/**
 * Calls `changed` after a file in the folder was saved, added or removed, once it has been still for one look;
 * never twice at a time. Answers how to stop.
 */
export async function watchFolder(folder: string, changed: () => Promise<void>): Promise<() => void> {
  let known = await fingerprint(folder)
  let seen = known
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const look = async () => {
    const now = await fingerprint(folder)
    const isStill = now === seen
    seen = now
    if (isStill && now !== known) {
      known = now
      await changed()
    }
    again()
  }
  const again = () => {
    if (!stopped) timer = setTimeout(() => void look(), LOOK_MS).unref()
  }
  again()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
