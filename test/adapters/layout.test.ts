/** The layout is the brand's: what `brand.yaml` says of looks comes from there in every mail, and from nowhere else. */
import { describe, expect, it } from 'vitest'
import { compileJourney } from '#adapters/mjml'
import { readTemplates } from '#adapters/templates'
import { journeyFolders } from '#core/check'
import type { Tree } from '#core/template/compiled'
import { readBrand } from '#core/template/prepare'

const { files } = await readTemplates(new URL('../../templates', import.meta.url).pathname)
const brand = files.find(({ file }) => file === 'brand.yaml') ?? { file: 'brand.yaml', text: '' }

/** A brand of which nothing is as it was: each colour a shade beside, other fonts, corners and places. */
function otherBrand(): string {
  return brand.text
    .replace(
      /(#[0-9a-f]{5})([0-9a-f])/g,
      (_, most, last) => most + (last === 'f' ? 'e' : (Number.parseInt(last, 16) + 1).toString(16)),
    )
    .replace(/^font: .*$/m, 'font: "Plainsong, sans-serif"')
    .replace(/^titleFont: .*$/m, 'titleFont: "Heading, serif"')
    .replace(/^( +(?:card|box|button|picture)): \d+px$/gm, '$1: 3px')
    .replace('image: ""', 'image: https://shop.example/logo.png')
    .replace('facebook: ""', 'facebook: https://facebook.example/us')
}

async function mailsWith(text: string) {
  const with_ = files.map((file) => (file === brand ? { ...brand, text } : file))
  const compiled = await Promise.all(
    journeyFolders(files).map(async (journey) => {
      const toShop = new Set(journey === 'after-order' ? ['unhappy'] : [])
      const { mails, problems } = await compileJourney(journey, with_, toShop)
      return { journey, mails, problems }
    }),
  )
  const problems = compiled.flatMap((one) => one.problems)
  const mails = compiled.flatMap(({ journey, mails: of }) =>
    Object.entries(of).map(([name, { html }]) => ({ name: `${journey}/${name}`, html: wordsOf(html) })),
  )
  return { problems, mails }
}

/** Without the colour that MJML itself gives to the line which nobody sees. */
const wordsOf = (tree: Tree): string => JSON.stringify(tree).replace('color:#ffffff;line-height:1px', '')

describe('another brand', () => {
  it('changes every mail, and leaves nothing of the one before', async () => {
    const before = Object.entries(readBrand(brand, []))
      .filter(([name]) => /^(colour|night|font|titleFont)/.test(name))
      .map(([, value]) => String(value))
    const { mails, problems } = await mailsWith(otherBrand())

    expect(problems).toEqual([])
    expect(mails).toHaveLength(14)
    for (const { name, html } of mails) {
      expect([name, before.filter((value) => html.toLowerCase().includes(value.toLowerCase()))]).toEqual([
        name,
        [],
      ])
      for (const value of [
        '#1f6b53',
        'Plainsong',
        'Heading',
        'border-radius:3px',
        'https://shop.example/logo.png',
      ])
        expect(name + (html.includes(value) ? '' : ` lacks ${value}`)).toBe(name)
    }
    expect(
      mails.filter(({ html }) => html.includes('facebook.example')).map(({ name }) => name),
    ).toHaveLength(13)
  })
})
