/**
 * Findings as a good compiler prints them: place, what is wrong, the line itself with a mark under it, and the
 * cure.
 */
import type { Finding } from '#core/finding'
import type { SourceFile } from '#core/template/problem'
import { count, harmless, type Paint } from './style.ts'

/** The text of all findings, one block each. `folder` is put before the files' names, so that they can be clicked. */
export function findingsText(
  findings: readonly Finding[],
  shown: { files: readonly SourceFile[]; folder: string; paint: Paint },
): string {
  const { paint } = shown
  const lines = findings.flatMap((finding) => {
    const { file, line, column, message, cure, severity } = finding
    const place = `${shown.folder}/${file}:${line}:${column}`
    const word = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning')
    return [
      `${paint('bold', harmless(place))} ${word} ${harmless(message)}`,
      ...excerpt(finding, shown),
      ...(cure === '' ? [] : [`  ${paint('green', `→ ${harmless(cure)}`)}`]),
      '',
    ]
  })
  return lines.join('\n')
}

const widest = 100

function excerpt(finding: Finding, shown: { files: readonly SourceFile[]; paint: Paint }): string[] {
  const text = shown.files.find(({ file }) => file === finding.file)?.text.split('\n')[finding.line - 1]
  if (text === undefined || text.trim() === '' || finding.column > text.length + 1) return []
  const start = finding.column > widest ? finding.column - widest / 2 : 0
  const line = harmless(text.slice(start, start + widest))
  const number = String(finding.line)
  const bar = shown.paint('dim', '│')
  return [
    `  ${shown.paint('dim', number)} ${bar} ${line}`,
    `  ${' '.repeat(number.length)} ${bar} ${' '.repeat(finding.column - 1 - start)}${shown.paint('red', '^')}`,
  ]
}

/** The last line: how many problems there are. */
export function summary(findings: readonly Finding[], paint: Paint): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const problems = paint(errors > 0 ? 'red' : 'green', count(errors, 'problem'))
  return warnings > 0 ? `${problems}, ${paint('yellow', count(warnings, 'warning'))}` : problems
}
