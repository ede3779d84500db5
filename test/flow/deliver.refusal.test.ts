/** What may not go out, now or ever, and what changes between the question and the claim. */
import { describe, expect, it } from 'vitest'
import { newAddressGate } from '#core/gate'
import { at, cartUpdated, identify, orderCompleted, rina } from '#test/fixture/builder'
import { changeMessages } from '#test/fixture/message-row'
import { address, aMail, aStory, instead, reminded, type Story } from '#test/fixture/story'

const eventsNamed = (story: Story, name: string) =>
  [...(story.tables.events.get(rina)?.values() ?? [])].filter((event) => event.name === name)

describe('what changes between the question and the claim', () => {
  /** Lets `change` happen right before the first claim. */
  async function during(change: (story: Story) => void): Promise<Story> {
    const story = await reminded()
    let first = true
    const meddled = instead(story, 'claim', (real) => (claim) => {
      if (first) change(story)
      first = false
      return real(claim)
    })
    await meddled.deliverOnce()
    return meddled
  }
  const gateOf = ({ tables, inbox }: Story) => tables.addresses.get(inbox) ?? newAddressGate()

  it.each<[string, (story: Story) => void, string, string]>([
    [
      'she unsubscribes',
      (story) => {
        const gate = gateOf(story)
        const consent = { '*': { given: false, at: at('10:00') } }
        story.tables.addresses.set(story.inbox, { ...gate, consent, version: gate.version + 1 })
      },
      'SKIPPED',
      'unsubscribed',
    ],
    [
      'she orders',
      (story) => story.tables.persons.set(rina, { version: 1, lastOrderAt: at('10:00') }),
      'SKIPPED',
      'ordered',
    ],
    [
      'another mail fills the cap',
      (story) => {
        const gate = gateOf(story)
        const others = ['m1', 'm2', 'm3'].map((messageId) => ({ messageId, at: at('09:59') }))
        story.tables.addresses.set(story.inbox, { ...gate, ring: others, version: gate.version + 1 })
      },
      'HELD',
      'cap',
    ],
    [
      'she is erased',
      (story) => story.tables.persons.set(rina, { version: 1, erased: true }),
      'SKIPPED',
      'erased',
    ],
  ])('%s: it is judged again', async (_name, change, status, code) => {
    const story = await during(change)

    expect(story.message()).toMatchObject({ status, reason: code })
    expect(story.mailer.attempts).toEqual([])
  })

  it('something that does not matter: it goes out at the second try', async () => {
    const story = await during((one) => {
      const gate = gateOf(one)
      one.tables.addresses.set(one.inbox, { ...gate, softBounces: 1, version: gate.version + 1 })
    })

    expect(story.message()?.status).toBe('SENT')
    expect(story.mailer.attempts).toHaveLength(1)
  })

  it('again and again: it is given back', async () => {
    const story = instead(await reminded(), 'claim', () => async () => 'changed')

    expect(await story.deliverOnce()).toBe('again')
    expect(story.message()?.status).toBe('PLANNED')
  })
})

describe('a mail that may not go out', () => {
  it('now is held until then, told to her log, and sent when it may', async () => {
    const story = await reminded()
    story.tables.live = { release: 1, paused: ['abandoned-cart'] }
    await story.deliverOnce()
    await story.settle()
    const held = story.message()

    story.tables.live = { release: 1, paused: [] }
    await story.travel(at('10:15'))

    expect(held).toMatchObject({ status: 'HELD', until: at('10:15'), reason: 'paused' })
    expect(eventsNamed(story, 'Message Held')).toHaveLength(1)
    expect(story.message()).toMatchObject({ status: 'SENT', round: 2 })
  })

  it('because it is night is sent in the morning', async () => {
    const story = aStory({ at: at('19:30') })
    await story.happen(
      identify({ email: address }, { at: at('19:30') }),
      cartUpdated('c1', { at: at('19:30') }),
    )

    await story.travel(at('06:59', 1))
    const before = story.mailer.attempts.length
    await story.travel(at('07:10', 1))

    expect(before).toBe(0)
    expect(story.message()).toMatchObject({ status: 'SENT', round: 2 })
  })

  it('because its turn came after quiet hours began is held, not sent', async () => {
    const story = await reminded()
    story.now.at = at('19:59:55')
    story.tables.nextMs = Date.parse(at('20:00:05'))
    changeMessages(story.tables, rina, { notAfter: at('10:00', 1) })

    await story.deliverOnce()

    expect(story.pauses).toEqual([10_000])
    expect(story.message()).toMatchObject({ status: 'HELD', reason: 'quiet-hours' })
    expect(story.mailer.attempts).toEqual([])
  })

  it.each<[string, (story: Story) => void, string, string]>([
    [
      'no address is known',
      (story) => {
        const { customers } = story.tables
        const known = customers.get(rina)
        if (known) customers.set(rina, { ...known, state: { ...known.state, traits: {} } })
      },
      'SKIPPED',
      'no-address',
    ],
    ['the live release has no such mail', (story) => story.tables.mails.clear(), 'SKIPPED', 'mail-broken'],
    [
      'its journey was taken out',
      (story) => {
        const release = story.tables.releases.get(1)
        if (release) release.journeys = {}
      },
      'SKIPPED',
      'journey-removed',
    ],
    [
      'there is nothing to show',
      (story) => {
        for (const hash of story.tables.mails.keys())
          story.tables.mails.set(hash, aMail({ required: ['offer.code'] }))
      },
      'SKIPPED',
      'nothing-left',
    ],
    [
      'it cannot be rendered',
      (story) => {
        for (const hash of story.tables.mails.keys())
          story.tables.mails.set(hash, aMail({ html: [{ strange: true } as never] }))
      },
      'SKIPPED',
      'mail-broken',
    ],
    [
      'it is too late',
      (story) => {
        story.now.at = at('10:00', 1)
      },
      'EXPIRED',
      'expired',
    ],
  ])('because %s', async (_name, change, status, code) => {
    const story = await reminded()
    change(story)

    const delivery = await story.deliverOnce()
    await story.settle()

    expect(delivery).toBe('done')
    expect(story.message()).toMatchObject({ status, reason: code })
    expect(story.mailer.attempts).toEqual([])
    expect(story.tables.customers.get(rina)?.state.outstanding.map(({ step }) => step)).not.toContain(
      'reminder',
    )
  })

  it('because no release is live waits', async () => {
    const story = await reminded()
    story.tables.live = undefined

    expect(await story.deliverOnce()).toBe('again')
    expect(story.message()?.status).toBe('PLANNED')
  })

  it('because she ordered, though her log lags for hours', async () => {
    const story = await reminded()
    story.tables.persons.set(rina, { version: 1, lastOrderAt: at('09:59') })

    await story.deliverOnce()
    await story.happen(orderCompleted('o1', 49.9, { at: at('09:59') }))

    expect(story.message()).toMatchObject({ status: 'SKIPPED', reason: 'ordered' })
    expect(story.tables.customers.get(rina)?.state.runs).toEqual([])
  })
})
