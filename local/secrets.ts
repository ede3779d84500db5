/**
 * Secrets Manager: a secret of the stack is generated once, as its template asks, and kept in the data folder
 * ever after (losing the address key would lose every suppression).
 */
import { randomInt, randomUUID } from 'node:crypto'
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  type AwsService,
  jsonAnswer,
  jsonBody,
  jsonFailure,
  targetAction,
} from './aws.ts'
import type { Need } from './iam.ts'
import type { Stack, StackResource } from './stack.ts'
import type { Store, StoreTable } from './store.ts'

type Generation = {
  SecretStringTemplate?: string
  GenerateStringKey?: string
  PasswordLength?: number
  ExcludeCharacters?: string
  ExcludeLowercase?: boolean
  ExcludeUppercase?: boolean
  ExcludeNumbers?: boolean
  ExcludePunctuation?: boolean
  IncludeSpace?: boolean
}

export class SecretsService implements AwsService {
  readonly name = 'secretsmanager'
  private readonly secrets: StackResource[]
  private readonly values: StoreTable<string>

  constructor(stack: Stack, store: Store) {
    this.secrets = stack.resources('AWS::SecretsManager::Secret')
    this.values = store.table('secret')
    for (const secret of this.secrets) {
      if (this.values.get(secret.logicalId) === undefined)
        this.values.set(secret.logicalId, firstValue(secret))
    }
  }

  actionOf(call: Pick<AwsCall, 'headers'>): string {
    return targetAction(call.headers)
  }

  parse(call: Pick<AwsCall, 'body'>): Record<string, unknown> {
    return jsonBody(call.body)
  }

  needs(call: AwsCall): Need[] {
    const secret = this.find(call.input.SecretId)
    return [{ action: `secretsmanager:${call.action}`, resource: secret?.ref ?? String(call.input.SecretId) }]
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    const secret = this.find(call.input.SecretId)
    if (secret === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    }
    const about = { ARN: secret.ref, Name: nameOf(secret), VersionId: randomUUID() }
    switch (call.action) {
      case 'GetSecretValue':
        return jsonAnswer(
          { ...about, SecretString: this.values.get(secret.logicalId), VersionStages: ['AWSCURRENT'] },
          '1.1',
        )
      case 'PutSecretValue':
        this.values.set(secret.logicalId, String(call.input.SecretString))
        return jsonAnswer({ ...about, VersionStages: ['AWSCURRENT'] }, '1.1')
      case 'DescribeSecret':
        return jsonAnswer(about, '1.1')
      default:
        throw new AwsError(
          'InvalidRequestException',
          `Secrets Manager ${call.action} is not available locally.`,
        )
    }
  }

  fail(error: AwsError) {
    return jsonFailure(error, '1.1')
  }

  private find(id: unknown): StackResource | undefined {
    return this.secrets.find((secret) => secret.ref === id || nameOf(secret) === id)
  }
}

function nameOf(secret: StackResource): string {
  return secret.ref.slice(secret.ref.indexOf(':secret:') + 8, -7)
}

function firstValue(secret: StackResource): string {
  const { SecretString, GenerateSecretString } = secret.properties
  if (typeof SecretString === 'string') return SecretString
  return generateSecret((GenerateSecretString ?? {}) as Generation)
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const NUMBERS = '0123456789'
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/** A secret as `GenerateSecretString` describes it. Throws when no character is left to choose from. */
export function generateSecret(generation: Generation): string {
  const allowed = [
    generation.ExcludeLowercase ? '' : LOWER,
    generation.ExcludeUppercase ? '' : LOWER.toUpperCase(),
    generation.ExcludeNumbers ? '' : NUMBERS,
    generation.ExcludePunctuation ? '' : PUNCTUATION,
    generation.IncludeSpace ? ' ' : '',
  ].join('')
  const excluded = generation.ExcludeCharacters ?? ''
  const characters = [...allowed].filter((character) => !excluded.includes(character))
  if (characters.length === 0)
    throw new Error('A secret of the stack excludes every character. Correct it in infra/.')
  const length = generation.PasswordLength ?? 32
  const password = Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
  if (generation.GenerateStringKey === undefined) return password
  const template = JSON.parse(generation.SecretStringTemplate ?? '{}') as Record<string, unknown>
  return JSON.stringify({ ...template, [generation.GenerateStringKey]: password })
}
