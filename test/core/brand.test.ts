/** What of `brand.yaml` reaches our own pages: colours and fonts, and nothing that only looks like them. */
import { describe, expect, it } from 'vitest'
import { brandOf } from '#core/brand'

describe('the brand of our pages', () => {
  it('takes colours by day and by night, and the font', () => {
    const font = "-apple-system, 'Segoe UI', sans-serif"

    const brand = brandOf({ 'colour.ink': '#22252b', 'night.ink': '#fff', font, 'colour.other': '#000000' })

    expect(brand).toEqual({ day: { ink: '#22252b' }, night: { ink: '#fff' }, font })
  })

  it.each([
    'red;}body{display:none',
    'url(https://evil.example/x)',
    '#12345',
    '#fff</style><script>',
    12,
    undefined,
    null,
  ])('leaves out what is no colour: %s', (ink) => {
    expect(brandOf({ 'colour.ink': ink }).day).toEqual({})
  })

  it.each(["x'; }", 'a;b', 'url(x)', "'Segoe UI", '</style>', 'x'.repeat(400)])(
    'leaves out what is no font: %s',
    (font) => {
      expect(brandOf({ font }).font).toBeUndefined()
    },
  )
})
