/**
 * The mails of a folder as they are being written: each is compiled when it is looked at, and again once a file
 * was saved. While what was saved last makes no mail, the last good one is kept. Read `server.ts` next.
 */
import { type Built, buildDraft, type Compiled } from '#cli/stage/draft'
import { draftOf } from '#core/draft'
import type { Finding } from '#core/finding'
import { mailsOf } from '#core/journey'
import type { Settings } from '#core/settings'
import type { CompiledMail } from '#core/template/compiled'
import { type Chosen, chooseMail } from '#flow/send-test'

/** A mail that can be rendered. */
export interface Made {
  chosen: Chosen
  compiled: CompiledMail
  settings: Settings
}

export interface Look {
  /** The mail, or the last good one of it; undefined: it never was any. */
  made: Made | undefined
  /** Whether `made` is what the files say now. */
  isCurrent: boolean
  /** What is wrong with the files it is made of. */
  findings: (Finding & { excerpt: string })[]
}

export class Workshop {
  readonly folder: string
  private readonly compiled: Compiled = new Map()
  private readonly built = new Map<string, Promise<Built>>()
  private readonly good = new Map<string, Made>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** What was read of the files is out of date. */
  forget(): void {
    this.built.clear()
  }

  /** All mails there are, as `<journey>/<mail>`; those that were good once stay. */
  async mails(): Promise<string[]> {
    const { parts } = await this.build('')
    const there = Object.entries(parts.journeys).flatMap(([id, { steps }]) =>
      mailsOf(steps).map((mail) => `${id}/${mail}`),
    )
    return [...new Set([...there, ...this.good.keys()])].sort()
  }

  /** One mail, `<journey>/<mail>`. */
  async look(name: string): Promise<Look> {
    const [journey = ''] = name.split('/')
    const built = await this.build(journey)
    const findings = findingsOf(built, journey)
    const now = madeOf(built, name)
    if (now !== undefined) this.good.set(name, now)
    const made = now ?? this.good.get(name)
    return { made, isCurrent: now !== undefined, findings }
  }

  private build(journey: string): Promise<Built> {
    const known = this.built.get(journey)
    if (known !== undefined) return known
    const building = buildDraft(this.folder, this.compiled, journey)
    this.built.set(journey, building)
    return building
  }
}

function madeOf({ parts }: Built, name: string): Made | undefined {
  const { settings, journeys, mails } = parts
  const [id = '', mail = ''] = name.split('/')
  const journey = journeys[id]
  const compiled = mails[id]?.[mail]
  if (settings === undefined || journey === undefined || compiled === undefined) return undefined
  const chosen = chooseMail(draftOf({ settings, journeys: { [id]: journey }, mails }), name)
  return chosen.kind === 'chosen' ? { chosen, compiled, settings } : undefined
}

/** Findings in the journey's folder, in the layout, and in the files above them; others are another mail's. */
function findingsOf({ findings, files }: Built, journey: string): Look['findings'] {
  const isOurs = ({ file }: Finding) =>
    !file.includes('/') || file.startsWith(`${journey}/`) || file.startsWith('layout/')
  return findings.filter(isOurs).map((finding) => {
    const text = files.find(({ file }) => file === finding.file)?.text
    return { ...finding, excerpt: text?.split('\n')[finding.line - 1] ?? '' }
  })
}
