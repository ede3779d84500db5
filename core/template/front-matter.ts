/**
 * What stands at the top of a mail between two lines of `---`: the fields without which nobody gets it, and the
 * name it comes from. It is YAML; the rest of the file keeps its lines, so that every place stays right.
 */
import * as z from 'zod'
import { readYaml, type YamlFile } from '#core/document'
import type { JsonSchema } from '#core/editor-schema'
import { problemsOf } from '#core/issue'
import type { Findings } from './findings.ts'
import type { SourceFile } from './problem.ts'
import { resolve, type Scope } from './scope.ts'

const FrontMatter = z.strictObject({
  /** Fields of the view; who lacks one, or has an empty text or list there, gets no mail. */
  requires: z.array(z.string()).optional(),
  /** The display name of the sender, a template of one line. */
  from: z.string().optional(),
})

const schema = z.toJSONSchema(FrontMatter) as JsonSchema

const closed = /^---[ \t]*\r?\n([\s\S]*?\n)?---[ \t]*(\r?\n|$)/

/** The mail without its front matter, and the template of the sender's name, each with its places as in the file. */
export function readFrontMatter(
  source: SourceFile,
  of: { findings: Findings; scope: Scope },
): { mjml: SourceFile; from?: SourceFile } {
  if (!/^---\s*\n/.test(source.text)) return { mjml: source }
  const { findings, scope } = of
  const match = closed.exec(source.text)
  if (match === null) {
    const message = 'the lines at the top of the mail that begin with `---` never end'
    findings.problems.push({ file: source.file, line: 1, column: 1, message, cure: 'write `---` below them' })
    return { mjml: { ...source, text: '' } }
  }
  const [whole, inner = ''] = match
  const mjml = { ...source, text: whole.replace(/[^\n]/g, '') + source.text.slice(whole.length) }
  // The line in front is as long as the one that was there.
  const yaml = readYaml({ ...source, text: `\n${inner}` })
  const read = FrontMatter.safeParse(yaml.value ?? {})
  findings.problems.push(...yaml.problems)
  if (yaml.problems.length === 0 && !read.success) {
    findings.problems.push(...problemsOf({ yaml, schema }, read.error.issues))
  }
  if (!read.success) return { mjml }
  for (const [index, name] of (read.data.requires ?? []).entries()) {
    requireField(name, { findings, scope, place: yaml.at(['requires', index]) })
  }
  const { from } = read.data
  return from === undefined ? { mjml } : { mjml, from: inPlace(from, { source, yaml }) }
}

function requireField(
  name: string,
  { findings, scope, place }: { findings: Findings; scope: Scope; place: ReturnType<YamlFile['at']> },
): void {
  const found = resolve({ data: false, depth: 0, parts: name.split('.'), original: name }, scope)
  if ('unknown' in found) findings.problems.push({ ...place, message: found.unknown, cure: found.cure })
  else if ('value' in found.expression) {
    const message = `\`${name}\` is no field of the view: it is the same for everybody`
    findings.problems.push({ ...place, message, cure: 'take it out' })
  } else {
    findings.required.add(name)
    findings.variables.add(name)
  }
}

/** The text of a value as a file of its own, in which it stands at the same line and column. */
function inPlace(text: string, { source, yaml }: { source: SourceFile; yaml: YamlFile }): SourceFile {
  const { line, column } = yaml.at(['from'])
  const written = source.text.split('\n')[line - 1] ?? ''
  const quote = /["']/.test(written[column - 1] ?? '') ? 1 : 0
  return { ...source, text: '\n'.repeat(line - 1) + ' '.repeat(column - 1 + quote) + text }
}
