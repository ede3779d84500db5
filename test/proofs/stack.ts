/**
 * The stack, without an account: every planted mistake turns its check red, one at a time, and the real command
 * line of the CDK takes a stage through its life against a local port. Mistakes: `test/infra/mistakes/`; the
 * tour: `test/infra/tour.ts`.
 */
import { fileURLToPath } from 'node:url'
import { secrets, steps, tables } from '#adapters/shape'
import { mistakes } from '#test/infra/mistakes/mistakes'
import { lintRed, namesOf, openAwsRules, planted, type Red } from '#test/infra/rules'
import { templateOf } from '#test/infra/template'
import { type Tour, takeTour } from '#test/infra/tour'
import { type Findings, type Proof, standing } from './proof.ts'

type Say = (line: string) => void

async function lintCatches(say: Say): Promise<Findings> {
  const template = await templateOf('prod', { alarmEmail: 'ops@shop.example' })
  const awsRed = openAwsRules()
  const engines: Record<string, Red> = { lint: lintRed, aws: awsRed }
  const cries = [...(await lintRed(template)), ...(await awsRed(template))]
  const failures = cries.map((one) => `cries on the template as it is: ${one}`)
  let caught = 0
  for (const [index, mistake] of mistakes.entries()) {
    say(`lint: planted ${index + 1} of ${mistakes.length}, ${mistake.about}`)
    const red = engines[mistake.check.split(' ')[0] ?? '']
    const names = namesOf((await red?.(planted(template, [mistake]).bad)) ?? [])
    if (names.includes(mistake.check)) caught += 1
    else failures.push(`${mistake.check} does not see ${mistake.about}`)
  }
  const figures = { 'lint.caught': caught, 'lint.planted': mistakes.length, 'lint.cries': cries.length }
  return { ok: failures.length === 0, figures, failures }
}

/** What must be retained: every table, every secret, and the batches that failed. */
const mustKeep = [
  ...Object.values(tables).map(({ id }) => `AWS::DynamoDB::GlobalTable ${id}`),
  ...Object.values(secrets).map(({ id }) => `AWS::SecretsManager::Secret ${id}`),
  'AWS::S3::Bucket FailedBatches',
]

/** What the tour should have shown, each with whether it did. */
function verdicts(tour: Tour): [string, boolean][] {
  const { deploy, diff, redeploy, destroyProtected, destroy } = tour
  const zips = (uploads: string[]) => uploads.filter((key) => key.endsWith('.zip'))
  return [
    [
      'deploy ends well and prints its outputs',
      deploy.code === 0 && /homeward-prod\.ApiUrl = /.test(deploy.said),
    ],
    [
      'every function is uploaded',
      tour.archives.length === steps.length && zips(deploy.uploads).length === steps.length,
    ],
    ['diff shows the changed function and no replacement', /\[~\] AWS::Lambda::Function/.test(diff.said)],
    ['diff shows nothing that is replaced', !/replace/i.test(diff.said)],
    ['a second deploy uploads one archive', redeploy.code === 0 && zips(redeploy.uploads).length === 1],
    [
      'a second deploy changes one function',
      JSON.stringify(tour.changes) === '[{"action":"Modify","id":"Wake"}]',
    ],
    [
      'destroy is refused while prod is protected',
      destroyProtected.code !== 0 && /TerminationProtection/.test(destroyProtected.said),
    ],
    ['destroy ends well once it is not', destroy.code === 0],
    ['tables, secrets and failed batches stay', mustKeep.every((one) => tour.kept.includes(one))],
    ['nothing else stays', tour.kept.length === mustKeep.length && tour.removed.length > 0],
  ]
}

async function commandsWork(say: Say): Promise<Findings> {
  const tour = await takeTour(say)
  await tour.close()
  const failures = verdicts(tour)
    .filter(([, holds]) => !holds)
    .map(([what]) => `not so: ${what}`)
  const last = ['deploy', 'diff', 'redeploy', 'destroyProtected', 'destroy'] as const
  for (const name of failures.length > 0 ? last : []) {
    failures.push(`${name}: ${tour[name].said.trim().split('\n').slice(-6).join(' | ')}`)
  }
  const figures = {
    'deploy.s': tour.deploy.seconds,
    'redeploy.s': tour.redeploy.seconds,
    'redeploy.changed': tour.changes.length,
    'destroy.kept': tour.kept.length,
  }
  return { ok: failures.length === 0, figures, failures }
}

export const stack: Proof = {
  name: 'stack',
  about: 'The stack deploys, changes and is taken down without surprise, and its checks see planted mistakes',
  run: async (_, say) => {
    const lint = await lintCatches(say)
    const commands = await commandsWork(say)
    return {
      ok: lint.ok && commands.ok,
      figures: { ...lint.figures, ...commands.figures },
      failures: [...lint.failures, ...commands.failures],
    }
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(stack)
