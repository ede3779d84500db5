/**
 * The documented rules of a Lambda mapping on a DynamoDB stream, each with what it comes to for a mapping's
 * settings, records and answers. Records are letters. Where: the page of AWS's Lambda guide that states the rule.
 */
import type { Outcome } from '#local/environment'
import { failing, ok, thrown } from '../local/fixture/mapping.ts'

export interface MappingRule {
  rule: string
  where:
    | 'services-ddb-params'
    | 'services-ddb-batchfailurereporting'
    | 'services-dynamodb-errors'
    | 'with-ddb'
    | 'with-ddb-filtering'
  /** Of the mapping, as CloudFormation writes them. */
  settings: Record<string, unknown>
  records: string
  /** Put into each record. */
  more?: object
  /** What the function answers to a batch; `nth`: which invocation it is, from 0. */
  answer: (batch: string, nth: number) => Outcome
  /** How long the clock goes on, in steps of a minute. One hour by default. */
  forMs?: number
  /** Batches as they are invoked; records given up, with the reason; how far the stream was acknowledged. */
  invoked: string[]
  givenUp?: [records: string, condition: string][]
  acknowledged: string
}

const hourMs = 3_600_000
const reports = { FunctionResponseTypes: ['ReportBatchItemFailures'] }
const poisoned = (batch: string): Outcome => (batch.includes('X') ? thrown : ok)
const once =
  (answer: Outcome) =>
  (_: string, nth: number): Outcome =>
    nth === 0 ? answer : ok
const value = (of: unknown): Outcome => ({ ok: true, value: of })

/** Answers of a function that reports failures, and whether Lambda takes the batch for done. */
const answers: [what: string, answer: Outcome, isDone: boolean][] = [
  ['an empty list', value({ batchItemFailures: [] }), true],
  ['a null list', value({ batchItemFailures: null }), true],
  ['an empty answer', value({}), true],
  ['a null answer', value(null), true],
  ['an empty identifier', value({ batchItemFailures: [{ itemIdentifier: '' }] }), false],
  ['a null identifier', value({ batchItemFailures: [{ itemIdentifier: null }] }), false],
  ['another name for the identifier', value({ batchItemFailures: [{ id: '0' }] }), false],
  ['an identifier that is not of the batch', value({ batchItemFailures: [{ itemIdentifier: '77' }] }), false],
]

