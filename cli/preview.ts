/**
 * `npm run preview -- <journey>/<mail>`: a page that shows a mail while it is being written, as any of the sample
 * customers, wide and narrow, by day and by night. It needs nothing but the folder `templates/`. Ends with Ctrl+C.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type PreviewServer, servePreviews } from '#cli/preview/server'
import { openBrowser } from '#cli/start/browser'
import { readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { pathFromHere, print, say } from '#cli/terminal/style'
import { nearest } from '#core/suggest'

const usage: Usage = {
  command: 'npm run preview',
  about: 'Shows a mail in the browser while you write it; saving a file refreshes it.',
  operand: '[<journey>/<mail>]',
  flags: {
    templates: { value: 'DIR', about: 'the folder (templates)' },
    port: { value: 'N', about: 'of the page (4410, or the next free one; 0: any)' },
    'no-open': { about: 'do not open the browser' },
    json: { about: 'print one JSON object: the address of the page' },
  },
  examples: ['npm run preview -- abandoned-cart/reminder', 'npm run preview -- welcome --no-open'],
}

const firstPort = 4410
const portsTried = 20

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const folder = resolve(given.value.templates ?? 'templates')
  if (!existsSync(folder)) {
    say(
      `There is no folder ${pathFromHere(folder)}. Run this in the project folder, or name it with --templates.`,
    )
    return 1
  }
  const server = await serve(folder, portOf(given.value.port))
  const meant = meantMail(given.operand, await server.mails())
  if ('problem' in meant) {
    say(meant.problem)
    await server.stop()
    return 1
  }
  const { mail } = meant
  const address = `${server.url}/?mail=${encodeURIComponent(mail)}`
  if (given.on.json) print(JSON.stringify({ url: address, mail }))
  else print(address)
  say(`${mail} of ${pathFromHere(folder)}; saving a file refreshes the page. Ctrl+C ends it.`)
  if (given.on['no-open'] !== true && !given.on.json) openBrowser(address)
  await ended()
  await server.stop()
  return 0
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageError(`--port is "${text}"; it must be a number from 0 to 65535.`)
}

/** On the port that is asked for, else on the first free one. */
async function serve(folder: string, port: number | undefined): Promise<PreviewServer> {
  const clock = () => new Date().toISOString()
  const tried = port === undefined ? Array.from({ length: portsTried }, (_, i) => firstPort + i) : [port]
  for (const one of tried) {
    try {
      return await servePreviews({ folder, port: one, clock })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`Port ${tried.join(', ')} is taken. Choose another with --port.`)
}

/**
 * The mail that is meant: a whole name, a journey with one mail, or the first there is; else what there is, in words.
 * @example meantMail('welcome', ['welcome/welcome']) // { mail: 'welcome/welcome' }
 */
export function meantMail(
  name: string | undefined,
  mails: readonly string[],
): { mail: string } | { problem: string } {
  const [first] = mails
  if (first === undefined) return { problem: 'There is no mail in the folder; npm run check says why.' }
  if (name === undefined) return { mail: first }
  const meant = mails.filter((mail) => mail === name || mail.startsWith(`${name}/`))
  const [only, another] = meant
  if (only !== undefined && another === undefined) return { mail: only }
  if (another !== undefined) return { problem: `Say which mail of ${name}: ${meant.join(', ')}.` }
  const near = nearest(name, mails)
  const guess = near === undefined ? '' : ` Did you mean ${near}?`
  return { problem: `There is no mail "${name}".${guess} There is: ${mails.join(', ')}.` }
}

const ended = (): Promise<void> =>
  new Promise((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end())
  })
