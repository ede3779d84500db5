/**
 * What a mapping in the template asks of its stream, with Lambda's own defaults. What this runtime does otherwise
 * than Lambda is refused rather than passed over. The rules themselves: `batch.ts`, `stream-mapping.ts`.
 */
import { filterOf } from './pattern.ts'
import type { StackResource } from './stack.ts'
import type { StreamMappingSpec } from './stream-mapping.ts'

/** Settings whose only value here is the one a mapping has without them. */
const plain = {
  MaximumBatchingWindowInSeconds: 0,
  TumblingWindowInSeconds: 0,
  ParallelizationFactor: 1,
  StartingPosition: 'TRIM_HORIZON',
} as const

/** Whether the mapping's function says which records of a batch failed. */
export const reportsFailures = ({ properties }: Pick<StackResource, 'properties'>): boolean =>
  ((properties.FunctionResponseTypes ?? []) as string[]).includes('ReportBatchItemFailures')

/** Reads a mapping on a stream. Throws what, where and cure for what could not be tried here. */
export function streamSpecOf(mapping: Pick<StackResource, 'logicalId' | 'properties'>): StreamMappingSpec {
  const { logicalId, properties } = mapping
  for (const [name, only] of Object.entries(plain)) {
    if ((properties[name] ?? only) === only) continue
    throw new Error(
      `Mapping ${logicalId} sets ${name} to ${String(properties[name])}; the local runtime knows ${only} only. ` +
        'Take it out of infra/, or try the stack on AWS.',
    )
  }
  const maxAgeS = Number(properties.MaximumRecordAgeInSeconds ?? -1)
  return {
    batchSize: Number(properties.BatchSize ?? 100),
    filter: filterOf(properties.FilterCriteria),
    maxAgeMs: maxAgeS < 0 ? Number.POSITIVE_INFINITY : maxAgeS * 1000,
    rules: {
      reportsFailures: reportsFailures(mapping),
      bisects: properties.BisectBatchOnFunctionError === true,
      maxRetries: Number(properties.MaximumRetryAttempts ?? -1),
    },
  }
}
