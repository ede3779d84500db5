/** Our stream mapping keeps Lambda's documented rules, one by one; the table stands in docs/proofs.md too. */
import { describe, expect, it } from 'vitest'
import { streamSpecOf } from '#local/stream-spec'
import { expectMade } from '#test/fixture/made-part'
import { aMapping } from '../local/fixture/mapping.ts'
import { type MappingRule, mappingRules } from './mapping.ts'

const minuteMs = 60_000

/** What a rule comes to here: many invocations of one batch are told as two. */
async function lived({ settings, records, more = {}, answer, forMs = 60 * minuteMs }: MappingRule) {
  let nth = -1
  const answers = (batch: string) => {
    nth += 1
    return answer(batch, nth)
  }
  const spec = streamSpecOf({ logicalId: 'FromEvents', properties: settings })
  const { mapping, clock, settle, batches, acknowledged, given } = aMapping(records, answers, {
    ...spec,
    more,
  })
  mapping.poke()
  await settle()
  const end = clock.now() + forMs
  for (let next = clock.next(); next !== undefined && next.dueMs <= end; next = clock.next()) {
    clock.jumpTo(next.dueMs)
    await settle()
  }
  const last = acknowledged.at(-1)
  return {
    invoked: batches.length > 6 ? [batches[0], '…'] : batches,
    givenUp: given.map((one) => [
      one.records.map(({ dynamodb }) => dynamodb.Keys.name).join(''),
      one.condition,
    ]),
    acknowledged: last === undefined ? undefined : records[Number(last)],
  }
}

describe('a mapping on a stream', () => {
  it.each(mappingRules)('$rule', async (one) => {
    const { invoked, givenUp = [], acknowledged } = one

    expect(await lived(one)).toEqual({ invoked, givenUp, acknowledged })
  })

  it.each([
    ['MaximumBatchingWindowInSeconds', 5],
    ['TumblingWindowInSeconds', 30],
    ['ParallelizationFactor', 10],
    ['StartingPosition', 'LATEST'],
  ])('refuses %s: %s, which could not be tried here', (name, setting) => {
    const asked = () => streamSpecOf({ logicalId: 'FromEvents', properties: { [name]: setting } })

    expect(asked).toThrow(`Mapping FromEvents sets ${name} to ${setting}; the local runtime knows`)
  })

  it('stands rule by rule in docs/proofs.md', async () => {
    const link = (where: string) => `[${where}](https://docs.aws.amazon.com/lambda/latest/dg/${where}.html)`
    const rows = mappingRules.map(({ rule, where }) => `| ${rule} | ${link(where)} |`)
    await expectMade('proofs.md', 'mapping', ['| Rule | Stated in |', '| --- | --- |', ...rows].join('\n'))
  })
})
