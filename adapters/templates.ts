/**
 * Reads the folder `templates/` from disk: journeys, mails, translations, layout, brand and settings, as texts
 * named by their path from there. It judges nothing but what it cannot read; `core/check.ts` reads on.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { error, type Finding } from '#core/finding'
import { limits } from '#core/limits'
import type { SourceFile } from '#core/template/problem'

/** All files of the folder that templates are made of, by name, and what could not be read. */
export async function readTemplates(folder: string): Promise<{ files: SourceFile[]; findings: Finding[] }> {
  const names = await namesIn(folder)
  if (names === undefined) {
    const cure = 'run this in the project folder, or name the folder with --templates'
    return { files: [], findings: [broken(folder, 'the templates folder is not there', cure)] }
  }
  const read = await Promise.all(names.slice(0, limits.templateFiles).map((name) => readOne(folder, name)))
  const findings = read.flatMap((one) => ('message' in one ? [one] : []))
  if (names.length > limits.templateFiles)
    findings.push(broken(folder, `more than ${limits.templateFiles} files`, 'keep other files elsewhere'))
  return { files: read.flatMap((one) => ('text' in one ? [one] : [])), findings }
}

/** Names of the files of one template set: two levels, no hidden ones, the endings we know. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined)
  return entries
    ?.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
    .filter((name) => /^([^/.][^/]*\/)?[^/.][^/]*\.(ya?ml|mjml)$/.test(name))
    .sort()
}

async function readOne(folder: string, name: string): Promise<SourceFile | Finding> {
  const path = join(folder, name)
  try {
    if ((await stat(path)).size > limits.templateBytes)
      return broken(
        name,
        `larger than ${limits.templateBytes / 1024} KB`,
        'split it, or take pictures out of it',
      )
    const bytes = await readFile(path)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
    return { file: name, text }
  } catch (cause) {
    if (cause instanceof TypeError) return broken(name, 'not written in UTF-8', 'save it as UTF-8')
    return broken(name, `cannot be read (${(cause as Error).message})`, 'look at its permissions')
  }
}

const broken = (file: string, message: string, cure: string): Finding =>
  error({ file, line: 1, column: 1, message, cure })
