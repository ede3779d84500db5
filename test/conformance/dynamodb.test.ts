/**
 * What we use of DynamoDB means the same on dynoxide, which everything here runs on, as AWS documents it; and on
 * AWS's own DynamoDB Local where that is there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedOf, outcomeOf } from './case.ts'
import { dynamodbCases } from './dynamodb.ts'
import { dynamodbLocalMissing, type OpenSide, openDynamodbLocal, openDynoxide } from './dynamodb-sides.ts'

const missing = dynamodbLocalMissing()
const sides = [
  { name: 'dynoxide', open: openDynoxide, missing: undefined },
  { name: 'DynamoDB Local', open: openDynamodbLocal, missing },
]

describe.each(sides)('$name', ({ name, open, missing: reason }) => {
  let opened: OpenSide

  beforeAll(async () => {
    if (reason === undefined) opened = await open()
  }, 60_000)
  afterAll(async () => opened?.close())

  it.skipIf(reason !== undefined).each(dynamodbCases)('$name', async (one) => {
    expect(await outcomeOf(one, opened.side)).toEqual(expectedOf(one, name))
  })

  it.runIf(reason !== undefined)(`is not asked here, because ${reason}`, () => {
    expect(reason).toMatch(/DYNAMODB_LOCAL_JAR|java/)
  })
})
