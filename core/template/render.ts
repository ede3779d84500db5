/**
 * Renders a compiled mail for one customer: a plain walk over data, without MJML, template compiler or eval.
 * Preview, test send and real send are this function. It never throws for what a customer's data holds.
 */
import type { View } from '#core/view'
import type { CompiledMail } from './compiled.ts'

export interface RenderOptions {
  /** BCP 47; the strings are picked by exact locale, then language, then the mail's fallback. */
  locale: string
  /** Rewrites a link to a page of the shop (http, https). Called once a distinct URL; `links.*` are left alone. */
  link?: (url: string) => string
}

export interface RenderedMail {
  subject: string
  html: string
  text: string
}

export function renderMail(compiled: CompiledMail, view: View, options: RenderOptions): RenderedMail {
  throw new Error('not built yet')
}

/** The fields the mail cannot do without that this view lacks. */
export function missingFrom(compiled: CompiledMail, view: View): string[] {
  throw new Error('not built yet')
}
