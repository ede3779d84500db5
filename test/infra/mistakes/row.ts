/**
 * A mistake as a row: one edit of the synthesized template, and the check that must turn red: `lint` with a rule
 * of `infra/lint/`, or `aws` with a rule of AWS's own validator.
 */

/** What must be red · the beginning of a resource's id · where (`/`: not in its properties) · what to put there. */
export type Row = [check: string, on: string, at: string, to: unknown, about: string]

/** Put there, it takes out what is. */
export const gone = undefined

export const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] })
