/**
 * How a function follows a table's stream: batches of 100, in order, filtered before it is invoked. A batch
 * that keeps failing is halved, retried for six hours, then put whole into the bucket for failed batches.
 */
import { Duration } from 'aws-cdk-lib'
import type { ITable, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { FilterCriteria, type IEventSourceDlq, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { acknowledge } from './acknowledge.ts'
import type { StepFunction } from './step.ts'

/** What a function wants of a table's stream; a record passes when it fits this pattern. */
export type Following = { table: TableV2; pattern: Record<string, unknown>; failures: Bucket }

/** Invokes the step with the new images of a table's stream that fit the pattern. */
export function follow(step: StepFunction, { table, pattern, failures }: Following): void {
  step.handler.addEventSource(
    // The library declares its optional stream ARN in two ways that exactOptionalPropertyTypes tells apart.
    new DynamoEventSource(table as ITable, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      parallelizationFactor: 1,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      maxRecordAge: Duration.hours(6),
      filters: [FilterCriteria.filter(pattern)],
      onFailure: intoBucket(step, failures),
    }),
  )
}

/** The library's own S3 destination grants every read and write; Lambda needs these two. */
function intoBucket(step: StepFunction, bucket: Bucket): IEventSourceDlq {
  return {
    bind: () => {
      step.handler.addToRolePolicy(
        new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] }),
      )
      step.handler.addToRolePolicy(
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
      )
      acknowledge(step, {
        'AwsSolutions-IAM5[Resource::<FailedBatches.Arn>/*]':
          'Lambda names each failed batch by time and id, under any key of this one bucket.',
      })
      return { destination: bucket.bucketArn }
    },
  }
}
