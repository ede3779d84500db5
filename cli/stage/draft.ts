/**
 * From the folder `templates/` to a draft that can be published: reads the files, checks the YAML, compiles the
 * mails, and brings all findings together. There is a draft only when nothing is in its way.
 */
import { compileJourney } from '#adapters/mjml'
import { readTemplates } from '#adapters/templates'
import { brandOf } from '#core/brand'
import { checkTemplates } from '#core/check'
import { checkSamples } from '#core/check-samples'
import { type Draft, draftOf } from '#core/draft'
import { error, type Finding, inOrder } from '#core/finding'
import { type Journey, mailsOf, mailsToShop, type Step } from '#core/journey'
import { compileSteps } from '#core/program'
import { sampleViews } from '#core/sample'
import type { Settings } from '#core/settings'
import type { CompiledMail } from '#core/template/compiled'
import { readBrand } from '#core/template/prepare'
import type { SourceFile } from '#core/template/problem'
import { keep, kept, markOf } from './kept.ts'

export interface Built {
  findings: Finding[]
  files: SourceFile[]
  draft: Draft | undefined
  /** What could be read and compiled, whether or not all of it is good. */
  parts: { settings: Settings | undefined; journeys: Record<string, Journey>; mails: Mails }
}

/** Journey → mail → compiled. */
type Mails = Record<string, Record<string, CompiledMail>>

/** A journey's mails, what is in their way, and what they are like for the sample customers. */
type Result = Awaited<ReturnType<typeof compileJourney>> & { samples: Finding[] }

/** Journeys compiled before, by their name, with the texts they were made of. */
export type Compiled = Map<string, { texts: string; result: Result }>

/**
 * Checks and compiles the folder. `before` keeps compiled journeys between calls: what did not change is reused.
 * `only`: the one journey whose mails are wanted; then there is no draft.
 */
export async function buildDraft(
  folder: string,
  before: Compiled = new Map(),
  only?: string,
): Promise<Built> {
  const { files, findings } = await readTemplates(folder)
  const mails: Mails = {}
  const nothing = { settings: undefined, journeys: {}, mails }
  if (files.length === 0) return { files, findings, draft: undefined, parts: nothing }
  const checked = checkTemplates(files)
  findings.push(...checked.findings)
  for (const [journey, read] of Object.entries(checked.journeys)) {
    const { steps } = read
    if (only !== undefined && journey !== only) continue
    const result = await compileOnce({ id: journey, journey: read }, { files, before, ...checked })
    mails[journey] = result.mails
    findings.push(...result.problems.map(error))
    findings.push(...uncompiled(journey, steps, { files, result }))
    if (!checked.settings) continue
    const giftless = withoutGift(journey, checked.settings, result.mails)
    // what lacks its gift could be tried with nobody: the one finding says more
    const tried = result.samples.filter(({ file }) => !giftless.some((finding) => finding.file === file))
    findings.push(...giftless, ...tried)
  }
  const { settings, journeys } = checked
  const isGood = only === undefined && !findings.some(({ severity }) => severity === 'error')
  return {
    files,
    findings: inOrder(findings),
    parts: { settings, journeys, mails },
    draft:
      isGood && settings !== undefined
        ? draftOf({ settings, journeys, mails, ...brandIn(files) })
        : undefined,
  }
}

/** How our pages look, as `brand.yaml` says; what is wrong with that file is found where mails are compiled. */
function brandIn(files: readonly SourceFile[]) {
  const source = files.find(({ file }) => /^brand\.ya?ml$/.test(file))
  return source === undefined ? {} : { brand: brandOf(readBrand(source, [])) }
}

/** Mails that are sent and there, but of which neither a compiled form nor a problem came: never publish those. */
function uncompiled(
  journey: string,
  steps: readonly Step[],
  of: { files: readonly SourceFile[]; result: Awaited<ReturnType<typeof compileJourney>> },
): Finding[] {
  if (of.result.problems.length > 0) return []
  const there = new Set(of.files.map(({ file }) => file))
  return mailsOf(steps)
    .filter((name) => of.result.mails[name] === undefined && there.has(`${journey}/${name}.mjml`))
    .map((name) => {
      const file = `${journey}/${name}.mjml`
      return error({
        file,
        line: 1,
        column: 1,
        message: 'this mail could not be compiled',
        cure: 'write it anew',
      })
    })
}

/** A mail that makes no sense without a gift, of a journey that settings give none: it would never be sent. */
function withoutGift(
  journey: string,
  settings: Settings,
  mails: Readonly<Record<string, CompiledMail>>,
): Finding[] {
  if (Object.hasOwn(settings.gifts, journey)) return []
  return Object.entries(mails)
    .filter(([, { required }]) => required.some((field) => field.startsWith('offer.')))
    .map(([name]) =>
      error({
        file: `${journey}/${name}.mjml`,
        line: 1,
        column: 1,
        message: `this mail carries a gift, but settings.yaml has none for "${journey}"`,
        cure: `add under gifts: "${journey}: { code: … }"`,
      }),
    )
}

/** When the sample customers live: the same files, the same findings. */
const sampleNow = '2026-06-15T10:00:00.000Z'

/** What the journey's mails are like for the sample customers. */
function forSamples(
  of: { id: string; journey: Journey },
  settings: Settings,
  { mails, files }: { mails: Readonly<Record<string, CompiledMail>>; files: readonly SourceFile[] },
): Finding[] {
  const { steps } = of.journey
  const samples = sampleViews({ ...of, program: compileSteps(steps), mails: {} }, settings, sampleNow)
  const toShop = mailsToShop(steps)
  return Object.entries(mails).flatMap(([name, mail]) => {
    const source = files.find(({ file }) => file === `${of.id}/${name}.mjml`)
    return source === undefined ? [] : checkSamples({ mail, source, samples, toShop: toShop.has(name) })
  })
}

async function compileOnce(
  of: { id: string; journey: Journey },
  from: { files: readonly SourceFile[]; before: Compiled; settings: Settings | undefined },
): Promise<Result> {
  const { files, before, settings } = from
  const own = files.filter(({ file }) => file.startsWith(`${of.id}/`) || !/^(?!layout\/)[^/]+\//.test(file))
  const texts = JSON.stringify(own)
  const known = before.get(of.id)
  if (known?.texts === texts) return known.result
  const mark = await markOf(texts)
  const found = await kept<Result>(of.id, mark)
  const result = found ?? (await compile(of, { own, settings }))
  if (found === undefined && result.problems.length === 0) await keep(of.id, mark, result)
  before.set(of.id, { texts, result })
  return result
}

async function compile(
  of: { id: string; journey: Journey },
  { own, settings }: { own: readonly SourceFile[]; settings: Settings | undefined },
): Promise<Result> {
  const compiled = await compileJourney(of.id, own, mailsToShop(of.journey.steps))
  const samples = settings === undefined ? [] : forSamples(of, settings, { files: own, ...compiled })
  return { ...compiled, samples }
}
