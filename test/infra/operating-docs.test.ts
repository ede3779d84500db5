/** Every alarm of the synthesized stack has its row in docs/operating.md, by name, with a way to see it and to mend it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { standing } from '#core/cost/usage'
import { ofType, type Template, templateOf } from './template.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/operating.md'), 'utf8')

/** The rows of the table of alarms, by the name in their first cell. */
const rows = new Map(
  (page.split('\n## Alarms\n')[1] ?? '')
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => /^\| [A-Z]/.test(line))
    .map((line) => {
      const [name = '', ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [name, cells] as const
    }),
)

let template: Template

beforeAll(async () => {
  template = await templateOf('prod')
}, 120_000)

const alarms = () => ofType(template, 'AWS::CloudWatch::Alarm').map(([id]) => id.replace(/^Alarm/, ''))

describe('the table of alarms', () => {
  it('has each alarm of the stack once, and no other', () => {
    expect([...rows.keys()].sort()).toEqual(alarms().sort())
    expect(page.match(/^\| [A-Z]\w+ +\| /gm)?.length).toBeGreaterThanOrEqual(rows.size)
  })

  it('says of each what it means, where one sees it and what mends it', () => {
    for (const [name, cells] of rows) {
      expect(cells, name).toHaveLength(3)
      for (const cell of cells) expect(cell.length, name).toBeGreaterThan(20)
    }
  })

  it('names logs that are there', () => {
    const groups = ofType(template, 'AWS::Logs::LogGroup').map(([, { LogGroupName }]) => String(LogGroupName))
    const named = [...page.matchAll(/`(\/homeward\/prod\/[a-z]+)`/g)].map(([, name]) => name)

    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !groups.includes(name ?? ''))).toEqual([])
  })
})

it('the cost page counts the alarms, counts, boards, secrets, queues and schedules that the stack has', () => {
  const count = (type: string) => ofType(template, type).length
  const [polled] = [count('AWS::SQS::Queue') / 2]

  expect({
    alarms: count('AWS::CloudWatch::Alarm'),
    metrics: count('AWS::Logs::MetricFilter'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    secrets: count('AWS::SecretsManager::Secret'),
    queues: polled,
    schedules: count('AWS::Scheduler::Schedule'),
  }).toEqual({
    alarms: standing.alarms,
    metrics: standing.metrics,
    dashboards: standing.dashboards,
    secrets: standing.secrets,
    queues: standing.queues,
    schedules: Object.keys(standing.schedules).length,
  })
})
