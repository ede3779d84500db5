/** Publishing, going back and pausing, over the ports in memory: what moves, what does not, and who is woken. */
import { describe, expect, it } from 'vitest'
import { type MemoryPorts, memoryPorts } from '#adapters/memory/ports'
import { type Draft, draftOf, mailHash } from '#core/draft'
import { Journey } from '#core/journey'
import { Settings } from '#core/settings'
import { newState } from '#core/state'
import type { CompiledMail } from '#core/template/compiled'
import { publish, rollback, switchMail } from '#flow/publish'

const settings = (timeZone = 'Asia/Dhaka') =>
  Settings.parse({
    shop: { name: 'A', url: 'https://a.example' },
    currency: 'EUR',
    timeZone,
    topics: { news: { name: { en: 'News' } } },
  })

const mail = (subject: string): CompiledMail => ({
  schema: 1,
  subject: [subject],
  preheader: [],
  html: ['<p>'],
  text: [],
  strings: {},
  fallback: 'en',
  variables: [],
  required: [],
  htmlBytes: 3,
})

const cart = {
  name: 'Cart',
  intent: 'cart',
  topic: 'news',
  enter: { on: 'Cart Updated' },
  steps: [{ send: 'a' }],
}
const birthday = { ...cart, name: 'Birthday', enter: { date: 'customer.birthday' } }

function aDraft(
  parts: { journeys?: Record<string, unknown>; subject?: string; timeZone?: string } = {},
): Draft {
  const journeys = Object.fromEntries(
    Object.entries(parts.journeys ?? { cart }).map(([id, journey]) => [id, Journey.parse(journey)]),
  )
  const mails = Object.fromEntries(
    Object.keys(journeys).map((id) => [id, { a: mail(parts.subject ?? 'Hello') }]),
  )
  return draftOf({ settings: settings(parts.timeZone), journeys, mails })
}

async function aShop(customers = 0) {
  const ports = memoryPorts()
  for (let index = 0; index < customers; index += 1) {
    const customerId = `c${String(index).padStart(4, '0')}`
    const state = newState(customerId, ports.clock())
    await ports.customers.commit({
      customerId,
      state,
      expectedVersion: 0,
      due: undefined,
      row: undefined,
      effects: [],
    })
  }
  return ports
}

describe('publish', () => {
  it('puts mails, release and pointer, and says what is new', async () => {
    const ports = await aShop()

    const first = await publish(ports, aDraft())

    expect(first).toMatchObject({ kind: 'published', release: 1, previous: undefined, woken: 0, paused: [] })
    expect(await ports.workspace.live()).toEqual({ release: 1, paused: [] })
    const release = await ports.workspace.release(1)
    const hash = release?.journeys.cart?.mails.a ?? ''
    expect(hash).toBe(mailHash(mail('Hello')))
    expect(await ports.workspace.mail(hash)).toEqual(mail('Hello'))
  })

  it('makes no new release of what is live already', async () => {
    const ports = await aShop()
    await publish(ports, aDraft())

    const again = await publish(ports, aDraft())

    expect(again).toEqual({ kind: 'unchanged', release: 1 })
    expect(await ports.workspace.releases()).toHaveLength(1)
  })

  it('tells content, structure and what was added or removed apart', async () => {
    const ports = await aShop()
    await publish(ports, aDraft({ journeys: { cart, old: cart } }))

    const content = await publish(ports, aDraft({ journeys: { cart, old: cart }, subject: 'New' }))
    const structure = await publish(
      ports,
      aDraft({
        journeys: { cart: { ...cart, steps: [{ wait: '1h' }, { send: 'a' }] }, fresh: cart },
        subject: 'New',
      }),
    )

    expect(content).toMatchObject({ changes: { content: ['cart', 'old'], structure: [], settings: false } })
    expect(structure).toMatchObject({
      release: 3,
      previous: 2,
      changes: { added: ['fresh'], removed: ['old'], structure: ['cart'], content: [], scheduled: [] },
    })
  })

  it('wakes every customer, page by page, when a date journey is new or changed, and only then', async () => {
    const ports = await aShop(250)
    await publish(ports, aDraft())

    const added = await publish(ports, aDraft({ journeys: { cart, birthday } }))
    const words = await publish(ports, aDraft({ journeys: { cart, birthday }, subject: 'New' }))
    const zone = await publish(
      ports,
      aDraft({ journeys: { cart, birthday }, subject: 'New', timeZone: 'UTC' }),
    )

    expect(added).toMatchObject({ woken: 250, changes: { scheduled: ['birthday'] } })
    expect(words).toMatchObject({ woken: 0 })
    expect(zone).toMatchObject({ woken: 250 })
    expect(new Set(ports.wakeQueue.woken.map(({ customerId }) => customerId)).size).toBe(250)
  })

  it('keeps what is paused, and pauses everything at the first publish where it is asked to', async () => {
    const ports = await aShop()
    await publish(ports, aDraft(), { pauseFirst: true })

    const second = await publish(ports, aDraft({ subject: 'New' }), { pauseFirst: true })

    expect(second).toMatchObject({ release: 2, paused: ['*'] })
    expect(await ports.workspace.live()).toEqual({ release: 2, paused: ['*'], before: 1 })
  })

  it('takes the next number when somebody took one at the same time', async () => {
    const ports = await aShop()
    const { putRelease } = ports.workspace
    let taken = false
    ports.workspace.putRelease = async (release) => {
      if (!taken) await putRelease({ ...release, publishedAt: 'other' })
      taken = true
      return putRelease(release)
    }

    expect(await publish(ports, aDraft())).toMatchObject({ release: 2 })
  })

  it('does not overrun another publish, but heeds a pause that came in between', async () => {
    const ports = await aShop()
    await publish(ports, aDraft())
    const { putLive } = ports.workspace
    let meanwhile: { release: number; paused: string[] } = { release: 1, paused: ['cart'] }
    ports.workspace.putLive = async (live, from) => {
      ports.workspace.putLive = putLive
      ports.tables.live = meanwhile
      return putLive(live, from)
    }

    const heeded = await publish(ports, aDraft({ subject: 'New' }))
    meanwhile = { release: 9, paused: [] }
    ports.workspace.putLive = async (live, from) => {
      ports.tables.live = meanwhile
      return putLive(live, from)
    }
    const overtaken = await publish(ports, aDraft({ subject: 'Newer' }))

    expect(heeded).toMatchObject({ kind: 'published', paused: ['cart'] })
    expect(overtaken).toEqual({ kind: 'overtaken', release: 9 })
    expect(await ports.workspace.live()).toEqual(meanwhile)
  })
})

