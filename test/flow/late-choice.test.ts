/**
 * Choices that are told late, twice, by another record, or by a container whose clock is ahead: what she chose last
 * holds, and a no above all.
 */
import { describe, expect, it } from 'vitest'
import { choiceFor, opensTopic, withChoice } from '#core/gate'
import { erase } from '#flow/erase'
import { ingest } from '#flow/ingest'
import { findSubject } from '#flow/person'
import { aDoor, hers } from '#test/fixture/door'
import { aMailed, customerId } from '#test/fixture/mailed'

const mia = 'mia@example.com'
const T = (time: string) => `2026-11-24T${time}.000Z`
const topics = ['news']

describe('what the shop tells', () => {
  const door = aDoor()
  const at = (time: string) => {
    door.world.now.at = T(time)
  }
  const news = async () => {
    const box = await door.box(mia)
    return box && choiceFor(box, 'news')
  }
  const yes = (more: object = {}) =>
    door.track({ event: 'Consent Given', messageId: 'y', properties: { topics }, ...more })
  const no = (more: object) =>
    door.send('track', { event: 'Consent Withdrawn', properties: { topics }, ...more })
  const signsIn = (more: object = {}) => door.send('identify', { userId: '42', ...more })

  it.each([
    ['a device that becomes hers', { anonymousId: 'd1' }, 'identify', { userId: '42', anonymousId: 'd1' }],
    ['an account she takes over', { userId: 'old' }, 'alias', { userId: '42', previousId: 'old' }],
  ] as const)('a no of %s reaches the inbox that is known', async (_, who, endpoint, joins) => {
    await signsIn({ traits: { email: mia } })
    await yes()
    at('14:00:00')
    await no({ ...who, messageId: 'n' })
    at('14:00:05')

    await door.send(endpoint, joins)

    expect(await news()).toBe(false)
  })

  it('her no reaches the inbox of an account she takes over', async () => {
    await door.send('identify', { userId: 'old', traits: { email: mia } })
    await yes({ userId: 'old' })
    at('14:00:00')
    await no({ userId: '42', messageId: 'n' })
    at('14:00:05')

    await door.send('alias', { userId: '42', previousId: 'old' })

    expect(await news()).toBe(false)
  })

  it('a no without an address goes to the address said last, whatever older one is told late', async () => {
    const says = (email: string, timestamp: string) => signsIn({ traits: { email }, timestamp })
    at('10:00:00')
    await says(mia, T('09:30:00'))
    await yes({ timestamp: T('09:30:01') })
    at('13:00:00')
    await says(mia, T('13:00:00'))
    at('14:00:00')
    await says('old@example.com', T('11:00:00'))
    at('15:00:00')

    await no({ userId: '42', messageId: 'n' })

    expect(await news()).toBe(false)
  })

  it('a no without id and time is said anew after a yes', async () => {
    await signsIn({ traits: { email: mia } })
    await no({ userId: '42' })
    at('14:00:00')
    await yes()
    at('15:00:00')

    await no({ userId: '42' })

    expect(await news()).toBe(false)
  })

  it('a yes that waited in a queue does not count from when it came', async () => {
    await signsIn({ traits: { email: mia }, timestamp: T('09:00:00') })
    at('12:00:00')
    await no({ userId: '42', messageId: 'n', timestamp: T('12:00:00') })
    at('14:00:00')

    await yes({ timestamp: T('10:00:00'), sentAt: T('10:00:01') })

    expect(await news()).toBe(false)
  })

  it.each([
    ['a device', { userId: '42', anonymousId: 'd1', event: 'Product Viewed', properties: { sku: 'two' } }],
    ['another address', { userId: '42', type: 'identify', traits: { email: 'second@example.com' } }],
  ])('%s that becomes hers while she is erased does not', async (_, call) => {
    await signsIn({ traits: { email: mia } })
    const { record } = door.world.events
    let isErased = false
    door.world.events.record = async (event, beside) => {
      const subject = isErased ? undefined : await findSubject(door.world, mia)
      isErased = true
      if (subject !== undefined) await erase(door.world, subject)
      return record(event, beside)
    }
    at('14:00:00')

    const answer = await door.send('type' in call ? 'identify' : 'track', {
      timestamp: T('12:00:00'),
      ...call,
    })

    expect(answer.status).toBe(410)
    expect(await door.world.identities.visitor('d1')).toBeUndefined()
    expect(await door.box('second@example.com')).toBeUndefined()
  })
})

