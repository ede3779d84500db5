/** The editors' schemas on disk are those the code would write. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { schemaFiles } from '#cli/schema'

it.each(Object.entries(schemaFiles()))('%s is current (else: npm run schema)', async (file, text) => {
  const written = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')

  expect(JSON.parse(written)).toEqual(JSON.parse(text))
})
