/**
 * What may be asked of the fault switch over HTTP: one fault for the next calls it fits, or a mix by chance. All that
 * makes no sense is refused with a sentence that says how it is written.
 */
import { canMeet, type FaultKind, faultKinds, functionFaults, placeOf, pollActions } from './fault.ts'
import { type Mix, readMix } from './fault-mix.ts'
import type { Fault } from './faults.ts'

const MAX_TIMES = 10_000

export type FaultRequest = { mix: Mix | undefined } | { fault: Omit<Fault, 'left'>; times: number }

/** Reads a request. Throws an Error whose message is for the caller. */
export function readFaultRequest(body: Record<string, unknown>): FaultRequest {
  if ('mix' in body) return { mix: body.mix === null ? undefined : readMix(body.mix) }
  const { service, action, fault, times = 1, skip, committed } = body
  if (typeof service !== 'string' || typeof action !== 'string')
    throw new Error('Name the call: {"service":"ses","action":"SendEmail","fault":"500","times":3}.')
  const kind = faultKinds.find((known) => known === fault)
  if (kind === undefined)
    throw new Error(`"fault" is ${JSON.stringify(fault)}; it must be one of ${faultKinds.join(', ')}.`)
  if (!fitsSomewhere(kind, { service, action }))
    throw new Error(`"${kind}" cannot befall ${service} ${action}: it is for ${placesOf(kind, service)}.`)
  wholeNumber('times', times, 1)
  if (skip !== undefined) wholeNumber('skip', skip, 0)
  return {
    fault: {
      service,
      action,
      fault: kind,
      ...(skip === undefined ? {} : { skip: Number(skip) }),
      ...(typeof committed === 'boolean' ? { committed } : {}),
    },
    times: Number(times),
  }
}

function fitsSomewhere(fault: FaultKind, named: { service: string; action: string }): boolean {
  if (named.action !== '*' || named.service === 'lambda') return canMeet(fault, named)
  const some = ['PutItem', 'Query', 'SendMessage', ...Object.values(pollActions)]
  return some.some((action) => canMeet(fault, { service: named.service, action }))
}

const placesOf = (fault: FaultKind, service: string): string =>
  service === 'lambda' && !functionFaults.has(fault) ? 'calls, and a function can only end' : placeOf(fault)

function wholeNumber(name: string, given: unknown, least: number): void {
  if (Number.isInteger(given) && Number(given) >= least && Number(given) <= MAX_TIMES) return
  throw new Error(
    `"${name}" is ${JSON.stringify(given)}; it must be a whole number from ${least} to ${MAX_TIMES}.`,
  )
}
