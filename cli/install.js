/**
 * Makes `npm start` and `npm test` work right after a clone: compares package-lock.json with what is really in
 * node_modules and runs `npm ci` when they differ. Built-ins of Node only, old syntax at the top, because it
 * runs before anything is installed and must be able to say that Node is too old. All it says goes to stderr.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const LOCK_WAIT_MS = 10 * 60_000
const LOCK_LOOK_MS = 200

/** What is wrong with this Node, or undefined. `wanted` is `engines.node`, such as `>=20.19`. */
export function nodeProblem(version, wanted) {
  const least = wanted.replace(/^>=/, '').split('.').map(Number)
  const found = version.replace(/^v/, '').split('.').map(Number)
  const isOld = found[0] < least[0] || (found[0] === least[0] && found[1] < (least[1] || 0))
  if (!isOld) return undefined
  return `Node ${version.replace(/^v/, '')} is too old: Homeward needs Node ${least.join('.')} or newer.
Install it from https://nodejs.org (or "nvm install 22"), then run the command again.`
}

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Why node_modules is not what package-lock.json says; undefined when it is. Optional packages may be absent:
 * they are for other machines.
 */
export function difference(root) {
  const wanted = read(join(root, 'package-lock.json'))
  if (wanted === undefined) return 'package-lock.json cannot be read'
  const installed = read(join(root, 'node_modules/.package-lock.json'))
  if (installed === undefined) return 'nothing is installed yet'
  for (const [path, lock] of Object.entries(wanted.packages)) {
    if (path === '' || lock.link) continue
    const found = installed.packages[path]
    if (found === undefined) {
      if (lock.optional || lock.devOptional) continue
      return `${path} is not installed`
    }
    if (found.version !== lock.version || found.integrity !== lock.integrity)
      return `${path} is another version`
    if (!existsSync(join(root, path))) return `${path} is gone`
  }
  return undefined
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Takes the lock or waits for whoever has it; a lock whose process is gone is taken over. Answers how to let go. */
export async function takeLock(file, options = {}) {
  const waitMs = options.waitMs ?? LOCK_WAIT_MS
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))
  for (let waited = 0; waited <= waitMs; waited += LOCK_LOOK_MS) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (waited === 0) options.onWait?.()
    const holder = Number(readHolder(file))
    // An empty file was created this very moment, or its writer was killed in it.
    const isStale = holder > 0 ? !isAlive(holder) : ageMs(file) > 5_000
    if (isStale) rmSync(file, { force: true })
    else await sleep(LOCK_LOOK_MS)
  }
  throw new Error(
    `${file} is held by another process for too long. Delete it if none is at work, and try again.`,
  )
}

const readHolder = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const ageMs = (file) => {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return 0
  }
}

function npmCi(root) {
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []]
  return spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // npm's own output must not mix with the data of a command such as "npm start -- --json".
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_ignore_scripts: 'false' },
  })
}

async function main() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const say = (text) => process.stderr.write(`${text}\n`)
  const old = nodeProblem(process.version, read(join(root, 'package.json')).engines.node)
  if (old !== undefined) {
    say(old)
    return 1
  }
  if (difference(root) === undefined) return 0
  mkdirSync(join(root, '.cache'), { recursive: true })
  const release = await takeLock(join(root, '.cache/install.lock'), {
    onWait: () => say('Another process is installing; waiting for it …'),
  })
  try {
    const why = difference(root)
    if (why === undefined) return 0
    say(`Installing what is missing (${why}); this takes about half a minute, once …`)
    const result = npmCi(root)
    if (result.status === 0) return 0
    say('The packages could not be installed; npm said why above. Is there a network? Then: npm ci')
    return 1
  } finally {
    release()
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main()
}