describe('a publish that breaks off after its pointer moved', () => {
  /** Fails once, where the queue is asked for the page of this number. */
  function breakAt(ports: Awaited<ReturnType<typeof aShop>>, page: number) {
    const { wake } = ports.wakeQueue
    let asked = 0
    ports.wakeQueue.wake = async (customers) => {
      asked += 1
      if (asked === page) throw new Error('broken off')
      return wake(customers)
    }
  }
  const wokenBy = async (ports: Awaited<ReturnType<typeof aShop>>, act: () => Promise<unknown>) => {
    ports.wakeQueue.woken.length = 0
    await act()
    return new Set(ports.wakeQueue.woken.map(({ customerId }) => customerId)).size
  }
  const dated = (subject = 'Hello') => aDraft({ journeys: { cart, birthday }, subject })

  it.each([1, 2])('at page %i is finished by the next, which else changes nothing', async (page) => {
    const ports = await aShop(250)
    await publish(ports, aDraft())
    breakAt(ports, page)

    await expect(publish(ports, dated())).rejects.toThrow('broken off')
    const again = await wokenBy(ports, async () => {
      expect(await publish(ports, dated())).toEqual({ kind: 'unchanged', release: 2 })
    })
    const more = await wokenBy(ports, () => publish(ports, dated()))

    expect([again, more]).toEqual([250, 0])
    expect(await ports.workspace.live()).toEqual({ release: 2, paused: [], before: 1 })
  })

  it('is finished by one that says something else, whatever was paused meanwhile', async () => {
    const ports = await aShop(250)
    await publish(ports, aDraft())
    breakAt(ports, 1)

    await expect(publish(ports, dated())).rejects.toThrow('broken off')
    await switchMail(ports.workspace, { journey: 'cart', paused: true })
    const woken = await wokenBy(ports, () => publish(ports, dated('New')))

    expect(woken).toBe(250)
    expect(await ports.workspace.live()).toEqual({ release: 3, paused: ['cart'], before: 2 })
  })

  it('is finished though another, which began before, ends after it', async () => {
    const ports = await aShop(250)
    const { wake } = ports.wakeQueue
    ports.wakeQueue.wake = async (customers) => {
      ports.wakeQueue.wake = async () => Promise.reject(new Error('broken off'))
      ports.now.at = '2026-03-02T09:00:00.001Z'
      await expect(publish(ports, aDraft({ journeys: { birthday } }))).rejects.toThrow('broken off')
      ports.wakeQueue.wake = wake
      return wake(customers)
    }
    const zoned = aDraft({ journeys: { birthday }, timeZone: 'UTC' })

    await publish(ports, zoned)
    const woken = await wokenBy(ports, () => publish(ports, aDraft({ journeys: { birthday } })))

    expect(woken).toBe(250)
  })

  it('back to an earlier release is finished by asking for that release again', async () => {
    const ports = await aShop(250)
    await publish(ports, dated())
    await publish(ports, aDraft())
    breakAt(ports, 2)

    await expect(rollback(ports)).rejects.toThrow('broken off')
    const woken = await wokenBy(ports, () => rollback(ports, 1))

    expect(woken).toBe(250)
    expect(await ports.workspace.live()).toEqual({ release: 1, paused: [] })
  })
})

