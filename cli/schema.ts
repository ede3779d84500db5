/**
 * `npm run schema`: writes the JSON Schemas by which editors complete and check the YAML of `templates/`, and
 * the one of what a mail sees: the fields and functions of a template, for completion inside its braces.
 * They are made from the zod schemas; a test says when they are out of date.
 */
import { writeFile } from 'node:fs/promises'
import { readArguments, type Usage } from '#cli/terminal/arguments'
import { say } from '#cli/terminal/style'
import { journeySchema, settingsSchema, viewSchema } from '#core/editor-schema'

const usage: Usage = {
  command: 'npm run schema',
  about: 'Writes the JSON Schemas in templates/ that editors complete and check YAML and mails by.',
  flags: {},
}

/** The files and what they hold. */
export const schemaFiles = (): Record<string, string> => ({
  'templates/journey.schema.json': `${JSON.stringify(journeySchema(), null, 2)}\n`,
  'templates/settings.schema.json': `${JSON.stringify(settingsSchema(), null, 2)}\n`,
  'templates/view.schema.json': `${JSON.stringify(viewSchema(), null, 2)}\n`,
})

export async function run(argv: readonly string[]): Promise<number> {
  if (readArguments(usage, argv) === undefined) return 0
  for (const [file, text] of Object.entries(schemaFiles())) {
    await writeFile(new URL(`../${file}`, import.meta.url), text)
    say(`written: ${file}`)
  }
  return 0
}
