/**
 * MJML between two passes of `core/template`: `prepare` takes the expressions out of the way, MJML makes HTML
 * of what is left, `finish` puts them back as data. It runs where mails are checked and published, never where
 * they are sent. Read `core/template/prepare.ts` next.
 */
import type { CompiledMail } from '#core/template/compiled'
import type { Problem, SourceFile } from '#core/template/problem'

export interface MailSource {
  /** The mail's name: its key in the strings files, e.g. `reminder` for `reminder.mjml`. */
  name: string
  mjml: SourceFile
  /** What `{{> header}}` stands for: the files of `templates/layout/` by name. */
  layout: Readonly<Record<string, SourceFile>>
  /** Locale → the journey's `strings.<locale>.yaml`. */
  strings: Readonly<Record<string, SourceFile>>
  /** `templates/brand.yaml`. */
  brand: SourceFile
}

export type Compiled = { mail: CompiledMail } | { problems: Problem[] }

/** Compiles one mail; every problem found is in the answer, and then there is no mail. */
export async function compileMail(source: MailSource): Promise<Compiled> {
  return { problems: [{ file: source.mjml.file, line: 1, column: 1, message: 'not built yet', cure: '' }] }
}

/**
 * Compiles all mails of one journey's folder. `files` are those below `templates/`, named by their path from
 * there (`abandoned-cart/reminder.mjml`, `layout/header.mjml`, `brand.yaml`); others are ignored.
 */
export async function compileJourney(
  journey: string,
  files: readonly SourceFile[],
): Promise<{ mails: Record<string, CompiledMail>; problems: Problem[] }> {
  return { mails: {}, problems: [] }
}
