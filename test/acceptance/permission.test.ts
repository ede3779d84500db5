/**
 * What each function's role grants is what it uses: a tour through every path of the booted stack, then the
 * runtime's account of grants. What a role lacks would have failed on the way; what nobody used is too much.
 */
import { expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { shopper } from './shopper.ts'
import { storedOf, straggler } from './stored.ts'

interface Grants {
  function: string
  used: string[]
  unused: string[]
}

/** A visitor who is identified, reminded after a quiet night, clicks, unsubscribes, is erased; and an address that bounces. */
async function tour(homeward: Homeward): Promise<void> {
  await homeward.post('/v1/track', {
    writeKey: homeward.keys.browser,
    anonymousId: 'tour',
    event: 'Page Read',
  })
  const rina = await shopper(homeward)
  await homeward.say('identify', { userId: rina.userId, anonymousId: 'tour' })
  await homeward.advance('5m')
  const lost = await shopper(homeward, { email: 'bounce@simulator.amazonses.com' })
  await rina.fillsCart()
  await lost.fillsCart()
  await homeward.advance('14h')
  const head = (await homeward.inbox(rina.email)).find(({ step }) => step === 'reminder')
  const mail = await homeward.mail(head?.id ?? '')
  const click = /href="([^"]+\/c\/[\w-]+)"/.exec(mail.html)?.[1] ?? ''
  await homeward.get(new URL(click).pathname, { 'user-agent': 'Mozilla/5.0 (iPhone) Safari/605.1' })
  const cart = /href="([^"]+\/s\/[\w-]+)"/.exec(mail.html)?.[1] ?? ''
  await homeward.get(new URL(cart).pathname, { 'user-agent': 'Mozilla/5.0 (iPhone) Safari/605.1' })
  const unsubscribe = new URL(mail.headers['List-Unsubscribe']?.slice(1, -1) ?? '').pathname
  await homeward.post(unsubscribe, 'List-Unsubscribe=One-Click', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  await rina.orders()
  await homeward.advance('1m')
  const { customerId = '' } = (await homeward.customer(rina.email)) ?? {}
  // Forgotten: what was past the door already is taken out when it comes to be decided.
  await homeward.command('erase', rina.email, '--yes')
  const stored = await storedOf(homeward)
  await stored.events.record(straggler(customerId, await homeward.now()), [])
  // a day on, the report has counted
  await homeward.advance('25h')
}

it('every granted action is used', async () => {
  // The reminder falls into quiet hours and is held until the morning.
  const homeward = await startHomeward({ at: '2026-03-02T20:10:00.000Z' })

  await tour(homeward)
  const { body } = await homeward.get('/_local/permissions')
  await homeward.stop()

  const unused = (body as Grants[]).flatMap((one) => one.unused.map((action) => `${one.function} ${action}`))
  expect(unused).toEqual([])
})
