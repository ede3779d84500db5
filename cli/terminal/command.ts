/**
 * Runs a command by its name. `cli/<name>.ts` exports `run(argv)` and answers the exit code: 0 done, 1 something
 * is wrong with what it was given to work on, 2 wrong usage. What it throws is told in one line; with
 * HOMEWARD_DEBUG=1 the stack comes with it.
 */
import { say } from './style.ts'

interface Command {
  run(argv: readonly string[]): Promise<number>
}

const exitCodeOf = (error: unknown): number =>
  error instanceof Error && 'exitCode' in error ? Number(error.exitCode) : 1

/** Answers the exit code, whatever happens. */
export async function runCommand(name: string, argv: readonly string[]): Promise<number> {
  try {
    const command: Command = await import(new URL(`../${name}.ts`, import.meta.url).href)
    return await command.run(argv)
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    say(process.env.HOMEWARD_DEBUG ? (stack ?? message) : message)
    return exitCodeOf(error)
  }
}
