/** Mistakes in rights: what IAM refuses, or takes and then allows nothing by. */
import { arn, gone, type Row } from './row.ts'

export const rights: Row[] = [
  [
    'lint right-action',
    'DecideRoleDefaultPolicy',
    'PolicyDocument.Statement.?dynamodb:Query.Action',
    'dynamodb:TransactWriteItems',
    'the action that transactions do not have',
  ],
  [
    'lint right-action',
    'DeliverRoleDefaultPolicy',
    'PolicyDocument.Statement.?dynamodb:PutItem.Action',
    'dynamodb:PutItems',
    'a misspelt action',
  ],
  [
    'lint right-action',
    'DeliverRoleDefaultPolicy',
    'PolicyDocument.Statement.?ses:SendEmail.Action',
    'sesv2:SendEmail',
    'an action of the old API',
  ],
  [
    'lint right-resource',
    'DeliverRoleDefaultPolicy',
    'PolicyDocument.Statement.?ses:GetAccount.Resource',
    arn('EmailIdentity'),
    'the quota of one identity',
  ],
  [
    'lint right-condition',
    'DeliverRoleDefaultPolicy',
    'PolicyDocument.Statement.?ses:SendEmail.Condition.StringEquals',
    { 'ses:From': 'x@shop.example' },
    'a condition that never holds',
  ],
  [
    'lint right-trust',
    'WakeRole',
    'AssumeRolePolicyDocument.Statement.0.Principal.Service',
    'ec2.amazonaws.com',
    'a role that Lambda cannot assume',
  ],
  [
    'aws E3510',
    'DecideRoleDefaultPolicy',
    'PolicyDocument.Statement.0.Effect',
    'Permit',
    'an effect there is not',
  ],
  ['aws F3003', 'DeliverRoleDefaultPolicy', 'PolicyDocument', gone, 'a policy without statements'],
  ['aws F1020', 'DecideRoleDefaultPolicy', 'Roles', [{ Ref: 'DecidesRole' }], 'a policy on no role'],
  [
    'aws E3510',
    'DeliverRoleDefaultPolicy',
    'PolicyDocument.Version',
    '2026-01-01',
    'a policy of a version there is not',
  ],
]
