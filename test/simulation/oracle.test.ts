/** The oracle finds an address where none may stand: in a line of a log, and in a URL of a mail that was taken. */
import { expect, it } from 'vitest'
import type { Accepted } from './mail-service.ts'
import { Oracle } from './oracle.ts'
import { World } from './world.ts'

function anOracle(): Oracle {
  const nobody = { doing() {}, done() {}, tell() {}, count() {}, accepted() {}, logged() {}, observed() {} }
  return new Oracle(new World(1, () => nobody))
}

const invariant = 'no address in a URL or log'
const mail = {
  to: 'mia@example.com',
  from: 'shop@shop.example',
  subject: 'Mia',
  html: '<a href="https://links.shop.example/u/x">mia@example.com</a>',
  text: 'https://links.shop.example/u/x for mia@example.com',
  headers: {},
  tags: {},
}
const taken = (change: object) => {
  const oracle = anOracle()
  oracle.taken({ messageId: 'm1', customerId: 'c1', mail: { ...mail, ...change } } as Accepted)
  return oracle.violations.filter((one) => one.invariant === invariant).map(({ what }) => what)
}

it.each([
  [{ step: 'deliver', reason: { explanation: 'mia@example.com is suppressed' } }],
  [{ step: 'track', error: 'GET /p?to=mia%40example.com' }],
])('finds an address in the line %j', (line) => {
  const oracle = anOracle()

  oracle.logged(line)

  expect(oracle.violations).toMatchObject([{ invariant }])
})

it('lets a line pass that names her by a number, and a mail that names her beside its URLs', () => {
  const oracle = anOracle()

  oracle.logged({ step: 'deliver', customerId: 'c-1', sender: 'shop@shop.example' })

  expect(oracle.violations).toEqual([])
  expect(taken({})).toEqual([])
})

it.each([
  ['its HTML', { html: '<a href="https://shop.example/?who=mia%40example.com">' }],
  ['its text', { text: 'read on: https://shop.example/?who=mia@example.com' }],
  ['its headers', { headers: { 'List-Unsubscribe': '<mailto:stop@shop.example?body=mia@example.com>' } }],
])('finds an address in a URL of %s', (_, change) => {
  expect(taken(change)).toHaveLength(1)
})