describe('a pointer that was moved, but not told so', () => {
  it.each([
    ['publish', (ports: MemoryPorts) => publish(ports, aDraft({ journeys: { cart, birthday } })), 2],
    ['rollback', (ports: MemoryPorts) => rollback(ports), 1],
  ])('%s knows it for moved, and wakes everybody', async (name, run, release) => {
    const ports = await aShop(3)
    await publish(ports, name === 'publish' ? aDraft() : aDraft({ journeys: { cart, birthday } }))
    if (name === 'rollback') await publish(ports, aDraft())
    const { putLive } = ports.workspace
    ports.workspace.putLive = async (live, from) => {
      ports.workspace.putLive = putLive
      await putLive(live, from)
      return 'changed'
    }

    const moved = await run(ports)

    expect(moved).toMatchObject({ kind: 'published', release, woken: 3 })
    expect((await ports.workspace.live())?.waking).toBeUndefined()
  })
})

describe('rollback', () => {
  it('goes back one, to a number and forth again, keeping what is paused', async () => {
    const ports = await aShop(3)
    await publish(ports, aDraft({ journeys: { cart, birthday } }))
    await publish(ports, aDraft({ subject: 'Two' }))
    await switchMail(ports.workspace, { journey: 'cart', paused: true })

    const back = await rollback(ports)
    const forth = await rollback(ports, 2)

    expect(back).toMatchObject({ kind: 'published', release: 1, previous: 2, woken: 3, paused: ['cart'] })
    expect(forth).toMatchObject({ kind: 'published', release: 2, previous: 1, woken: 0 })
    expect(await ports.workspace.live()).toEqual({ release: 2, paused: ['cart'] })
  })

  it('goes to what was live before, not to one that was left', async () => {
    const ports = await aShop()
    for (const subject of ['One', 'Two']) await publish(ports, aDraft({ subject }))
    await rollback(ports)
    await publish(ports, aDraft({ subject: 'Three' }))

    const back = await rollback(ports)
    const again = await rollback(ports)

    expect(back).toMatchObject({ kind: 'published', release: 1, previous: 3 })
    expect(again).toEqual({ kind: 'nothing-before', release: 1 })
  })

  it('says when there is nothing to go back to', async () => {
    const ports = await aShop()

    expect(await rollback(ports)).toEqual({ kind: 'nothing-before', release: undefined })
    await publish(ports, aDraft())
    expect(await rollback(ports)).toEqual({ kind: 'nothing-before', release: 1 })
    expect(await rollback(ports, 1)).toEqual({ kind: 'unchanged', release: 1 })
    expect(await rollback(ports, 7)).toEqual({ kind: 'no-such-release', number: 7, there: [1] })
  })
})

describe('switchMail', () => {
  it('pauses and resumes one journey or all', async () => {
    const { workspace, ...ports } = await aShop()
    await publish({ workspace, ...ports }, aDraft({ journeys: { cart, birthday } }))
    const to = (journey: string, paused: boolean) => switchMail(workspace, { journey, paused })

    expect(await to('cart', true)).toEqual({ kind: 'switched', paused: ['cart'] })
    expect(await to('cart', true)).toEqual({ kind: 'unchanged', paused: ['cart'] })
    expect(await to('*', true)).toEqual({ kind: 'switched', paused: ['*', 'cart'] })
    expect(await to('cart', false)).toEqual({ kind: 'all-paused' })
    expect(await to('*', false)).toEqual({ kind: 'switched', paused: [] })
    expect(await to('*', false)).toEqual({ kind: 'unchanged', paused: [] })
    expect(await to('crt', true)).toEqual({ kind: 'no-such-journey', there: ['cart', 'birthday'] })
  })

  it('says when nothing is live', async () => {
    const { workspace } = await aShop()

    expect(await switchMail(workspace, { journey: '*', paused: true })).toEqual({ kind: 'nothing-live' })
  })
})
