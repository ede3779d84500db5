/**
 * The sample customers of a first `npm start`: three hundred people whose past year is lived through the
 * engine (`year.ts`), then loaded (`load.ts`). Once: the data folder keeps them.
 */
import { stageFrom } from '#adapters/environment'
import type { Stage } from '#cli/stage/connect'
import type { CompiledMail } from '#core/template/compiled'
import type { Runtime } from '#local/runtime'
import { loadYears } from './load.ts'
import { liveYear, type Year, type YearOptions } from './year.ts'

const SEED = 2026
const PEOPLE = 300
// Some are lived while others are written: the engine here, the database in its own process.
const TOGETHER = 50

export interface Lived {
  people: number
  mails: number
}

/** The live release with its compiled mails; undefined when nothing is live. */
async function liveRelease({
  ports: { workspace },
}: Stage): Promise<Pick<YearOptions, 'release' | 'mails'> | undefined> {
  const live = await workspace.live()
  const release = live && (await workspace.release(live.release))
  if (release === undefined) return undefined
  const hashes = Object.values(release.journeys).flatMap(({ mails }) => Object.values(mails))
  const mails = new Map<string, CompiledMail>()
  for (const hash of new Set(hashes)) {
    const mail = await workspace.mail(hash)
    if (mail !== undefined) mails.set(hash, mail)
  }
  return { release, mails }
}

/** Lives the year of all, some at a time. */
async function* yearsOf(options: Omit<YearOptions, 'people' | 'first'>): AsyncGenerator<Year> {
  const { onProgress } = options
  let mails = 0
  for (let before = 0; before < PEOPLE; before += TOGETHER) {
    const year = await liveYear({
      ...options,
      first: before + 1,
      people: Math.min(TOGETHER, PEOPLE - before),
      onProgress: (done) =>
        onProgress?.({
          part: (before + done.part * TOGETHER) / PEOPLE,
          people: before + done.people,
          mails: mails + done.mails,
        }),
    })
    mails += year.mails.length
    yield year
  }
}

/** Lives the sample year and loads it. Undefined when nothing is live yet. */
export async function addSampleYear(
  to: { runtime: Runtime; stage: Stage },
  onProgress: NonNullable<YearOptions['onProgress']>,
): Promise<Lived | undefined> {
  const { runtime, stage } = to
  const live = await liveRelease(stage)
  if (live === undefined) return undefined
  const { sender, linkBaseUrl, postalAddress } = stageFrom(stage.environment)
  const years = yearsOf({
    ...live,
    seed: SEED,
    now: runtime.clock.iso(),
    keys: stage.ports.keys,
    stage: { sender, linkBaseUrl, postalAddress, allowList: ['*'] },
    url: runtime.url,
    onProgress,
  })
  const { mails } = await loadYears(years, to)
  return { people: PEOPLE, mails: mails.length }
}
