/**
 * Whether the files of `templates/` make a release: journeys and settings are read, and everything that can
 * only be seen by looking at them together is looked at (a mail that is not there, a topic nobody declared).
 * Mails themselves are checked by their compiler; `cli/stage/draft.ts` puts both together.
 */
import { checkJourney } from './check-journey.ts'
import { readYaml, type YamlFile } from './document.ts'
import { type JsonSchema, journeySchema, settingsSchema } from './editor-schema.ts'
import { error, type Finding, inOrder } from './finding.ts'
import { problemsOf } from './issue.ts'
import { Journey } from './journey.ts'
import { Settings } from './settings.ts'
import { cureFor } from './suggest.ts'
import type { Problem, SourceFile } from './template/problem.ts'

export interface Checked {
  findings: Finding[]
  /** Undefined when it could not be read. */
  settings: Settings | undefined
  /** Journeys that could be read, by their folder's name. */
  journeys: Record<string, Journey>
}

/** Folders of `templates/` that are no journeys. */
const otherFolders = new Set(['layout'])
const folderName = /^[a-z][a-z0-9-]{0,39}$/

/** The folders that hold a journey or ought to, in order. */
export function journeyFolders(files: readonly SourceFile[]): string[] {
  const folders = files.flatMap(({ file }) => (file.includes('/') ? [file.slice(0, file.indexOf('/'))] : []))
  return [...new Set(folders)].filter((folder) => !otherFolders.has(folder)).sort()
}

/**
 * Reads and checks all YAML of `templates/`. `files` are named by their path from there, e.g.
 * `welcome/journey.yaml`. Never throws.
 */
export function checkTemplates(files: readonly SourceFile[]): Checked {
  const byName = new Map(files.map((file) => [file.file, file]))
  const findings: Finding[] = []
  const settings = readSettings(byName.get('settings.yaml'), findings)
  const journeys: Record<string, Journey> = {}
  for (const folder of journeyFolders(files)) {
    const source = byName.get(`${folder}/journey.yaml`)
    const beside = files.filter(({ file }) => file.startsWith(`${folder}/`))
    if (source === undefined) findings.push(error(noJourney(folder, beside)))
    else {
      const read = readJourney(folder, source, findings)
      if (read === undefined) continue
      journeys[folder] = read.journey
      findings.push(...checkJourney({ folder, ...read, files: beside, settings: settings?.value }))
    }
  }
  if (Object.keys(journeys).length === 0 && findings.length === 0)
    findings.push(
      error({
        ...top('settings.yaml'),
        message: 'there is no journey',
        cure: 'add a folder with a journey.yaml',
      }),
    )
  if (settings) findings.push(...checkGifts(settings, journeyFolders(files)))
  return { findings: inOrder(findings), settings: settings?.value, journeys }
}

const top = (file: string) => ({ file, line: 1, column: 1 })

function read<T>(
  source: SourceFile,
  by: {
    schema: JsonSchema
    parse: (value: unknown) => { data?: T; issues: Parameters<typeof problemsOf>[1] }
  },
  findings: Finding[],
): { value: T; yaml: YamlFile } | undefined {
  const yaml = readYaml(source)
  if (yaml.problems.length > 0) {
    findings.push(...yaml.problems.map(error))
    return undefined
  }
  if (yaml.value === null || yaml.value === undefined) {
    const cure = 'see docs/journeys.md for what it holds'
    findings.push(error({ ...top(source.file), message: 'the file is empty', cure }))
    return undefined
  }
  const parsed = by.parse(yaml.value)
  findings.push(...problemsOf({ yaml, schema: by.schema }, parsed.issues).map(error))
  return parsed.data === undefined ? undefined : { value: parsed.data, yaml }
}

function readSettings(source: SourceFile | undefined, findings: Finding[]) {
  if (source === undefined) {
    const cure = 'add settings.yaml; docs/templates.md shows a whole one'
    findings.push(error({ ...top('settings.yaml'), message: 'there is no settings.yaml', cure }))
    return undefined
  }
  const parse = (value: unknown) => {
    const result = Settings.safeParse(value)
    return result.success ? { data: result.data, issues: [] } : { issues: result.error.issues }
  }
  return read(source, { schema: settingsSchema(), parse }, findings)
}

function readJourney(folder: string, source: SourceFile, findings: Finding[]) {
  if (!folderName.test(folder)) {
    const message = `the folder's name "${folder}" cannot name a journey`
    const cure = 'use small letters, digits and hyphens, such as back-in-stock'
    findings.push(error({ ...top(source.file), message, cure }))
  }
  const parse = (value: unknown) => {
    const result = Journey.safeParse(value)
    return result.success ? { data: result.data, issues: [] } : { issues: result.error.issues }
  }
  const found = read(source, { schema: journeySchema(), parse }, findings)
  return found === undefined ? undefined : { journey: found.value, yaml: found.yaml }
}

function noJourney(folder: string, beside: readonly SourceFile[]): Problem {
  const other = beside.find(({ file }) => /\/journey\.(yml|json)$/i.test(file))
  return {
    ...top(other?.file ?? beside[0]?.file ?? folder),
    message: `the folder "${folder}" has no journey.yaml`,
    cure: other ? 'rename this file to journey.yaml' : 'add one, or move the folder out of templates/',
  }
}

function checkGifts(settings: { value: Settings; yaml: YamlFile }, journeys: string[]): Finding[] {
  return Object.keys(settings.value.gifts)
    .filter((name) => !journeys.includes(name))
    .map((name) =>
      error({
        ...settings.yaml.atKey(['gifts', name]),
        message: `there is a gift for "${name}", but no such journey`,
        cure: cureFor(name, journeys),
      }),
    )
}
