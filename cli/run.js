/**
 * `node cli/run.js <command> …` runs `cli/<command>.ts`, on Node 20 too. A command exports `run(argv)` and
 * answers the exit code: 0 done, 1 something is wrong with what it was given to work on, 2 wrong usage.
 * What a command throws is told in one line; with HOMEWARD_DEBUG=1 the stack comes with it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { nodeProblem } from './install.js'

// The SDK's notice about Node 20 is for whoever deploys, not for whoever runs this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const here = fileURLToPath(new URL('.', import.meta.url))
const [command = '', ...argv] = process.argv.slice(2)

async function main() {
  const { engines } = JSON.parse(readFileSync(`${here}../package.json`, 'utf8'))
  const tooOld = nodeProblem(process.version, engines.node)
  if (tooOld !== undefined) {
    process.stderr.write(`${tooOld}\n`)
    return 1
  }
  if (!existsSync(`${here}../node_modules/.package-lock.json`)) {
    process.stderr.write(
      'Nothing is installed yet. First: npm ci (npm start and npm test do it themselves)\n',
    )
    return 1
  }
  if (!/^[a-z-]+$/.test(command) || !existsSync(`${here}${command}.ts`)) {
    const commands = readdirSync(here).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []))
    process.stderr.write(`There is no command "${command}". There is: ${commands.join(', ')}.\n`)
    return 2
  }
  await import('./register.js')
  const { run } = await import(`./${command}.ts`)
  return run(argv)
}

try {
  process.exitCode = await main()
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${process.env.HOMEWARD_DEBUG ? (error?.stack ?? message) : message}\n`)
  process.exitCode = error?.exitCode ?? 1
}
