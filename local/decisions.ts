/**
 * Reads what functions print: JSON lines with `event: "decision"` are counted by outcome and passed on in the form
 * `npm start --json` prints; everything is passed on as it came.
 */
import type { Outcomes } from './travel.ts'

export type Decision = {
  event: 'decision'
  at: string
  customerId: string | null
  journey: string | null
  step: string | null
  outcome: string
  reason: unknown
}

/** A line a function printed. `json` when it was a JSON object. */
export type FunctionLine = {
  step: string
  stream: 'stdout' | 'stderr'
  text: string
  json: Record<string, unknown> | undefined
}

export class Decisions {
  readonly outcomes: Outcomes = { sent: 0, skipped: 0, held: 0 }
  private readonly onLine: (line: FunctionLine) => void
  private readonly onDecision: (decision: Decision) => void

  constructor(listeners: { onLine: (line: FunctionLine) => void; onDecision: (decision: Decision) => void }) {
    this.onLine = listeners.onLine
    this.onDecision = listeners.onDecision
  }

  take(text: string, from: { step: string; stream: 'stdout' | 'stderr' }): void {
    const json = objectOf(text)
    this.onLine({ ...from, text, json })
    if (json?.event !== 'decision') return
    const decision = readDecision(json)
    if (decision.outcome === 'sent') this.outcomes.sent++
    if (decision.outcome === 'skipped') this.outcomes.skipped++
    if (decision.outcome === 'held') this.outcomes.held++
    this.onDecision(decision)
  }
}

function readDecision(json: Record<string, unknown>): Decision {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    event: 'decision',
    at: String(json.at),
    customerId: text(json.customerId),
    journey: text(json.journey),
    step: text(json.journeyStep),
    outcome: String(json.outcome),
    reason: json.reason ?? null,
  }
}

function objectOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
