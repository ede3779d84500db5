/**
 * Finds a Chromium for the tests: `CHROMIUM_PATH` first, else the one that comes in `@sparticuz/chromium`,
 * unpacked once to `.cache/chromium/<version>` (beside node_modules, which `npm ci` wipes). It needs no
 * package of the operating system and no network. `browser.ts` launches what is found here.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync } from 'node:zlib'
import { extract } from 'tar-fs'

export interface Chromium {
  executablePath: string
  env: Record<string, string>
}

const root = resolve(import.meta.dirname, '../..')

function packaged(): { bin: string; version: string } | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    const home = entry.slice(
      0,
      entry.lastIndexOf(join('@sparticuz', 'chromium')) + '@sparticuz/chromium'.length,
    )
    const { version } = createRequire(import.meta.url)(join(home, 'package.json')) as { version: string }
    return { bin: join(home, 'bin'), version }
  } catch {
    return undefined
  }
}

async function unpackTar(archive: string, to: string): Promise<void> {
  const tar = brotliDecompressSync(await readFile(archive))
  await mkdir(to, { recursive: true })
  await pipeline(Readable.from([tar]), extract(to))
}

/**
 * Without a configuration of its own, pages with web fonts crash the browser. A family that is not there is Open Sans,
 * never one of those that stand in for others.
 */
const fontsConf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <dir>${join(root, 'test', 'fixture', 'fonts')}</dir>
  <match target="pattern"><edit name="family" mode="append_last"><string>Open Sans</string></edit></match>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`

/** Unpacks beside the goal and renames, so that a killed or a second run never leaves half a browser. */
async function unpack(bin: string, goal: string): Promise<void> {
  await mkdir(dirname(goal), { recursive: true })
  const folder = await mkdtemp(`${goal}-`)
  const executable = join(folder, 'chromium')
  await writeFile(executable, brotliDecompressSync(await readFile(join(bin, 'chromium.br'))), { mode: 0o755 })
  await unpackTar(join(bin, 'al2023.tar.br'), join(folder, 'al2023'))
  await unpackTar(join(bin, 'swiftshader.tar.br'), folder)
  await unpackTar(join(bin, 'fonts.tar.br'), folder)
  await rename(folder, goal).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    if (!existsSync(join(goal, 'chromium'))) throw error
  })
}

/** The Chromium to test with; undefined where there is none for this machine. */
export async function findChromium(): Promise<Chromium | undefined> {
  const named = process.env.CHROMIUM_PATH
  if (named) {
    if (existsSync(named)) return { executablePath: named, env: {} }
    throw new Error(`CHROMIUM_PATH names ${named}, which does not exist. Mend it or unset it.`)
  }
  const found = packaged()
  if (found === undefined) return undefined
  const folder = join(root, '.cache', 'chromium', found.version)
  if (!existsSync(join(folder, 'chromium'))) await unpack(found.bin, folder)
  await writeFile(join(folder, 'fonts.conf'), fontsConf(folder))
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  }
}
