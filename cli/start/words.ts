/** What `npm start` shows to a person at a terminal. Plain lines when it is no terminal. */
import { liveLines } from '#cli/stage/report'
import { findingsText, summary } from '#cli/terminal/findings'
import { count, harmless, type Paint, paintFor, pathFromHere, print, say } from '#cli/terminal/style'
import type { Decision } from '#local/decisions'
import type { Ready, Screen } from './screen.ts'

const marks: Record<string, [sign: string, format: Parameters<Paint>[0]]> = {
  sent: ['✉', 'green'],
  entered: ['→', 'cyan'],
  planned: ['◷', 'cyan'],
  exited: ['←', 'gray'],
  finished: ['✓', 'gray'],
  held: ['‖', 'yellow'],
  skipped: ['⊘', 'yellow'],
  expired: ['⊘', 'yellow'],
  failed: ['✗', 'red'],
  unknown: ['?', 'red'],
  closed: ['?', 'red'],
}

/** A decision in one line: `13:00 ⊘ skipped  c3kX…  abandoned-cart · reminder  frequency cap: …`. */
export function decisionLine(decision: Decision, paint: Paint): string {
  const { at, outcome, customerId, journey, step } = decision
  const [sign, format] = marks[outcome] ?? ['·', 'gray']
  const reason = decision.reason as { explanation?: unknown } | null
  const why = typeof reason?.explanation === 'string' ? reason.explanation : ''
  const place = [journey, step].filter((part) => part !== null).join(' · ')
  const time = /T(\d\d:\d\d)/.exec(at)?.[1] ?? '--:--'
  return [
    paint('dim', time),
    paint(format, `${sign} ${outcome.padEnd(8)}`),
    harmless(customerId ?? '').padEnd(17),
    harmless(place),
    paint('dim', harmless(why)),
  ].join('  ')
}

const CLEAR_LINE = '\r\u001b[2K'
const BAR = 24

/** `━━━━━━──────` */
function bar(part: number, paint: Paint): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * BAR)
  return paint('green', '━'.repeat(full)) + paint('dim', '─'.repeat(BAR - full))
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

function welcome(ready: Ready, paint: Paint): string[] {
  const rows: [string, string][] = [
    ['Page', paint(['bold', 'cyan'], ready.url)],
    ['API', `${ready.url}/v1   the Segment spec: track, identify, page, batch …`],
    ['Keys', `${ready.keys.server}   for a server`],
    ['', `${ready.keys.browser}   for a browser`],
    ['Clock', `${ready.now.slice(0, 16).replace('T', ' ')} UTC, and it can be turned`],
    ['Data', pathFromHere(ready.dataDir)],
  ]
  return rows.map(([name, value]) => `  ${paint('dim', name.padEnd(6))} ${value}`)
}

/** The screen of a person. `version` stands in the title. */
export function wordScreen(version: string, keysLine: string | undefined): Screen {
  const paint = paintFor(process.stderr)
  const paintOut = paintFor(process.stdout)
  const begun = performance.now()
  say(
    `\n  ${paint(['bold', 'magenta'], 'Homeward')} ${version}   ${paint('dim', 'local · nothing leaves this machine')}\n`,
  )
  return {
    step: async (label, act) => {
      const start = performance.now()
      const result = await act()
      if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE)
      const text = typeof label === 'string' ? label : label(result)
      say(`  ${paint('green', '✓')} ${text.padEnd(44)} ${paint('dim', seconds(performance.now() - start))}`)
      return result
    },
    progress: (part, words) => {
      if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}  ${bar(part, paint)} ${words}`)
    },
    ready: (ready) => {
      say(['', ...welcome(ready, paint), ''].join('\n'))
      if (ready.samples > 0)
        say(
          `  ${count(ready.samples, 'sample customer')} came in; Mia left a cart behind. Turn the clock on by an hour.\n`,
        )
      if (ready.release === null)
        say(`  ${paint('red', 'Nothing is live yet')}: mend the problems above and save, that publishes.\n`)
      if (keysLine !== undefined) say(`  ${paint('dim', keysLine)}`)
      say(`  ${paint('green', 'ready')} in ${seconds(performance.now() - begun)}\n`)
    },
    decision: (decision) => print(decisionLine(decision, paintOut)),
    published: (published) => {
      for (const line of liveLines(published)) say(`${paint('green', '●')} ${line}`)
    },
    problems: (findings, { files, folder, isLive }) => {
      const shown = pathFromHere(folder)
      say(findingsText(findings, { files, folder: shown, paint }))
      const isBroken = findings.some(({ severity }) => severity === 'error')
      say(`${summary(findings, paint)}${isBroken && isLive ? '. What was live before stays.' : ''}\n`)
    },
    note: say,
    stopping: () => say(paint('dim', '\nStopping; everything is kept.')),
  }
}
