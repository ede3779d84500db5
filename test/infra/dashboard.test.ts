/**
 * The dashboard as it is synthesized: every widget has something to show, nothing overlaps, every metric is one
 * that exists. Drawn as `docs/picture/dashboard.svg`, so that the picture in the docs is the dashboard there is;
 * after a change, `UPDATE_PICTURES=1 npx vitest run test/infra/dashboard` draws it anew.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { steps, tables } from '#adapters/shape'
import { drawDashboard } from './draw-dashboard.ts'
import { ofType, type Template, templateOf } from './template.ts'

const Widget = z.object({
  type: z.enum(['text', 'alarm', 'metric']),
  ...{ x: z.number(), y: z.number(), width: z.number(), height: z.number() },
  properties: z.looseObject({
    title: z.string().optional(),
    markdown: z.string().optional(),
    alarms: z.array(z.string()).optional(),
    metrics: z.array(z.array(z.unknown())).optional(),
  }),
})
type Widget = z.infer<typeof Widget>

const picture = resolve(import.meta.dirname, '../../docs/picture/dashboard.svg')

/** A text that may be joined of parts, with references by their names. */
function text(value: unknown): string {
  if (typeof value === 'string') return value
  const joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }).safeParse(value)
  if (joined.success) return joined.data['Fn::Join'][1].map(text).join(joined.data['Fn::Join'][0])
  const reference = z.object({ Ref: z.string() }).safeParse(value)
  if (reference.success) return reference.data.Ref.replace('AWS::Region', 'eu-central-1')
  return z
    .object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
    .parse(value)
    ['Fn::GetAtt'].join('.')
}

const widgetsOf = (template: Template): Widget[] =>
  ofType(template, 'AWS::CloudWatch::Dashboard').flatMap(([, { DashboardBody }]) => {
    const body: unknown = JSON.parse(text(DashboardBody))
    return z.object({ widgets: z.array(Widget) }).parse(body).widgets
  })

let template: Template
let widgets: Widget[]

beforeAll(async () => {
  template = await templateOf('prod')
  widgets = widgetsOf(template)
}, 120_000)

const metricsOf = (widget: Widget): unknown[][] => widget.properties.metrics ?? []

describe('the dashboard', () => {
  it('shows mails, reputation, queues, streams, requests, functions and tables, and every alarm', () => {
    const titles = widgets.flatMap(({ properties }) => properties.title ?? [])

    expect(titles).toHaveLength(10)
    for (const word of ['Mails', 'SES', 'Reputation', 'Queues', 'Streams', 'Requests', 'Functions', 'Tables'])
      expect(titles.some((title) => title.startsWith(word))).toBe(true)
    const alarms = widgets.find(({ type }) => type === 'alarm')?.properties.alarms ?? []
    expect(alarms).toHaveLength(ofType(template, 'AWS::CloudWatch::Alarm').length)
  })

  it('has no widget without a metric, and none that lies over another', () => {
    for (const widget of widgets.filter(({ type }) => type === 'metric'))
      expect(metricsOf(widget).length).toBeGreaterThan(0)
    const taken = new Set<string>()
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24)
      for (let column = x; column < x + width; column += 1)
        for (let row = y; row < y + height; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false)
          taken.add(`${column} ${row}`)
        }
    }
  })

  it('names every step and every table', () => {
    const all = JSON.stringify(widgets)

    for (const name of [...steps, ...Object.keys(tables)]) expect(all).toContain(`"label":"${name}"`)
  })

  it.each([
    ['MailsSent', 'sent'],
    ['MailsHeld', 'held'],
    ['MailsSkipped', 'skipped'],
    ['MailsSkipped', 'expired'],
    ['MailsFailed', 'failed'],
    ['MailsFailed', 'unknown'],
  ])('counts in %s a decision %s, and in no other', (id, outcome) => {
    const reason = { code: 'sent', explanation: 'accepted; held or skipped are other words' }
    const line = JSON.stringify({ step: 'deliver', event: 'decision', outcome, reason })

    const counting = ofType(template, 'AWS::Logs::MetricFilter').filter(([name, { FilterPattern }]) => {
      const pattern = new RegExp(String(FilterPattern).slice(1, -1))
      return name.startsWith('Mails') && pattern.test(line)
    })

    expect(counting.map(([name]) => name)).toEqual([`${id}Count`])
  })

  it('keeps to the five patterns that one log group takes', () => {
    const groups = ofType(template, 'AWS::Logs::MetricFilter').map(([, { LogGroupName }]) =>
      JSON.stringify(LogGroupName),
    )

    for (const group of groups)
      expect(groups.filter((other) => other === group).length).toBeLessThanOrEqual(5)
  })

  it('is left out, counts and all, where a stage says so', async () => {
    const without = await templateOf('dev', { dashboard: false })

    expect(ofType(without, 'AWS::CloudWatch::Dashboard')).toEqual([])
    expect(JSON.stringify(without)).not.toContain('MailsSent')
  })

  it('is the picture in the docs', async () => {
    const drawn = drawDashboard(
      widgets.map(({ properties, type, ...box }) => ({
        ...box,
        type,
        title: properties.title ?? '',
        words: properties.markdown ?? '',
        lines: labelsOf(metricsOf({ properties, type, ...box })),
        alarms: properties.alarms ?? [],
      })),
    )
    if (process.env.UPDATE_PICTURES) await writeFile(picture, drawn)

    expect(drawn).toBe(await readFile(picture, 'utf8'))
  })
})

/** What a line of a graph is called. */
const labelsOf = (metrics: readonly unknown[][]): string[] =>
  metrics.map((metric) => {
    const last = z.looseObject({ label: z.string() }).safeParse(metric.at(-1))
    return last.success ? last.data.label : String(metric[1])
  })
