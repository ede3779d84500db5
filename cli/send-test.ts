/**
 * `npm run send-test -- <journey>/<mail> --to me@shop.example`: one mail to oneself, as a customer would get it,
 * with "[Test]" before its subject. Nothing is written and nobody's links are in it. Locally it lands in the inbox.
 */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { stageFrom } from '#adapters/environment'
import { mailboxProblem } from '#adapters/mailbox'
import { mailerFrom } from '#adapters/ses'
import { connect, type Stage } from '#cli/stage/connect'
import { findCustomer, nobody } from '#cli/stage/customer'
import { buildDraft } from '#cli/stage/draft'
import { whereFlags, whereOf } from '#cli/stage/where'
import { type Arguments, readArguments, type Usage, UsageError } from '#cli/terminal/arguments'
import { harmless, print, say } from '#cli/terminal/style'
import { limits } from '#core/limits'
import { cureFor } from '#core/suggest'
import { liveSource, type Source, sendTest, type Tested } from '#flow/send-test'

const usage: Usage = {
  command: 'npm run send-test',
  about: 'Sends one mail of a journey to you, as a customer would get it.',
  operand: '<journey>/<mail>',
  flags: {
    ...whereFlags,
    to: { value: 'ADDRESS', about: 'who gets it; the allow-list of the stage holds' },
    as: { value: 'EMAIL|ID', about: 'made of what is known of this customer (else of a sample one)' },
    sample: { value: 'NAME', about: 'which sample customer, such as bengali or many-items (regular)' },
    locale: { value: 'L', about: 'in this language, such as bn' },
    draft: { about: 'of the files in templates/ instead of what is live' },
    templates: { value: 'DIR', about: 'the folder of --draft (templates)' },
    json: { about: 'print one JSON object: what was sent' },
  },
  examples: [
    'npm run send-test -- abandoned-cart/reminder --to me@shop.example',
    'npm run send-test -- welcome --to me@shop.example --locale bn --draft',
    'npm run send-test -- abandoned-cart/reminder --to me@shop.example --as rina@example.com --stack homeward-prod',
  ],
}

/** Gmail cuts what is longer, the footer with its unsubscribe link first. */
const { htmlBytes: cutBytes, nearBytes } = limits.template

export async function run(argv: readonly string[]): Promise<number> {
  const given = readArguments(usage, argv)
  if (given === undefined) return 0
  const { to, as, locale, sample } = given.value
  if (to === undefined) throw new UsageError('Say who gets it: --to me@shop.example')
  const problem = mailboxProblem(to)
  if (problem !== undefined) throw new UsageError(`--to cannot be written to: ${problem}`)
  const stage = await connect(whereOf(given))
  const source = await sourceOf(stage, given)
  if (source === undefined) return 1
  const customerId = as === undefined ? undefined : await findCustomer(stage.ports, as)
  if (as !== undefined && customerId === undefined) {
    say(nobody(as))
    return 1
  }
  const { environment, aws, ports } = stage
  const testPorts = { ...ports, mailer: mailerFrom(environment, aws), stage: stageFrom(environment) }
  const tested = await sendTest(testPorts, source, {
    ...{ what: given.operand ?? '', to, throwAwayKey: randomBytes(24).toString('base64url') },
    ...(customerId !== undefined && { as: customerId }),
    ...(locale !== undefined && { locale }),
    ...(sample !== undefined && { sample }),
    ...(stage.isLocal && stage.apiUrl !== undefined && { pictures: `${stage.apiUrl}/pictures` }),
  })
  return tell(tested, { given, to, isLocal: stage.isLocal })
}

/** What is live, or with --draft what stands in the files. */
async function sourceOf(stage: Stage, given: Arguments): Promise<Source | undefined> {
  if (given.on.draft !== true) {
    const source = await liveSource(stage.ports.workspace)
    if (source === undefined) say('Nothing is published yet. First: npm run publish (or --draft).')
    return source
  }
  const { draft, findings } = await buildDraft(resolve(given.value.templates ?? 'templates'))
  if (draft !== undefined) return { ...draft, mail: async (hash) => draft.mails[hash] }
  const errors = findings.filter(({ severity }) => severity === 'error').length
  say(`The templates have ${errors} problem(s); npm run check shows them.`)
  return undefined
}

const list = (names: readonly string[]): string => names.join(', ')

/** Why nothing was tried, in words with a cure. */
function whyNot(tested: Exclude<Tested, { kind: 'tried' }>, about: { given: Arguments; to: string }): string {
  const { operand = '', value } = about.given
  switch (tested.kind) {
    case 'no-such-journey':
      return `There is no journey "${operand.split('/')[0]}" in it; ${cureFor(operand.split('/')[0] ?? '', tested.there)}`
    case 'no-such-mail':
      return `Say which mail of ${tested.journey}: ${list(tested.there.map((mail) => `${tested.journey}/${mail}`))}`
    case 'no-such-locale':
      return `The mail is not written in ${value.locale}. There is: ${list(tested.there)}.`
    case 'no-such-sample':
      return `There is no sample customer "${value.sample}"; ${cureFor(value.sample ?? '', tested.there)}`
    case 'nobody':
      return nobody(value.as ?? '')
    case 'not-allowed':
      return `The stage may not write to ${about.to}. Its allowList in cdk.json has: ${list(tested.allowList)}.`
    case 'missing':
      return `The mail cannot be shown without ${list(tested.fields)}, which is not there; --as somebody who has it, or without --as.`
  }
}

function tell(tested: Tested, about: { given: Arguments; to: string; isLocal: boolean }): number {
  if (tested.kind !== 'tried') {
    say(whyNot(tested, about))
    return 1
  }
  const { outcome, subject, htmlBytes, textBytes } = tested
  if (outcome.kind !== 'sent') {
    say(`It was not sent (${outcome.kind}): ${outcome.error}`)
    say('npm run doctor says what the account may do.')
    return 1
  }
  if (about.given.on.json) print(JSON.stringify(tested))
  else print(`Sent to ${about.to}: ${harmless(subject)}`)
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`
  say(
    `${tested.journey}/${tested.mail} in ${tested.locale}: HTML ${kilobytes(htmlBytes)}, text ${kilobytes(textBytes)}`,
  )
  if (htmlBytes > nearBytes)
    say(
      `It is near the ${cutBytes / 1024} KB at which Gmail cuts a mail off, its footer first: make it shorter.`,
    )
  if (about.isLocal) say('It is in the inbox of the running npm start.')
  return 0
}
