/**
 * Every check before a deployment sees what it is there for: mistakes are planted in the synthesized template one
 * by one, and the check that is named for each must turn red where it was planted, while none of them cries on the
 * template as it is. AWS's rules are asked about many mistakes at once, each on a resource of its own, because
 * they take a third of a second; `npm run proofs` plants one at a time.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { ruleNames } from '#infra/lint/lint'
import { type Mistake, mistakes } from './mistakes/mistakes.ts'
import { lintRed, namesOf, openAwsRules, planted, type Red } from './rules.ts'
import { type Template, templateOf } from './template.ts'

const of = (engine: string) => mistakes.filter(({ check }) => check.startsWith(`${engine} `))

/** Groups in which no two mistakes are on one resource. */
function apart(all: readonly Mistake[]): Mistake[][] {
  const groups: Mistake[][] = []
  for (const mistake of all) {
    const free = groups.find((group) => group.every(({ on }) => on !== mistake.on))
    if (free) free.push(mistake)
    else groups.push([mistake])
  }
  return groups
}

let template: Template
let awsRed: Red

beforeAll(async () => {
  template = await templateOf('prod', { alarmEmail: 'ops@shop.example' })
  awsRed = openAwsRules()
}, 120_000)

describe('the template as it is', () => {
  it('makes no check cry', async () => {
    expect([...(await lintRed(template)), ...(await awsRed(template))]).toEqual([])
  })
})

describe('a planted mistake', () => {
  it('is one of at least sixty, none twice', () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(60)
    expect(new Set(mistakes.map(({ about }) => about)).size).toBe(mistakes.length)
  })

  it('is planted for every rule of the lint', () => {
    const sought = new Set(of('lint').map(({ check }) => check.slice('lint '.length)))

    expect(ruleNames.filter((name) => !sought.has(name))).toEqual([])
  })

  it.each(of('lint'))('$about: $check', async (mistake) => {
    const { bad } = planted(template, [mistake])

    expect(namesOf(await lintRed(bad))).toContain(mistake.check)
  })

  it.each(apart(of('aws')).map((group) => ({ group, about: group.map((one) => one.about).join(' · ') })))(
    '$about',
    async ({ group }) => {
      const { bad, where } = planted(template, group)

      expect(await awsRed(bad)).toEqual(expect.arrayContaining(where))
    },
  )
})
