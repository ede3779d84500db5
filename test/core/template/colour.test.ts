/** Colours as style sheets write them, and WCAG's contrast of two. */
import { expect, it } from 'vitest'
import { type Colour, colourOf, contrast } from '#core/template/colour'

it.each<[string, Colour | undefined]>([
  ['#fff', [255, 255, 255]],
  ['#1F6b52', [31, 107, 82]],
  [' Rebeccapurple ', [102, 51, 153]],
  ['rgb(1, 2, 3)', [1, 2, 3]],
  ['rgb(1 2 3)', [1, 2, 3]],
  ['rgba(1,2,3,1)', [1, 2, 3]],
  ['#123 !important', [17, 34, 51]],
  ['rgba(1,2,3,0.5)', undefined],
  ['#12345', undefined],
  ['inherit', undefined],
  ['var(--ink)', undefined],
  ['constructor', undefined],
])('%s', (written, colour) => {
  expect(colourOf(written)).toEqual(colour)
})

// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio; #767676 is the palest grey that passes on white.
it.each([
  ['#fff', '#000', 21],
  ['#000', '#fff', 21],
  ['#767676', '#ffffff', 4.54],
  ['#777777', '#ffffff', 4.48],
  ['#fff', '#fff', 1],
])('%s on %s is %d', (one, other, expected) => {
  const [first, second] = [colourOf(one), colourOf(other)] as [Colour, Colour]

  expect(contrast(first, second)).toBeCloseTo(expected, 2)
})
