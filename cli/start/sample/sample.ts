/**
 * The sample customers of a first `npm start`: three hundred people whose past year is lived through the
 * engine (`year.ts`), then loaded (`load.ts`). Once: the data folder keeps them.
 */
import { stageFrom } from '#adapters/environment'
import type { Stage } from '#cli/stage/connect'
import type { CompiledMail } from '#core/template/compiled'
import type { Runtime } from '#local/runtime'
import { loadYear } from './load.ts'
import { liveYear, type YearOptions } from './year.ts'

const SEED = 2026
const PEOPLE = 300

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

/** Lives the sample year and loads it. Undefined when nothing is live yet. */
export async function addSampleYear(
  to: { runtime: Runtime; stage: Stage },
  onProgress: YearOptions['onProgress'],
): Promise<Lived | undefined> {
  const { runtime, stage } = to
  const live = await liveRelease(stage)
  if (live === undefined) return undefined
  const { sender, linkBaseUrl, postalAddress } = stageFrom(stage.environment)
  const year = await liveYear({
    ...live,
    seed: SEED,
    people: PEOPLE,
    now: runtime.clock.iso(),
    keys: stage.ports.keys,
    stage: { sender, linkBaseUrl, postalAddress, allowList: ['*'] },
    url: runtime.url,
    ...(onProgress && { onProgress }),
  })
  await loadYear(year, to)
  return { people: year.people.length, mails: year.mails.length }
}
