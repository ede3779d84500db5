/**
 * Accepts findings of cdk-nag where they arise, each with its reason. A finding that is not acknowledged
 * fails the tests and the synthesis of dev and prod. The checks are switched on in `infra/app.ts`.
 */
import { Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Acknowledges findings, by rule or by `rule[finding]`, on this construct and what is inside it. */
export function acknowledge(construct: IConstruct, reasons: Record<string, string>): void {
  for (const [id, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id, reason })
  }
}
