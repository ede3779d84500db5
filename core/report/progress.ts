/**
 * How far the count of the report has come. A count of much mail may take longer than a function may run: it is
 * laid down with what was counted so far and the place to go on from, in one row, so that nothing is counted
 * twice. `flow/report.ts` takes it up again in the next hour.
 */
import * as z from 'zod'
import { Instant } from '#core/time'
import { Counted } from './day.ts'
import { ShopFigures } from './shop.ts'

export const Progress = z.object({
  /** Every journey that was ever live, and the last release that was looked at for them. */
  journeys: z.array(z.string()),
  release: z.number(),
  /** When the last whole round of counting began. */
  roundAt: Instant.optional(),
  /** A round that is under way: the first of `left` is being counted, from `after` on. */
  round: z
    .object({
      at: Instant,
      left: z.array(z.string()),
      counted: Counted,
      after: z.string().optional(),
    })
    .optional(),
  /** The shop's figures, last and under way. */
  shop: ShopFigures.optional(),
  walk: z.object({ figures: ShopFigures, after: z.string().optional() }).optional(),
})
export type Progress = z.infer<typeof Progress>
