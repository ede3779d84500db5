/**
 * Journeys by the calendar, on the booted stack: birthdays (29 February too), monthly statements, and local
 * hours over the nights on which clocks change.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Homeward, startHomeward } from '#test/fixture/runtime'
import { shopper } from './shopper.ts'

let homeward: Homeward

beforeAll(async () => {
  homeward = await startHomeward({ at: '2027-02-26T12:00:00.000Z' })
}, 120_000)

afterAll(async () => homeward?.stop())

const mailOf = async (email: string, journey: string) =>
  (await homeward.inbox(email)).filter((mail) => mail.journey === journey)

it('a birthday brings the gift at nine in her zone, once a year', async () => {
  const rina = await shopper(homeward, { timezone: 'Asia/Dhaka', birthday: '1990-02-28' })

  await homeward.advance({ to: '2027-03-02T00:00:00.000Z' })

  const mails = await mailOf(rina.email, 'birthday')
  expect(mails.map(({ at }) => at.slice(0, 16))).toEqual(['2027-02-28T03:00'])
  expect((await homeward.mail(mails[0]?.id ?? '')).text).toMatch(/[A-Z0-9]{4,}/)
})

it('someone born on 29 February is not forgotten in other years', async () => {
  const mails = await (async () => {
    const rina = await shopper(homeward, { birthday: '2000-02-29' })
    await homeward.advance({ to: '2028-03-02T00:00:00.000Z' })
    return mailOf(rina.email, 'birthday')
  })()

  expect(mails.map(({ at }) => at.slice(0, 10))).toEqual(['2028-02-29'])
})

it('a statement comes on the first of the month at nine, with the points', async () => {
  const rina = await shopper(homeward)
  await rina.orders()

  await homeward.advance({ to: '2028-04-02T00:00:00.000Z' })

  const mails = await mailOf(rina.email, 'loyalty-statement')
  // the minute is the tick's: an index that is behind brings her with the next
  expect(mails.map(({ at }) => at.slice(0, 15))).toEqual(['2028-04-01T09:0'])
  expect((await homeward.mail(mails[0]?.id ?? '')).text).toContain('49')
})

it('without points there is no statement, and the reason is kept', async () => {
  const rina = await shopper(homeward)

  await homeward.advance({ to: '2028-05-02T00:00:00.000Z' })

  expect(await mailOf(rina.email, 'loyalty-statement')).toEqual([])
})

it('nine in the morning is nine on both sides of the night on which Berlin changes its clocks', async () => {
  await homeward.advance({ to: '2028-10-27T12:00:00.000Z' })
  const before = await shopper(homeward, { timezone: 'Europe/Berlin', birthday: '1980-10-28' })
  const after = await shopper(homeward, { timezone: 'Europe/Berlin', birthday: '1980-10-29' })

  await homeward.advance({ to: '2028-10-30T00:00:00.000Z' })

  expect((await mailOf(before.email, 'birthday')).map(({ at }) => at.slice(0, 16))).toEqual([
    '2028-10-28T07:00',
  ])
  expect((await mailOf(after.email, 'birthday')).map(({ at }) => at.slice(0, 16))).toEqual([
    '2028-10-29T08:00',
  ])
})

it('a quiet night in which the clocks change ends at eight by the new time', async () => {
  await homeward.advance({ to: '2029-03-24T19:10:00.000Z' })
  const rina = await shopper(homeward, { timezone: 'Europe/Berlin' })

  await rina.fillsCart()
  await homeward.advance({ to: '2029-03-25T06:15:00.000Z' })

  const [mail] = await mailOf(rina.email, 'abandoned-cart')
  expect(mail?.at.slice(0, 14)).toBe('2029-03-25T06:')
})
