/**
 * Finds and runs the embedded DynamoDB. Looked for in this order: `DYNAMODB_ENDPOINT` (any DynamoDB that is
 * running already), the npm package of this platform, `dynoxide` on the PATH. The database lives behind a pipe
 * held by this process: when we die, however we die, the pipe closes and the database goes too.
 *
 * A new database begins as a copy of `dynamo-empty.db`: the database's own table of stream records and one index
 * more, without which each write reads every stream record of its table. Made with sqlite3, after `.schema`:
 * `CREATE INDEX _stream_records_last ON _stream_records (table_name, CAST(sequence_number AS INTEGER))`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const START_LIMIT_MS = 10_000
const STOP_LIMIT_MS = 2_000
const emptyDatabase = fileURLToPath(new URL('dynamo-empty.db', import.meta.url))

/** A running database: where it listens and how to end it. */
export type Database = { endpoint: string; stop: () => Promise<void> }

/** Starts the database on `file`, or uses the one `DYNAMODB_ENDPOINT` names. Throws with the cure in one line. */
export async function startDatabase(file: string, environment = process.env): Promise<Database> {
  const given = environment.DYNAMODB_ENDPOINT
  if (given !== undefined && given !== '') return { endpoint: given.replace(/\/$/, ''), stop: async () => {} }
  const binary = findBinary(environment)
  await copyFile(emptyDatabase, file, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const port = await freePort()
  const child = spawn(
    'sh',
    ['-c', watched, binary, '--host', '127.0.0.1', '--port', `${port}`, '--db-path', file],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    },
  )
  const complaints: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  child.stdin?.on('error', () => {})
  const endpoint = `http://127.0.0.1:${port}`
  await listening(endpoint, { child, file, complaints })
  let isWanted = true
  child.once('exit', () => {
    if (!isWanted) return
    const said = complaints.join('').trim().slice(0, 300)
    process.stderr.write(`The embedded DynamoDB ended by itself. ${said} Stop and start again.\n`)
  })
  const stop = () => {
    isWanted = false
    return stopChild(child)
  }
  return { endpoint, stop }
}

// The shell ends the database when the pipe on its stdin closes, and ends itself when the database ends.
const watched =
  'exec 3<&0; "$0" "$@" </dev/null 3<&- & db=$!; (cat <&3 >/dev/null; kill $db 2>/dev/null) & wait $db'

function findBinary(environment: NodeJS.ProcessEnv): string {
  const name = `@dynoxide/${process.platform}-${process.arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const binary = join(dirname(manifest), 'dynoxide')
    accessSync(binary, constants.X_OK)
    return binary
  } catch {
    // Not installed for this platform: the PATH is next.
  }
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const binary = join(folder, 'dynoxide')
    try {
      accessSync(binary, constants.X_OK)
      return binary
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(
    `No embedded DynamoDB for ${process.platform}-${process.arch}: install one with \`npm i -D ${name}\` (or put ` +
      '`dynoxide` on the PATH), or run DynamoDB Local and set DYNAMODB_ENDPOINT=http://127.0.0.1:8000.',
  )
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

async function listening(
  endpoint: string,
  process: { child: ChildProcess; file: string; complaints: string[] },
): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS
  while (performance.now() < deadline) {
    if (process.child.exitCode !== null) break
    try {
      await fetch(endpoint)
      return
    } catch {
      await sleep(10)
    }
  }
  await stopChild(process.child)
  const said = process.complaints.join('').trim().slice(0, 300) || 'it gave no reason'
  throw new Error(
    `The embedded DynamoDB did not start on ${process.file}: ${said}. ` +
      'If the file is damaged or the disk is full, free space or move the data folder away and start again.',
  )
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.stdin?.end()
  await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })])
  if (child.exitCode === null && child.pid !== undefined) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
}
