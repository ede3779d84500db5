/**
 * `node cli/run.js <command> …` runs `cli/<command>.ts`, on Node 20 too. How a command answers and fails is in
 * `cli/terminal/command.ts`.
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
  const { runCommand } = await import('./terminal/command.ts')
  return runCommand(command, argv)
}

process.exitCode = await main()
