/**
 * How our own pages look: the part of `templates/brand.yaml` that they use, checked so that nothing but a
 * colour or a list of fonts can ever come into a page's style. What is not there, or is not such, keeps the
 * page's own. Mails read the whole file at publish (`core/template/prepare.ts`).
 */

const colours = ['ink', 'soft', 'accent', 'onAccent', 'tint', 'line', 'paper', 'desk'] as const
type Colour = (typeof colours)[number]

/** Colours by what they are for. */
export type Palette = Partial<Record<Colour, string>>

export interface Brand {
  day: Palette
  night: Palette
  font?: string
}

const isColour = (value: unknown): value is string =>
  typeof value === 'string' && /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(value)

const isFont = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w ,.'-]{1,300}$/.test(value) && value.split("'").length % 2 === 1

const paletteOf = (constants: Readonly<Record<string, unknown>>, part: string): Palette =>
  Object.fromEntries(
    colours.flatMap((name) => {
      const value = constants[`${part}.${name}`]
      return isColour(value) ? [[name, value]] : []
    }),
  )

/**
 * The brand of the constants of `brand.yaml`, nested keys joined by dots.
 * @example brandOf({ 'colour.ink': '#222', 'colour.desk': 'url(x)' }).day // { ink: '#222' }
 */
export function brandOf(constants: Readonly<Record<string, unknown>>): Brand {
  const { font } = constants
  return {
    day: paletteOf(constants, 'colour'),
    night: paletteOf(constants, 'night'),
    ...(isFont(font) && { font }),
  }
}
