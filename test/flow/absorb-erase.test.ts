/** A guest becomes an account while she is being erased: nothing of her is left on either record. */
import { beforeEach, describe, expect, it } from 'vitest'
import { erase } from '#flow/erase'
import { findSubject } from '#flow/person'
import { abandonedCart, aRelease, lamp } from '#test/fixture/builder'
import { aLoop, type Loop } from '#test/fixture/loop'

const day = 86_400_000
const email = 'rina@example.com'
const asGuest = { context: { traits: { email } } }

let loop: Loop

/** A guest with consent and a cart, and then the sign-in, not yet decided. */
async function guestWithCart(): Promise<void> {
  await loop.say('track', { ...asGuest, event: 'Consent Given' })
  const properties = { cart_id: 'cart-1', products: [lamp] }
  await loop.say('track', { ...asGuest, event: 'Cart Updated', properties })
  await loop.settle()
}
const signIn = () => loop.say('identify', { userId: '42', traits: { email } })

beforeEach(async () => {
  loop = await aLoop(aRelease({ journeys: [abandonedCart] }))
})

describe('who is erased', () => {
  it('while her records become one stays erased, both of them', async () => {
    await guestWithCart()
    await signIn()
    const guest = await loop.guest(email)
    const { customers } = loop.world
    const { load } = customers
    customers.load = async (customerId) => {
      const read = await load(customerId)
      if (customerId !== guest) return read
      customers.load = load
      const subject = await findSubject(loop.world, email)
      if (subject !== undefined) await erase(loop.world, subject)
      return read
    }
    await loop.pass(day)

    expect([await load(guest), await load(loop.user('42'))]).toMatchObject([
      { erased: true },
      { erased: true },
    ])
    expect(loop.mails()).toEqual([])
  })

  it('and was found as a guest is erased as the account, too', async () => {
    await guestWithCart()
    const guest = await findSubject(loop.world, email)
    await signIn()
    await loop.settle()
    await erase(loop.world, guest ?? expect.fail('the guest is not found'))

    expect(await loop.world.customers.load(loop.user('42'))).toMatchObject({ erased: true })
    expect(await loop.world.customers.load(await loop.guest(email))).toMatchObject({ erased: true })
    expect(await loop.world.gates.customer(loop.user('42'))).toMatchObject({ erased: true })
  })
})
