/** Where a yes is wanted twice (`doubleOptIn`): what the shop says of her is a request, and she is asked once. */
import { beforeEach, describe, expect, it } from 'vitest'
import { aRelease, aSettings } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'

const email = 'rina@example.com'
const consent = (who: object) => ({ ...who, event: 'Consent Given' })

let loop: Loop

beforeEach(async () => {
  loop = await aLoop(aRelease({ settings: aSettings({ doubleOptIn: true }) }))
  await loop.say('identify', { userId: '42', traits: { email } })
})

describe('where a yes is wanted twice', () => {
  it('the shop’s yes is kept as a request and gives nothing yet', async () => {
    await loop.say('track', consent({ userId: '42' }))
    await loop.settle()

    const names = (await loop.world.events.eventsOf(loop.user('42'))).map(({ name }) => name)
    expect(names).toContain('Consent Requested')
    expect((await loop.world.gates.address(await loop.hash(email)))?.consent).toEqual({})
  })

  it('who confirmed is not asked again by the next box she ticks, until she says no', async () => {
    const said = (name: string, properties: object = {}) =>
      loop.say('track', { ...consent({ userId: '42' }), event: name, properties })
    const asked = async () =>
      (await loop.world.events.eventsOf(loop.user('42')))
        .filter(({ name }) => name === 'Consent Requested')
        .map(({ repeat = false }) => repeat)
    await said('Consent Given', { topics: ['offers'], confirmed: true })

    await said('Consent Given', { topics: ['offers'] })
    await said('Consent Given', { topics: ['offers', 'news'] })
    await said('Consent Given')
    await said('Consent Withdrawn', { topics: ['offers'] })
    await said('Consent Given', { topics: ['offers'] })

    expect(await asked()).toEqual([true, false, false, false])
  })

  it('a yes the shop says is confirmed counts at once', async () => {
    await loop.say('track', { ...consent({ userId: '42' }), properties: { confirmed: true } })

    expect((await loop.world.gates.address(await loop.hash(email)))?.consent).toMatchObject({
      '*': { given: true },
    })
  })
})
