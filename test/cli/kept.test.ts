/** Compiled journeys that are kept: what was kept is what was compiled, and only of the very same texts. */

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { buildDraft } from '#cli/stage/draft'
import { keep, kept, markOf } from '#cli/stage/kept'

const journey = `a-test-${randomUUID()}`
const file = resolve(import.meta.dirname, '../../.cache/mails', `${journey}.json`)

afterAll(() => rm(file, { force: true }))

it('gives back what was kept of the same texts, and of no others', async () => {
  const { parts } = await buildDraft('templates', new Map(), 'welcome')
  const mark = await markOf('one text')

  const before = await kept(journey, mark)
  await keep(journey, mark, parts.mails)

  expect(before).toBeUndefined()
  expect(await kept(journey, mark)).toEqual(parts.mails)
  expect(await kept(journey, await markOf('another text'))).toBeUndefined()
  expect(parts.mails.welcome).toBeDefined()
})
