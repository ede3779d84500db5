/**
 * MJML between two passes of `core/template`: `prepare` takes the expressions out of the way, MJML makes HTML
 * of what is left, `finish` puts them back as data. It runs where mails are checked and published, never where
 * they are sent. Read `core/template/prepare.ts` next.
 */
import { createRequire } from 'node:module'
import { limits } from '#core/limits'
import { nearest } from '#core/suggest'
import type { CompiledMail } from '#core/template/compiled'
import { finish } from '#core/template/finish'
import { inOrder, type MailSource, type Prepared, prepare } from '#core/template/prepare'
import type { Problem, SourceFile } from '#core/template/problem'
import { refused } from '#core/template/rule'

export type { MailSource } from '#core/template/prepare'

export type Compiled = { mail: CompiledMail } | { problems: Problem[] }

/** MJML is half a second of loading: it comes when the first mail is compiled. */
const mjml = () => import('mjml')

/** What MJML knows of its elements: its front door does not say, the part that it is made of does. */
function elements(): Record<string, { allowedAttributes?: Record<string, string> }> {
  const { components } = createRequire(createRequire(import.meta.url).resolve('mjml'))('mjml-core')
  return components
}

interface MjmlError {
  line: number
  message: string
  tagName: string
}

/** Compiles one mail; every problem found is in the answer, and then there is no mail. `clock`: milliseconds. */
export async function compileMail(source: MailSource, clock = () => performance.now()): Promise<Compiled> {
  const begunMs = clock()
  const prepared = prepare(source)
  if ('problems' in prepared) return prepared
  const made = await toHtml(prepared)
  const problems = made.errors.flatMap((error) => toProblem(error, prepared))
  if (problems.length > 0) return { problems: inOrder(problems) }
  const finished = finish(made.html, { source, prepared })
  return clock() - begunMs > limits.template.compileMs ? { problems: [tooSlow(source)] } : finished
}

/** Limits on its size keep every source far from this; a version of MJML that is slow is seen here. */
const tooSlow = ({ mjml }: MailSource): Problem => ({
  ...{ file: mjml.file, line: 1, column: 1 },
  message: `compiling this mail took more than ${limits.template.compileMs / 1000} seconds`,
  cure: 'make it smaller, or put repeated parts into {{#each}}',
})

async function toHtml({ text }: Prepared): Promise<{ html: string; errors: MjmlError[] }> {
  try {
    const { default: mjml2html } = await mjml()
    // The typings are those of version 4, where this was not yet a promise.
    return (await mjml2html(text, {
      validationLevel: 'soft',
      keepComments: false,
      ignoreIncludes: true,
      fonts: {},
    })) as unknown as { html: string; errors: MjmlError[] }
  } catch (error) {
    const message = `MJML cannot read this: ${error instanceof Error ? error.message : String(error)}`
    return { html: '', errors: [{ line: 1, message: message.slice(0, 300), tagName: 'mjml' }] }
  }
}

/** What MJML complains of, at its place; values that are expressions are not MJML's to judge. */
function toProblem(error: MjmlError, { flat, lines, root }: Prepared): Problem[] {
  if (error.message.search(flat.pattern) >= 0) return []
  const element = lines[error.line - 1] ?? root
  const [, name, value] =
    /^Attribute ([\w-]+) (?:has invalid value: (.*) for type )?/.exec(error.message) ?? []
  const at = element.attributes.find((one) => one.name === name)?.at ?? element.at
  const says = explain(error, { name, value })
  return [{ ...flat.placeAt(at), ...says }]
}

function explain(error: MjmlError, { name, value }: { name: string | undefined; value: string | undefined }) {
  const tag = `<${error.tagName}>`
  if (/doesn't exist/.test(error.message)) {
    const known = Object.keys(elements()).filter((one) => !Object.hasOwn(refused, one))
    const meant = nearest(error.tagName, known)
    const cure = meant === undefined ? `there are: ${known.join(', ')}` : `did you mean <${meant}>?`
    return { message: `there is no element ${tag}`, cure }
  }
  const page = `https://documentation.mjml.io/#${error.tagName}`
  if (name !== undefined && value !== undefined) {
    return {
      message: `\`${name}\` of ${tag} cannot be "${value.trim()}"`,
      cure: `see what it can be: ${page}`,
    }
  }
  if (name === undefined) return { message: `${tag}: ${error.message.trim()}`, cure: `see ${page}` }
  const meant = nearest(name, Object.keys(elements()[error.tagName]?.allowedAttributes ?? {}))
  const cure = meant === undefined ? `see which it has: ${page}` : `did you mean \`${meant}\`?`
  return { message: `${tag} has no attribute \`${name}\``, cure }
}

const nameOf = (file: string) =>
  file
    .split('/')
    .at(-1)
    ?.replace(/\.[^.]+$/, '') ?? file

/**
 * Compiles all mails of one journey's folder. `files` are those below `templates/`, each named by a path that
 * ends as it does from there (`abandoned-cart/reminder.mjml`, `layout/header.mjml`, `brand.yaml`); others are
 * ignored. A mail with problems is not among `mails`. `toShop`: mails that the shop's own people get.
 */
export async function compileJourney(
  journey: string,
  files: readonly SourceFile[],
  toShop: ReadonlySet<string> = new Set(),
): Promise<{ mails: Record<string, CompiledMail>; problems: Problem[] }> {
  const mails: Record<string, CompiledMail> = {}
  const problems: Problem[] = []
  for (const source of mailSources(journey, files)) {
    const compiled = await compileMail({ ...source, toShop: toShop.has(source.name) })
    if ('mail' in compiled) mails[source.name] = compiled.mail
    else problems.push(...compiled.problems)
  }
  return { mails, problems: inOrder(problems) }
}

const below = (folder: string, { file }: SourceFile) => `/${file}`.includes(`/${folder}/`)

/** The mails of a journey's folder, each with the files it is made of. */
export function mailSources(journey: string, files: readonly SourceFile[]): MailSource[] {
  const layout: Record<string, SourceFile> = {}
  const strings: Record<string, SourceFile> = {}
  const layoutStrings: Record<string, SourceFile> = {}
  for (const source of files) {
    if (below('layout', source) && source.file.endsWith('.mjml')) layout[nameOf(source.file)] = source
    const locale = /\/strings\.([\w-]+)\.ya?ml$/.exec(source.file)?.[1]
    if (locale !== undefined && below(journey, source)) strings[locale] = source
    if (locale !== undefined && below('layout', source)) layoutStrings[locale] = source
  }
  const brand = files.find(({ file }) => /(^|\/)brand\.ya?ml$/.test(file)) ?? { file: 'brand.yaml', text: '' }
  return files
    .filter((source) => below(journey, source) && source.file.endsWith('.mjml'))
    .map((mjml) => ({ name: nameOf(mjml.file), mjml, layout, strings, layoutStrings, brand }))
}
