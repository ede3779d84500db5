/**
 * One runtime per data folder. The lock file names its holder by process id and, where the system tells, by the
 * process's start time, so that a lock left behind by a crash never blocks and a reused id never deceives.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file's name. */
export const LOCK = 'lock'

/** Takes the folder or throws, saying who holds it and what to do. Returns how to let go. */
export function lockFolder(folder: string): () => void {
  makeFolder(folder)
  const file = join(folder, LOCK)
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(folder, error)
    }
    const holder = read(file)
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(
        `Another runtime (process ${holder.pid}) already uses the data folder ${folder}. ` +
          'Stop it, or start with --data and another folder.',
      )
    }
    rmSync(file, { force: true })
  }
  throw new Error(`The data folder ${folder} is being taken by another runtime. Start again in a moment.`)
}

function makeFolder(folder: string): void {
  try {
    makeWithParents(folder)
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** Node's own recursive mkdir never returns below /proc and its like; this asks for each folder once. */
function makeWithParents(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return
  const parent = dirname(folder)
  if (parent !== folder && !existsSync(parent)) makeWithParents(parent)
  mkdirSync(folder)
}

function unusable(folder: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(`The data folder ${folder} cannot be written (${reason}). Choose another with --data.`, {
    cause,
  })
}

type Holder = { pid: number; started: string | undefined }

function read(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder
    return Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return holder.started === startOf(holder.pid)
}

/** Start time of a process in clock ticks since boot (Linux); undefined elsewhere. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/**
 * Refuses a folder whose database is there and whose journal is not: keys and clock were in it, and new ones would
 * neither know her inbox nor the time. A database is never made before the journal.
 */
export function checkWhole(folder: string): void {
  const database = join(folder, 'dynamo.db')
  const journal = join(folder, 'state.jsonl')
  if (!existsSync(database) || (existsSync(journal) && statSync(journal).size > 0)) return
  if (!readFileSync(database).subarray(0, 15).equals(Buffer.from('SQLite format 3'))) return
  throw new Error(
    `The data folder ${folder} is half of one: dynamo.db is there, and state.jsonl, which holds its keys and clock, ` +
      'is missing or empty. Restore it, or move the data folder away and start again.',
  )
}