export const mappingRules: MappingRule[] = [
  {
    rule: 'A batch holds at most `BatchSize` records, in the order of the stream.',
    where: 'with-ddb',
    settings: { BatchSize: 2 },
    records: 'abcde',
    answer: () => ok,
    invoked: ['ab', 'cd', 'e'],
    acknowledged: 'e',
  },
  {
    rule: 'Without `BatchSize` it is 100.',
    where: 'services-ddb-params',
    settings: {},
    records: 'a'.repeat(150),
    answer: () => ok,
    invoked: ['a'.repeat(100), 'a'.repeat(50)],
    acknowledged: 'a',
  },
  {
    rule: 'Without a window, a batch that is not full is not waited for.',
    where: 'with-ddb',
    settings: { MaximumBatchingWindowInSeconds: 0 },
    records: 'a',
    answer: () => ok,
    forMs: 0,
    invoked: ['a'],
    acknowledged: 'a',
  },
  {
    rule: 'A batch is at most 6 MB, however many records it might hold.',
    where: 'with-ddb',
    settings: {},
    records: 'abcde',
    more: { eventSource: 'x'.repeat(2.5 * 1024 * 1024) },
    answer: () => ok,
    invoked: ['ab', 'cd', 'e'],
    acknowledged: 'e',
  },
  {
    rule: 'The next batch waits until the one before it is done or given up.',
    where: 'services-dynamodb-errors',
    settings: { BatchSize: 2 },
    records: 'abcd',
    answer: once(thrown),
    invoked: ['ab', 'ab', 'cd'],
    acknowledged: 'd',
  },
  {
    rule: 'What no filter wants is done without an invocation; filters are alternatives.',
    where: 'with-ddb-filtering',
    settings: {
      FilterCriteria: {
        Filters: ['a', 'd'].map((name) => ({
          Pattern: JSON.stringify({ dynamodb: { Keys: { name: [name] } } }),
        })),
      },
    },
    records: 'abcde',
    answer: () => ok,
    invoked: ['ad'],
    acknowledged: 'e',
  },
  {
    rule: 'What the function says of single records is not heard unless the mapping asks for it.',
    where: 'services-ddb-batchfailurereporting',
    settings: {},
    records: 'abc',
    answer: once(failing(1)),
    invoked: ['abc'],
    acknowledged: 'c',
  },
  {
    rule: 'Of several records that failed the first counts: it and all behind it are retried, also those that were done.',
    where: 'services-ddb-batchfailurereporting',
    settings: reports,
    records: 'abcd',
    answer: once(failing(3, 1)),
    invoked: ['abcd', 'bcd'],
    acknowledged: 'd',
  },
  ...answers.map(
    ([what, answer, isDone]): MappingRule => ({
      rule: `A function that reports failures answers with ${what}: the batch ${isDone ? 'is done' : 'failed whole'}.`,
      where: 'services-ddb-batchfailurereporting',
      settings: reports,
      records: 'ab',
      answer: once(answer),
      invoked: isDone ? ['ab'] : ['ab', 'ab'],
      acknowledged: 'b',
    }),
  ),
  {
    rule: 'A batch that failed is cut in two, and each half is tried, the first one first.',
    where: 'services-dynamodb-errors',
    settings: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 },
    records: 'abXd',
    answer: poisoned,
    invoked: ['abXd', 'ab', 'Xd', 'X', 'd'],
    givenUp: [['X', 'RetryAttemptsExhausted']],
    acknowledged: 'd',
  },
  {
    rule: 'Cutting uses up no retries.',
    where: 'services-dynamodb-errors',
    settings: { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 },
    records: 'aX',
    answer: poisoned,
    invoked: ['aX', 'a', 'X', 'X'],
    givenUp: [['X', 'RetryAttemptsExhausted']],
    acknowledged: 'X',
  },
  {
    rule: 'Where failures are reported and batches are cut, the cut is before the record that failed.',
    where: 'services-ddb-batchfailurereporting',
    settings: { ...reports, BisectBatchOnFunctionError: true },
    records: 'abcd',
    answer: once(failing(2)),
    invoked: ['abcd', 'cd'],
    acknowledged: 'd',
  },
  {
    rule: 'A batch is given up after `MaximumRetryAttempts` tries beyond the first, and the stream goes on.',
    where: 'services-dynamodb-errors',
    settings: { BatchSize: 1, MaximumRetryAttempts: 2 },
    records: 'Xb',
    answer: poisoned,
    invoked: ['X', 'X', 'X', 'b'],
    givenUp: [['X', 'RetryAttemptsExhausted']],
    acknowledged: 'b',
  },
  {
    rule: 'With 0 of them it is given up at once.',
    where: 'services-ddb-params',
    settings: { MaximumRetryAttempts: 0 },
    records: 'aX',
    answer: poisoned,
    invoked: ['aX'],
    givenUp: [['aX', 'RetryAttemptsExhausted']],
    acknowledged: 'X',
  },
  {
    rule: 'Without a limit it is tried until the record leaves the stream, after a day.',
    where: 'services-ddb-params',
    settings: {},
    records: 'X',
    answer: poisoned,
    forMs: 25 * hourMs,
    invoked: ['X', '…'],
    givenUp: [['X', 'RecordAgeExceeded']],
    acknowledged: 'X',
  },
  {
    rule: 'A record older than `MaximumRecordAgeInSeconds` is given up, whatever retries are left.',
    where: 'services-ddb-params',
    settings: { MaximumRecordAgeInSeconds: 90 },
    records: 'X',
    answer: poisoned,
    invoked: ['X', '…'],
    givenUp: [['X', 'RecordAgeExceeded']],
    acknowledged: 'X',
  },
]
