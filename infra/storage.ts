/**
 * What must outlive every deployment: the tables, the secrets, and the bucket for batches that failed.
 * In prod the tables and secrets are retained, the tables also protected from deletion; in local and dev they
 * go with the stack. The bucket stays in every stage. Names and keys come from `adapters/shape.ts`.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { indexes, secrets, tables } from '#adapters/shape'
import { acknowledge } from './acknowledge.ts'
import { nameLogically } from './logical.ts'
import type { Stage } from './stage.ts'

const text = (name: string) => ({ name, type: AttributeType.STRING })

/**
 * One table: on demand, encrypted, restorable to any second of the last 35 days, a stream of new images and
 * keys-only indexes where `adapters/shape.ts` says so. Retained and undeletable in prod.
 */
export function createTable(scope: Construct, name: keyof typeof tables, stage: Stage): TableV2 {
  const shape: { id: string; partition: string; sort?: string; stream: boolean; ttl?: string } = tables[name]
  const table = new TableV2(scope, shape.id, {
    partitionKey: text(shape.partition),
    ...(shape.sort ? { sortKey: text(shape.sort) } : {}),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...(shape.stream ? { dynamoStream: StreamViewType.NEW_IMAGE } : {}),
    ...(shape.ttl ? { timeToLiveAttribute: shape.ttl } : {}),
    globalSecondaryIndexes: Object.values(indexes)
      .filter((index) => index.table === name)
      .map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partition),
        sortKey: text(index.sort),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
    deletionProtection: stage.name === 'prod',
    removalPolicy: keptInProd(stage),
  })
  nameLogically(table, shape.id)
  return table
}

/** The secrets: `address` is a plain string, `links` a JSON object that starts with key "1". */
export function createSecret(scope: Construct, name: keyof typeof secrets, stage: Stage): Secret {
  const { id } = secrets[name]
  const plain = { passwordLength: 64, excludePunctuation: true }
  const secret = new Secret(scope, id, {
    description:
      name === 'address' ? 'Keys the hash of inboxes; never rotate it' : 'Sign links: version to key',
    generateSecretString:
      name === 'address' ? plain : { ...plain, secretStringTemplate: '{}', generateStringKey: '1' },
    removalPolicy: keptInProd(stage),
  })
  nameLogically(secret, id)
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      name === 'address'
        ? 'Every suppression is stored under a hash with this key: a rotation would forget who unsubscribed.'
        : 'A new version is added by hand when wanted; links in sent mails must verify under old versions for ever.',
  })
  return secret
}

/** Where stream batches go that could not be processed; kept 90 days, private, and never deleted with the stack. */
export function createFailedBatches(scope: Construct): Bucket {
  const bucket = new Bucket(scope, 'FailedBatches', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(90) }],
    // CloudFormation cannot delete a bucket that holds something, and what it holds is unprocessed.
    removalPolicy: RemovalPolicy.RETAIN,
  })
  nameLogically(bucket, 'FailedBatches')
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'Only Lambda writes here, and only after a failure; access logs would need a second bucket.',
  })
  return bucket
}

function keptInProd(stage: Stage): RemovalPolicy {
  return stage.name === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
}
