/**
 * The shop's settings as marketers write them in `templates/settings.yaml`: who the shop is, when mail may go
 * out and how much of it, what customers can unsubscribe from. They belong to a release and are read when a
 * mail is claimed, so a change reaches those who wait.
 */
import * as z from 'zod'
import { Currency } from './currency.ts'
import { richTextProblem } from './template/rich-text.ts'
import { Duration, isTimeZone, TimeOfDay } from './time.ts'

const TimeZone = z
  .string()
  .refine(isTimeZone, 'not a time zone; write one such as Asia/Dhaka or Europe/Berlin')
const Locale = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'not a locale; write one such as en or bn-BD')

/** A few tags and links, `core/template/rich-text.ts` says which. */
const RichText = z
  .string()
  .min(1)
  .max(1000)
  .check((context) => {
    const message = richTextProblem(context.value)
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value })
  })

const Topic = z.strictObject({
  /** The topic's name by locale, as the preferences page shows it. */
  name: z.record(Locale, z.string().min(1)),
  /** `service` mail answers something she did: no cap, no quiet hours, no marketing consent needed. */
  kind: z.enum(['marketing', 'service']).default('marketing'),
})

export const Settings = z.strictObject({
  shop: z.strictObject({
    name: z.string().min(1).max(100),
    url: z.url({ protocol: /^https?$/ }),
    cartUrl: z.url({ protocol: /^https?$/ }).optional(),
    logo: z.url({ protocol: /^https$/ }).optional(),
    /** The cart page that fills itself: `{items}` becomes `id:quantity,id:quantity`. */
    restoreUrl: z
      .url({ protocol: /^https?$/ })
      .refine((url) => decodeURIComponent(url).includes('{items}'), 'write {items} where the items go')
      .optional(),
    /**
     * Further hosts of the shop's, such as that of its pictures. What comes with the browser key leads to the shop
     * and these, and what lies below them; other web addresses are taken out of it.
     */
    hosts: z.array(z.hostname()).max(20).optional(),
    /** A word to everybody by locale, such as holidays; `{{{shop.notice}}}` shows it where a mail has it. */
    notice: z.record(Locale, RichText).optional(),
    /** Where the shop's people read mail: what a journey sends `to: shop`. */
    mailbox: z.email().optional(),
  }),
  currency: Currency,
  locale: Locale.default('en'),
  timeZone: TimeZone,
  quietHours: z.strictObject({ from: TimeOfDay, to: TimeOfDay }).prefault({ from: '21:00', to: '08:00' }),
  cap: z
    .strictObject({ mails: z.number().int().min(1).max(50), within: Duration })
    .prefault({ mails: 3, within: '7d' }),
  /** The cap of those who asked for fewer mails. */
  fewer: z
    .strictObject({ mails: z.number().int().min(1).max(50), within: Duration })
    .prefault({ mails: 1, within: '7d' }),
  topics: z.record(z.string(), Topic),
  /** A yes counts once she confirmed it by the link in a mail: `Consent Given` is kept as `Consent Requested`. */
  doubleOptIn: z.boolean().default(false),
  /** Mails to those who allowed it (a choice of its own) carry a pixel. */
  measureOpens: z.boolean().default(false),
  /** A new domain's first weeks: on its first day so many mails, each day so many times more. */
  warmUp: z
    .strictObject({
      from: z.iso.date(),
      mails: z.number().int().min(1).default(200),
      growth: z.number().min(1).max(10).default(1.5),
    })
    .optional(),
  /**
   * Reminders of a cart, and of what was looked at, to customers who never said yes or no. Check the law of
   * your country first.
   */
  remindersWithoutConsent: z.boolean().default(false),
  loyalty: z
    .strictObject({
      pointsPerUnit: z.number().min(0).max(1000).default(1),
      tiers: z.array(z.strictObject({ name: z.string().min(1), from: z.number().int().min(0) })).default([]),
    })
    .prefault({}),
  /** Journey → the gift its mail carries. */
  gifts: z
    .record(
      z.string(),
      z.strictObject({
        code: z.string().min(1).max(40),
        percent: z.number().min(0).max(100).optional(),
        /** Its last day, by the shop's clock, as YYYY-MM-DD: after it no mail carries the gift. */
        endsOn: z.iso.date('is no day; write one such as 2026-12-31').optional(),
      }),
    )
    .default({}),
})
export type Settings = z.infer<typeof Settings>
