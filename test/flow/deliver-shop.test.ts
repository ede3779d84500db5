/** A mail to the shop's own people: where it goes, what it carries, and whose inbox it leaves alone. */
import { expect, it } from 'vitest'
import { Settings } from '#core/settings'
import { aJourney, aRelease, aSettings, at, identify, orderCompleted } from '#test/fixture/builder'
import { address, aMail, aStory } from '#test/fixture/story'

const telling = aJourney(
  'telling',
  '{ intent: service, topic: orders, enter: { on: Order Completed }, steps: [{ send: told, to: shop }] }',
)
const withMailbox = (mailbox?: string): Settings => {
  const settings = aSettings()
  return Settings.parse({
    ...settings,
    quietHours: { from: '21:00', to: '08:00' },
    cap: { mails: 3, within: '7d' },
    fewer: { mails: 1, within: '7d' },
    shop: { ...settings.shop, ...(mailbox !== undefined && { mailbox }) },
  })
}

async function told(mailbox?: string) {
  const settings = withMailbox(mailbox)
  const story = aStory({ at: at('22:30'), release: aRelease({ settings, journeys: [telling] }) })
  story.tables.mails.set('hash-of-told', aMail({ required: [] }))
  const hour = { at: at('22:30') }
  await story.happen(identify({ email: address }, hour), orderCompleted('o1', 20, hour))
  return story
}

it('goes to the shop’s mailbox, at night, without links of hers', async () => {
  const story = await told('care@shop.example')

  const [mail] = story.mailer.attempts
  expect(story.mailer.attempts).toHaveLength(1)
  expect(mail?.to).toBe('care@shop.example')
  expect(mail?.headers).toEqual({})
  expect(mail?.html).toContain('href="https://shop.example/cart"')
  expect(story.message('told')).toMatchObject({ status: 'SENT', to: 'shop', links: [] })
})

it('stands in no ring of hers and counts for no cap of the shop’s', async () => {
  const story = await told('care@shop.example')

  const rings = [...story.tables.addresses.entries()].map(([hash, { ring }]) => ({
    hers: hash === story.inbox,
    ring,
  }))
  expect(rings.find(({ hers }) => hers)?.ring).toEqual([])
  expect(rings.find(({ hers }) => !hers)?.ring).toMatchObject([{ exempt: true }])
})

it('is skipped when the live settings have no mailbox any more', async () => {
  const story = await told()

  expect(story.mailer.attempts).toEqual([])
  expect(story.message('told')).toMatchObject({ status: 'SKIPPED', reason: 'no-address' })
})
