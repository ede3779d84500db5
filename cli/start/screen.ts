/**
 * What `npm start` shows: to a person (words on stderr, a line a decision on stdout) or to a program (`--json`:
 * one JSON object a line on stdout, nothing else there). `cli/start/words.ts` is the person's, this file says
 * what there is to show.
 */

import type { WriteKeys } from '#cli/stage/keys'
import { print, say } from '#cli/terminal/style'
import type { Changes } from '#core/draft'
import type { Finding } from '#core/finding'
import type { SourceFile } from '#core/template/problem'
import type { Published } from '#flow/publish'
import type { Decision } from '#local/decisions'

export interface Ready {
  url: string
  keys: WriteKeys
  /** Null: nothing could be published yet. */
  release: number | null
  now: string
  dataDir: string
  resumed: boolean
  samples: number
}

/** Where findings come from, and whether a release is live in spite of them. */
export interface Problems {
  files: readonly SourceFile[]
  folder: string
  isLive: boolean
}

export interface Screen {
  /** Does something that takes a moment, and says how long it took. `label` is asked when it is done. */
  step<T>(label: string | ((result: T) => string), act: () => Promise<T>): Promise<T>
  /** How far a step is, from 0 to 1, in one line that the next one replaces. */
  progress(part: number, words: string): void
  ready(ready: Ready): void
  decision(decision: Decision): void
  published(published: Extract<Published, { kind: 'published' }>): void
  problems(findings: readonly Finding[], from: Problems): void
  note(text: string): void
  stopping(): void
}

const event = (name: string, body: object): void => print(JSON.stringify({ event: name, ...body }))

/** JSON lines for programs. */
export const jsonScreen = (): Screen => ({
  step: async (_label, act) => act(),
  progress: () => {},
  ready: ({ url, keys, release }) => event('ready', { url, keys, release }),
  decision: (decision) => print(JSON.stringify(decision)),
  published: ({ release, previous, changes, woken }) =>
    event('release', { release, previous: previous ?? null, changes: changes satisfies Changes, woken }),
  problems: (findings) => {
    for (const finding of findings) event('problem', finding)
  },
  note: say,
  stopping: () => {},
})
