/**
 * `npm run doctor`: what is not as it should be, with its cure. Of this machine, and of the stage that runs on it;
 * with --stack of a deployed one. It reads and changes nothing. Exit code 1 when something is bad; warnings, and
 * what could not be asked, are shown and end nothing. The checks are in `cli/doctor/`.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Check, exitCodeOf, wants } from '#cli/doctor/check'
import { machineChecks, machinePorts } from '#cli/doctor/machine'
import { recordsOf, recordTable } from '#cli/doctor/names'
import { doctorOf, stageChecks } from '#cli/doctor/stage'
import { connect, type Stage } from '#cli/stage/connect'
import { type Where, whereFlags, whereOf } from '#cli/stage/where'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { count, harmless, type Paint, paintFor, print, say } from '#cli/terminal/style'

const usage: Usage = {
  command: 'npm run doctor',
  about: 'Looks everything over and says what to do. Changes nothing.',
  flags: {
    ...whereFlags,
    templates: { value: 'DIR', about: 'the folder that is read over (templates)' },
    json: { about: 'print one JSON object: checks, and the DNS records the stage wants' },
  },
  examples: ['npm run doctor', 'npm run doctor -- --stack homeward-prod'],
}

interface Group {
  title: string
  checks: Check[]
}

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const where = whereOf(given)
  const stage = await stageAt(where)
  const groups: Group[] = []
  if (where.stack === undefined) {
    const url = stage?.kind === 'there' ? stage.stage.aws.endpoint : undefined
    const ports = { least: await leastNode(), templates: resolve(given.value.templates ?? 'templates') }
    groups.push({
      title: 'this machine',
      checks: await machineChecks(machinePorts({ ...ports, running: url })),
    })
  }
  if (stage.kind === 'there')
    groups.push({ title: stage.stage.name, checks: await stageChecks(doctorOf(stage.stage)) })
  if (stage.kind === 'missing') groups.push({ title: where.stack ?? '', checks: [stage.check] })
  const outputs = stage.kind === 'there' && !stage.stage.isLocal ? stage.stage.outputs : {}
  if (given.on.json) print(JSON.stringify({ groups, dns: recordsOf(outputs) }))
  else show(groups, outputs)
  const all = groups.flatMap(({ checks }) => checks)
  if (stage.kind === 'not-running')
    say('Nothing runs here at the moment. npm start, or --stack NAME for a deployed stage, shows more.')
  return exitCodeOf(all)
}

type Found = { kind: 'there'; stage: Stage } | { kind: 'missing'; check: Check } | { kind: 'not-running' }

/** The stage that is meant. A deployed one that is not there is a finding; a local one need not run. */
async function stageAt(where: Where): Promise<Found> {
  try {
    return { kind: 'there', stage: await connect(where) }
  } catch (error) {
    if (where.stack === undefined) return { kind: 'not-running' }
    const [found = '', cure = ''] = (error instanceof Error ? error.message : String(error)).split('; ')
    const state = (error as { code?: string }).code === 'stack-missing' ? 'bad' : 'unknown'
    return { kind: 'missing', check: wants('Stack', state, { found, cure }) }
  }
}

async function leastNode(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { engines: { node: string } }).engines.node.replace(/^>=/, '')
}

const marks: Record<Check['state'], { mark: string; colour: Parameters<Paint>[0] }> = {
  ok: { mark: '✓', colour: 'green' },
  warn: { mark: '!', colour: 'yellow' },
  bad: { mark: '✗', colour: 'red' },
  unknown: { mark: '?', colour: 'cyan' },
}

function show(groups: readonly Group[], outputs: Readonly<Record<string, string>>): void {
  const paint = paintFor(process.stdout)
  const width = Math.max(...groups.flatMap(({ checks }) => checks.map(({ name }) => name.length)))
  for (const { title, checks } of groups) {
    print(paint('bold', title))
    for (const { name, state, found, cure } of checks) {
      const { mark, colour } = marks[state]
      print(`  ${paint(colour, mark)} ${name.padEnd(width)}  ${harmless(found)}`)
      if (cure !== undefined) print(`    ${''.padEnd(width)}  ${paint('green', `→ ${harmless(cure)}`)}`)
    }
    print('')
  }
  const records = recordsOf(outputs)
  if (records.length > 0) {
    print(paint('bold', 'DNS records of the stage, to copy'))
    for (const line of recordTable(records)) print(`  ${line}`)
    print('')
  }
  print(summary(groups.flatMap(({ checks }) => checks)))
}

function summary(checks: readonly Check[]): string {
  const of = (state: Check['state']) => checks.filter((check) => check.state === state).length
  const parts = [
    of('bad') > 0 ? `${of('bad')} bad` : 'nothing bad',
    ...(of('warn') > 0 ? [count(of('warn'), 'warning')] : []),
    ...(of('unknown') > 0 ? [`${of('unknown')} could not be asked`] : []),
  ]
  return `${count(checks.length, 'check')}: ${parts.join(', ')}.`
}
