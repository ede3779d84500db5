/**
 * What is known against the packages we ship, by `npm audit`: told package by package; a critical weakness is a
 * failure. A registry that does not answer the question is told and is none.
 */
import { spawnSync } from 'node:child_process'

/** Of the report of `npm audit --json`: what to say, and the exit code. */
export function judged(report) {
  if (report?.metadata?.vulnerabilities === undefined) {
    const why = report?.message ?? report?.error?.summary ?? 'it said nothing that can be read'
    return { lines: [`audit: the registry did not answer: ${why}`], code: 0 }
  }
  const weak = Object.values(report.vulnerabilities ?? {})
  const lines = weak.map(({ name, severity, range }) => `audit: ${name} ${range}: ${severity}`)
  const isCritical = weak.some(({ severity }) => severity === 'critical')
  return { lines: lines.length > 0 ? lines : ['audit: nothing is known'], code: isCritical ? 1 : 0 }
}

const read = (text) => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

if (process.argv[1] === import.meta.filename) {
  const asked = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
  const { lines, code } = judged(read(asked.stdout))
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exitCode = code
}
