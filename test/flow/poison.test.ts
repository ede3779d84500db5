/** What can never be read parks whose it is, and nobody else waits. */
import { describe, expect, it } from 'vitest'
import { Failed } from '#core/failed'
import { decideAll, decideCustomer } from '#flow/decide'
import { at, cartUpdated, orderCompleted, rina } from '#test/fixture/builder'
import { aStory, type Story, work } from '#test/fixture/story'

describe('a row that can never be read', () => {
  const failing = (code: string) => async () => {
    throw new Failed({ code, message: `${code} of hers`, retryable: false })
  }

  /** Her state is as `load` says; Mina's is as it is. */
  const herState = (story: Story, load: () => Promise<never>) => ({
    ...story.decide,
    customers: {
      ...story.customers,
      load: (customerId: string) => (customerId === rina ? load() : story.customers.load(customerId)),
    },
  })
  const batch = () => [
    work(cartUpdated('c1'), orderCompleted('o1', 9, { at: at('09:20') })),
    { customerId: 'cMina', events: [cartUpdated('c2', { customerId: 'cMina' })] },
  ]

  it('parks all that came for her, and the rest goes on', async () => {
    const story = aStory()
    const works = batch()

    const failed = await decideAll(herState(story, failing('row-unreadable')), works)

    expect([...failed]).toEqual([])
    expect(story.tables.parked.get(rina)).toMatchObject({
      eventKeys: works[0]?.events.map(({ key }) => key).sort(),
      error: 'row-unreadable of hers',
    })
    expect(story.tables.customers.get('cMina')?.state.runs).toHaveLength(1)
  })

  it('of an alarm parks the alarm', async () => {
    const story = aStory()
    const ports = herState(story, failing('row-unreadable'))

    const outcome = await decideCustomer(ports, { ...work(), alarmAt: at('10:00') })

    expect(outcome).toBe('parked')
    expect(story.tables.parked.get(rina)).toMatchObject({ eventKeys: [], error: 'row-unreadable of hers' })
  })

  it('because it is of a newer layout comes again, for the deploy that is under way', async () => {
    const story = aStory()

    const failed = await decideAll(herState(story, failing('row-too-new')), batch())

    expect([...failed]).toEqual([rina])
    expect(story.tables.parked.size).toBe(0)
  })

  it.each(['live', 'release'])('of the workspace (%s) parks nobody: all of them wait', async (call) => {
    const story = aStory()
    const workspace = { ...story.workspace, [call]: failing('row-unreadable') }

    const failed = await decideAll({ ...story.decide, workspace }, batch())

    expect([...failed].sort()).toEqual(['cMina', rina].sort())
    expect(story.tables.parked.size).toBe(0)
  })
})