describe('a choice told without an address', () => {
  const door = aDoor()
  const chooses = (event: string) => door.track({ event, messageId: event, properties: { topics } })

  it('changes her inbox and nothing else of her', async () => {
    await door.send('identify', { userId: '42', traits: { email: mia } })
    const { record } = door.world.events
    const written: string[] = []
    door.world.events.record = async (event, beside) => {
      written.push(...beside.map(({ kind }) => kind))
      return record(event, beside)
    }

    await chooses('Consent Given')

    expect(written).toEqual(['address'])
  })

  it('waits where the inbox said to be hers was erased with somebody else', async () => {
    await door.send('identify', { userId: '42', traits: { email: mia } })
    const gone = { consent: {}, softBounces: 0, ring: [], erased: true, version: 1 } as const
    expect(await door.world.gates.putAddress(await door.hashOf(mia), { ...gone, ring: [] })).toBe('stored')

    await chooses('Consent Given')
    await chooses('Consent Withdrawn')

    expect((await door.box(mia))?.consent).toEqual({})
    expect((await door.world.gates.customer(hers))?.pending).toMatchObject({ news: { given: false } })
  })
})

describe('what she presses', () => {
  const mailed = aMailed()
  const at = (time: string) => {
    mailed.world.now.at = `2026-11-24T${time}Z`
  }
  const shown = ['topic:reminders', 'topic:news', 'may:fewer', 'may:opens']
  const saves = async (...on: string[]) => {
    const fields = new URLSearchParams({ do: 'save' })
    for (const one of shown) fields.append('shown', one)
    for (const one of on) fields.append(...(one.split(':') as [string, string]))
    return mailed.ask('POST', `/p/${await mailed.token('preferences')}`, { body: fields.toString() })
  }
  const stops = async () => mailed.ask('POST', `/p/${await mailed.token('preferences')}`, { body: 'do=none' })
  const leaves = async (from: string) =>
    mailed.ask('POST', `/u/${await mailed.token('unsubscribe')}`, { body: `from=${from}` })
  const confirms = async () => mailed.ask('POST', `/y/${await mailed.token('confirm')}`, { body: '' })
  const choice = async (topic: string) => choiceFor(await mailed.gate(), topic)
  const names = async () => (await mailed.events()).map(({ name }) => name).toSorted()

  it.each([
    ['unsubscribe', () => leaves('all')],
    ['preferences', stops],
  ])('a no of the page %s holds against a yes by a clock that is ahead', async (_, refuses) => {
    at('13:00:02.000')
    await saves('topic:news', 'topic:reminders')
    at('13:00:01.000')

    const answer = await refuses()

    expect(answer.statusCode).toBe(200)
    expect(await choice('reminders')).toBe(false)
  })

  it('a no to being seen that is said again is not undone by a yes from between', async () => {
    mailed.settings({ measureOpens: true })
    for (const [time, on] of [
      ['09:00:00.000', ['may:opens']],
      ['10:00:00.000', []],
      ['12:00:00.000', []],
    ] as const) {
      at(time)
      await saves(...on)
    }
    at('14:00:00.000')
    await mailed.world.workspace.putWriteKey('server-key', 'server')
    const late = { event: 'Consent Given', timestamp: T('11:00:00'), properties: { topics: [opensTopic] } }
    const body = { userId: '42', context: { traits: { email: 'rina@example.com' } }, ...late }

    await ingest(mailed.world, { endpoint: 'track', key: 'server-key', body })

    expect((await mailed.gate()).consent[opensTopic]?.given).toBe(false)
  })

  it('a second yes to all is one to the topic that was left meanwhile', async () => {
    mailed.row({ event: { name: 'Consent Requested', properties: {} } })
    at('10:00:00.000')
    await confirms()
    at('11:00:00.000')
    await leaves('topic')
    const whileLeft = await choice('reminders')
    at('12:00:00.000')

    await confirms()

    expect([whileLeft, await choice('reminders')]).toEqual([false, true])
  })

  it('all that was saved and not told is told by the next save, whatever that saves', async () => {
    const before = { given: true, topics: ['reminders'], at: T('08:00:00') }
    mailed.world.tables.addresses.set(mailed.hash, withChoice(await mailed.gate(), before))
    const { record } = mailed.world.events
    mailed.world.events.record = async () => {
      throw new Error('killed')
    }
    at('12:00:00.000')
    const killed = await saves('topic:news')
    mailed.world.events.record = record
    at('12:02:00.000')

    await saves('topic:news', 'may:fewer')

    expect(killed.statusCode).toBe(503)
    expect(await names()).toEqual(['Consent Given', 'Consent Withdrawn', 'Preferences Changed'])
  })

  it('nothing is written on what was left of who was erased', async () => {
    await mailed.world.gates.putCustomer(customerId, {
      version: 0,
      inbox: { hash: mailed.hash, at: T('08:00:00') },
    })
    const { putAddress } = mailed.world.gates
    let isErased = false
    mailed.world.gates.putAddress = async (hash, gate) => {
      if (!isErased) {
        isErased = true
        await erase(mailed.world, { customerId, inbox: mailed.hash, erased: false })
      }
      return putAddress(hash, gate)
    }

    await saves('topic:news')
    await leaves('all')

    expect(isErased).toBe(true)
    expect((await mailed.gate()).consent).toEqual({})
  })
})
