/**
 * A journey as marketers write it in `journey.yaml`: who enters, what ends it, and its steps from top to
 * bottom. The schema is the whole grammar; what is parsed but not built yet is named by `notYet`, which
 * `npm run check` refuses. `core/program.ts` turns the nested steps into the flat list that is walked.
 */
import * as z from 'zod'
import { Condition } from './condition.ts'
import { Duration, TimeOfDay } from './time.ts'

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'use small letters, digits and hyphens, such as last-call')
const EventName = z.string().min(1).max(100)
const EventNames = z
  .union([EventName, z.array(EventName).min(1)])
  .transform((on) => (Array.isArray(on) ? on : [on]))

/** `day 1` … `day 31` of a month, or a weekday. */
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const OnDay = z.string().transform((text, context) => {
  const day = /^day ([1-9]|[12]\d|3[01])$/.exec(text)
  if (day) return { every: 'month' as const, day: Number(day[1]) }
  const weekday = weekdays.indexOf(text.toLowerCase() as (typeof weekdays)[number])
  if (weekday >= 0) return { every: 'week' as const, day: weekday + 1 }
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a day; write "day 1" (of a month) or a weekday such as monday`,
  })
  return z.NEVER
})

const fieldKey = z
  .string()
  .regex(
    /^(cart|order|product|event|customer)(\.[A-Za-z_][\w-]*)+$/,
    'name a field such as cart.id or event.properties.order_id',
  )

const entry = {
  if: Condition.optional(),
  rest: Duration.optional(),
}

const EnterOnEvent = z.strictObject({
  on: EventNames,
  ...entry,
  /** One run at a time for each value of this field. */
  key: fieldKey.optional(),
  /** Older news never enters. */
  freshFor: Duration.optional(),
})

const EnterOnDate = z.strictObject({
  /** A date of the profile that returns each year. */
  date: z.literal(['customer.birthday', 'customer.since']),
  at: TimeOfDay.default(9 * 60),
  ...entry,
})

const EnterOnSilence = z.strictObject({
  /** So long after her last order, once for each last order. */
  after: Duration,
  since: z.literal('customer.lastOrderAt'),
  at: TimeOfDay.default(9 * 60),
  ...entry,
})

const EnterOnPoints = z.strictObject({
  /** Each time her points come past another multiple of this; never twice for one. */
  points: z.number().int().min(1),
  ...entry,
})

const EnterOnRecurrence = z
  .strictObject({
    every: z.enum(['day', 'week', 'month']),
    on: OnDay.optional(),
    at: TimeOfDay.default(9 * 60),
    ...entry,
  })
  .refine((enter) => (enter.every === 'day' ? enter.on === undefined : enter.on?.every === enter.every), {
    path: ['on'],
    message: 'every: month wants "on: day 1"; every: week wants "on: monday"; every: day wants no "on"',
  })

const EnterOnSegment = z.strictObject({ segment: Name, ...entry })

const Enter = z.union(
  [EnterOnEvent, EnterOnDate, EnterOnRecurrence, EnterOnSilence, EnterOnPoints, EnterOnSegment],
  {
    error:
      'say how customers enter: "on: <event>", "date: customer.birthday", "every: month, on: day 1", "after: 90d, since: customer.lastOrderAt" or "points: 500"',
  },
)
export type Enter = z.infer<typeof Enter>

/** The entry by an event, or undefined when the journey is entered otherwise. */
export const entryByEvent = (enter: Enter) => ('every' in enter || !('on' in enter) ? undefined : enter)

const Exit = z
  .strictObject({ on: EventNames.optional(), if: Condition.optional() })
  .refine(
    (exit) => exit.on !== undefined || exit.if !== undefined,
    'an exit needs "on: <event>", "if: <condition>" or both',
  )
export type Exit = z.infer<typeof Exit>

const WaitFor = z.strictObject({
  for: z.strictObject({ on: EventNames, if: Condition.optional(), in: z.literal('this run').optional() }),
  upTo: Duration,
  /** When it happened, and when it did not in time. */
  happens: z.enum(['continue', 'exit']).default('continue'),
  else: z.enum(['continue', 'exit']).default('continue'),
})

const Wait = z.union(
  [
    Duration.transform((ms) => ({ ms })),
    z.strictObject({ quiet: Duration }),
    z.strictObject({ until: TimeOfDay }),
    WaitFor,
  ],
  {
    error:
      'write "wait: 1h", "wait: { quiet: 1h }", "wait: { until: 09:00 }" or "wait: { for: { on: <event> }, upTo: 1d }"',
  },
)
export type Wait = z.infer<typeof Wait>

export type Step =
  | { id?: string | undefined; wait: Wait }
  | {
      id?: string | undefined
      send: string
      offer?: string | undefined
      /** Another topic than the journey's. */
      topic?: string | undefined
      /** To the shop's own people instead of her: no consent, cap or quiet hours. */
      to?: 'shop' | undefined
    }
  | { id?: string | undefined; branch: { if?: Condition | undefined; steps: Step[] }[] }
  | { id?: string | undefined; test: string; arms: { name: string; share: number; steps: Step[] }[] }

const Steps: z.ZodType<Step[]> = z.lazy(() => z.array(Step).min(1))

const Step: z.ZodType<Step> = z.lazy(() =>
  z.union(
    [
      z.strictObject({ id: Name.optional(), wait: Wait }),
      z.strictObject({
        id: Name.optional(),
        send: Name,
        offer: Name.optional(),
        topic: Name.optional(),
        to: z.literal('shop').optional(),
      }),
      z.strictObject({
        id: Name.optional(),
        branch: z.array(z.strictObject({ if: Condition.optional(), steps: Steps })).min(1),
      }),
      z.strictObject({
        id: Name.optional(),
        test: Name,
        arms: z.array(z.strictObject({ name: Name, share: z.number().positive(), steps: Steps })).min(2),
      }),
    ],
    { error: 'a step is one of "wait", "send", "branch" or "test"' },
  ),
)

/** How long a planned mail may be held before it is too late. */
const Expires = z.union([z.literal('end of day'), Duration])

export const intents = ['service', 'checkout', 'cart', 'product', 'browse', 'loyalty', 'news'] as const
export type Intent = (typeof intents)[number]

/** Intents whose mails remind of something she began: settings may allow them without consent. */
export const reminderIntents: ReadonlySet<Intent> = new Set(['checkout', 'cart', 'product', 'browse'])

/** Intents whose mails may wait behind those a customer is waiting for. */
export const bulkIntents: ReadonlySet<Intent> = new Set(['loyalty', 'news'])

export const Journey = z.strictObject({
  name: z.string().min(1).max(100),
  intent: z.enum(intents),
  topic: Name,
  enter: Enter,
  exit: z.array(Exit).default([]),
  holdout: z.string().optional(),
  expires: Expires.optional(),
  steps: Steps,
})
export type Journey = z.infer<typeof Journey>

/** A part of the grammar that is written but not built: where it stands, and what it is called. */
export interface NotYet {
  path: (string | number)[]
  what: string
}

function notYetInSteps(steps: readonly Step[], path: (string | number)[]): NotYet[] {
  return steps.flatMap((step, index) => {
    const at = [...path, index]
    if ('test' in step) return [{ path: [...at, 'test'], what: 'test (an A/B test)' }]
    if ('branch' in step)
      return step.branch.flatMap((one, arm) => notYetInSteps(one.steps, [...at, 'branch', arm, 'steps']))
    if ('send' in step && step.offer !== undefined)
      return [{ path: [...at, 'offer'], what: 'offer (unique codes)' }]
    return []
  })
}

/** What of a journey is not available yet; `check` refuses it, so that it is never silently ignored. */
export function notYet(journey: Journey): NotYet[] {
  const found = notYetInSteps(journey.steps, ['steps'])
  if (journey.holdout !== undefined) found.unshift({ path: ['holdout'], what: 'holdout' })
  if ('segment' in journey.enter) found.unshift({ path: ['enter', 'segment'], what: 'segment' })
  return found
}

type Send = Extract<Step, { send: unknown }>

/** Every step that sends, in order. */
export const sendsOf = (steps: readonly Step[]): Send[] =>
  steps.flatMap((step): Send[] => {
    if ('send' in step) return [step]
    if ('branch' in step) return step.branch.flatMap((one) => sendsOf(one.steps))
    if ('test' in step) return step.arms.flatMap((arm) => sendsOf(arm.steps))
    return []
  })

/** The mails a journey sends, each once, in the order they are written. */
export const mailsOf = (steps: readonly Step[]): string[] => [
  ...new Set(sendsOf(steps).map(({ send }) => send)),
]

/** The mails that only the shop's own people get. */
export function mailsToShop(steps: readonly Step[]): ReadonlySet<string> {
  const sends = sendsOf(steps)
  const hers = new Set(sends.filter(({ to }) => to !== 'shop').map(({ send }) => send))
  return new Set(sends.map(({ send }) => send).filter((mail) => !hers.has(mail)))
}
