/**
 * The lint of a synthesized template: mistakes that AWS's own CloudFormation rules let pass and that would fail
 * the deployment, or pass it and then never work. It runs at every synthesis, so that `cdk deploy` stops before it
 * calls AWS. One rule a mistake, in the files beside this one.
 */
import { readFile } from 'node:fs/promises'
import { InfraError } from '#infra/main'
import { functionRules } from './functions.ts'
import { mappingRules } from './mappings.ts'
import { loadVocabulary, rightsRules, type Vocabulary } from './rights.ts'
import { storageRules } from './storage.ts'
import { type Finding, View } from './view.ts'
import { wiringRules } from './wiring.ts'

/** A finding with the name of the rule that has it. */
export type Named = Finding & { rule: string }

const rulesOver = (vocabulary: Vocabulary) => [
  ...functionRules,
  ...mappingRules,
  ...storageRules,
  ...wiringRules,
  ...rightsRules(vocabulary),
]

/** What its rules are called by. */
export const ruleNames: readonly string[] = rulesOver(new Map()).map(({ id }) => id)

/** Everything that is wrong with a template; empty when nothing is. */
export async function lint(template: unknown): Promise<Named[]> {
  const view = new View(template)
  return rulesOver(await loadVocabulary(template)).flatMap(({ id, check }) =>
    check(view).map((finding) => ({ rule: id, ...finding })),
  )
}

/**
 * Checks the template in a file.
 * @throws {InfraError} listing every finding by its rule and resource
 */
export async function lintFile(file: string): Promise<void> {
  const found = await lint(JSON.parse(await readFile(file, 'utf8')))
  if (found.length === 0) return
  const lines = found.map(({ rule, resource, message }) => `  ${rule}: ${resource} ${message}`)
  throw new InfraError('lint', `The stack would not deploy, or not work:\n${lines.join('\n')}`)
}
