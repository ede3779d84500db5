/**
 * What stands behind the links of a mail, on the booted stack: preferences in three languages, fewer mails, the
 * cart at the shop, the mail online, surveys, the pixel, the second yes; and what scanners cannot do.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Homeward, type Mail, startHomeward } from '#test/fixture/runtime'
import { loom, type Shopper, shopper, vase } from './shopper.ts'

let homeward: Homeward
let templates: string

const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1'

const change = async (file: string, from: string, to: string) => {
  const path = join(templates, file)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  await writeFile(path, text.replace(from, to))
}

/** The runtime watches the folder and publishes too: whoever is second finds it done when asked again. */
const publish = async () => {
  const words = ['publish', '--templates', templates] as const
  const first = await homeward.command(...words)
  const { code, stderr } = first.code === 0 ? first : await homeward.command(...words)
  if (code !== 0) throw new Error(stderr)
}

beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'homeward-pages-'))
  await cp(resolve(import.meta.dirname, '../../templates'), templates, { recursive: true })
  await change('settings.yaml', 'measureOpens: false', 'measureOpens: true')
  const flags = ['--templates', templates]
  homeward = await startHomeward({ at: '2026-09-01T09:00:00.000Z', flags })
}, 120_000)

afterAll(async () => {
  await homeward?.stop()
  await rm(templates, { recursive: true, force: true })
})

const nextMorning = async () => {
  const day = new Date(Date.parse(await homeward.now()) + 86_400_000).toISOString().slice(0, 10)
  await homeward.advance({ to: `${day}T09:00:00.000Z` })
}

/** The last mail of a step that she got. */
async function mailOf(her: Shopper, step: string): Promise<Mail> {
  const head = (await homeward.inbox(her.email)).findLast((one) => one.step === step)
  if (head === undefined) throw new Error(`${her.email} got no ${step}: ${await her.got()}`)
  return homeward.mail(head.id)
}

/** The path of a mail's first link of a kind; undefined: it has none. */
const pathIn = ({ html }: Mail, kind: string): string | undefined =>
  new RegExp(`https?://[^"/]+(/${kind}/[\\w-]+)`).exec(html)?.[1]

function linkIn(mail: Mail, kind: string): string {
  const path = pathIn(mail, kind)
  if (path === undefined) throw new Error(`the mail has no link /${kind}/`)
  return path
}

const get = (path: string, headers: Record<string, string> = {}) =>
  homeward.get(path, { 'user-agent': phone, ...headers })

const post = (path: string, form: [string, string][]) =>
  homeward.post(path, new URLSearchParams(form).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': phone },
  })

/** The preferences form as the page shows it, with boxes checked and unchecked. */
function formOf(html: string, set: Record<string, boolean>): [string, string][] {
  const shown = [...html.matchAll(/name="shown" value="([^"]+)"/g)].map(([, value]) => value ?? '')
  const checked = [...html.matchAll(/type="checkbox" name="(\w+)" value="([^"]+)" checked/g)]
  const on = new Set(checked.map(([, name, value]) => `${name}:${value}`))
  for (const [box, wanted] of Object.entries(set)) wanted ? on.add(box) : on.delete(box)
  const boxes = [...on].map((box): [string, string] => [
    box.slice(0, box.indexOf(':')),
    box.slice(box.indexOf(':') + 1),
  ])
  return [...shown.map((one): [string, string] => ['shown', one]), ...boxes, ['do', 'save']]
}

async function prefers(mail: Mail, set: Record<string, boolean>) {
  const path = linkIn(mail, 'p')
  return post(path, formOf((await get(path)).text, set))
}

/** She left a cart and got the reminder. */
async function reminded(traits: Record<string, unknown> = {}): Promise<{ her: Shopper; mail: Mail }> {
  await nextMorning()
  const her = await shopper(homeward, traits)
  await her.fillsCart([{ ...loom, quantity: 2 }, vase])
  await homeward.advance('62m')
  return { her, mail: await mailOf(her, 'reminder') }
}

/** Made by the first story that asks, shared by those that only read or come one after another. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const spoken = once(() => reminded())

const names = async (her: Shopper) =>
  ((await homeward.customer(her.email))?.timeline ?? []).map(({ name }) => name)
const told = async (her: Shopper, name: string) =>
  ((await homeward.customer(her.email))?.timeline ?? []).filter((entry) => entry.name === name)

it.each([
  ['bn', 'ltr', 'কী বিষয়ে আপনাকে লিখতে পারি?', 'অনুস্মারক', '৭'],
  ['ar', 'rtl', 'عمّ تود أن نراسلك؟', 'حفظ اختياراتي', ''],
  ['en', 'ltr', 'What may we write to you about?', 'Reminders', '7'],
])('the preferences page speaks %s', async (language, direction, title, topic, digits) => {
  const { her, mail } = await spoken()

  const page = await get(linkIn(mail, 'p'), { 'accept-language': language })

  expect(page.status).toBe(200)
  expect(page.text).toContain(`<html lang="${language}" dir="${direction}">`)
  for (const words of [title, topic, digits]) expect(page.text).toContain(words)
  expect(page.text).not.toContain(her.email)
  expect(page.text).toContain('--accent:#1f6b52')
})

it('a topic that she turned off sends no more, and the timeline says when she chose so', async () => {
  const { her, mail } = await reminded()

  const saved = await prefers(mail, { 'topic:reminders': false })
  await homeward.advance('1s')
  await nextMorning()
  await homeward.advance('3h')

  expect(saved.text).toContain('Your choices are saved')
  expect(await her.got()).not.toContain('abandoned-cart/last-call')
  expect(her.reasons()).toContain('skipped unsubscribed')
  expect(await names(her)).toContain('Consent Withdrawn')
})

it('fewer mails defers what would come too soon', async () => {
  const { her, mail } = await reminded()
  await prefers(mail, { 'may:fewer': true })

  await nextMorning()
  await homeward.advance('2h')
  const then = await her.got()
  const held = her.reasons()

  expect(then).not.toContain('abandoned-cart/last-call')
  expect(held).toContain('held cap')
  expect(await names(her)).toContain('Preferences Changed')
})

it('all is stopped by one button, and one topic may be taken back on the page that says so', async () => {
  const { her, mail } = await reminded()
  const path = linkIn(mail, 'p')

  const stopped = await post(path, [['do', 'none']])
  await homeward.advance('1s')
  const back = await post(path, formOf(stopped.text, { 'topic:reminders': true }))
  await nextMorning()
  await homeward.advance('2h')

  expect(stopped.text).not.toContain(' checked')
  expect(back.text.match(/name="topic"[^>]+ checked/g)).toHaveLength(1)
  expect(await her.got()).toContain('abandoned-cart/last-call')
})

it('no pixel without her own yes to it; with it, and only then, a mail carries one', async () => {
  const { her, mail } = await reminded()
  expect(pathIn(mail, 'o')).toBeUndefined()

  await prefers(mail, { 'may:opens': true })
  await nextMorning()
  await homeward.advance('2h')
  const second = await mailOf(her, 'last-call')
  const before = await names(her)
  const pixel = await get(linkIn(second, 'o'))

  expect(pixel.status).toBe(200)
  expect(pixel.headers.get('content-type')).toBe('image/gif')
  expect(await names(her)).toEqual(before)
  const shown = (await homeward.customer(her.email))?.timeline.filter(({ kind }) => kind === 'message')
  expect(shown?.filter(({ summary }) => summary.includes('opened'))).toHaveLength(1)
})

it('a scanner that follows every link changes nothing', async () => {
  const { her, mail } = await reminded()
  const links = [...new Set(mail.html.match(/https?:\/\/[^"/]+\/[a-z]\/[\w-]+/g))]
  const before = (await homeward.customer(her.email))?.timeline.filter(({ kind }) => kind === 'event').length
  const page = await get(linkIn(mail, 'p'))

  for (const link of links) {
    const answer = await homeward.get(new URL(link).pathname, { 'user-agent': 'BarracudaCentral/1.0' })
    expect(answer.status).toBeLessThan(400)
  }
  await homeward.advance('1s')

  const events = (await homeward.customer(her.email))?.timeline.filter(({ kind }) => kind === 'event') ?? []
  const since = events.filter(({ name }) => name === 'Email Clicked')
  expect(links.length).toBeGreaterThanOrEqual(5)
  expect(events.length - (before ?? 0)).toBe(since.length)
  expect(since.every(({ summary }) => summary.includes('machine'))).toBe(true)
  expect((await get(linkIn(mail, 'p'))).text).toBe(page.text)
})

it('the reminder leads to the shop’s cart with her items, and without them once she ordered', async () => {
  const { her, mail } = await reminded()
  const path = linkIn(mail, 's')
  await homeward.advance('1m')

  const open = await fetch(homeward.url + path, { redirect: 'manual', headers: { 'user-agent': phone } })
  await her.fillsCart([vase])
  await homeward.advance('1s')
  const changed = await fetch(homeward.url + path, { redirect: 'manual', headers: { 'user-agent': phone } })
  await her.orders()
  const ordered = await fetch(homeward.url + path, { redirect: 'manual', headers: { 'user-agent': phone } })
  await homeward.advance('1s')
  const later = await fetch(homeward.url + path, { redirect: 'manual', headers: { 'user-agent': phone } })

  const items = (answer: Response) => new URL(answer.headers.get('location') ?? '').searchParams.get('items')
  expect(open.status).toBe(302)
  expect([items(open), items(changed), items(ordered), items(later)]).toEqual([
    'loom:2,vase:1',
    'vase:1',
    null,
    null,
  ])
  const clicks = (await told(her, 'Email Clicked')).map(({ summary }) => summary)
  expect(clicks.filter((summary) => !summary.includes('machine'))).toHaveLength(1)
})

it('the mail online is the mail that was sent, also after its template was changed and published', async () => {
  const { mail } = await reminded({ firstName: 'রিনা "R" <b>' })
  const path = linkIn(mail, 'v')

  await change('abandoned-cart/strings.en.yaml', 'Back to my cart', 'Onwards to my cart')
  await publish()
  const online = await get(path)
  const { mail: newer } = await reminded()

  expect(online.status).toBe(200)
  expect(online.text).toBe(mail.html)
  expect(online.headers.get('x-robots-tag')).toContain('noindex')
  expect(newer.html).toContain('Onwards to my cart')
})

const asked = once(async (): Promise<{ her: Shopper; path: string }> => {
  await nextMorning()
  const her = await shopper(homeward)
  await her.orders()
  await homeward.advance('11d')
  await nextMorning()
  await homeward.advance('2h')
  return { her, path: linkIn(await mailOf(her, 'question'), 'a') }
})

it('a score that is none gets a page that asks again', async () => {
  const { her, path } = await asked()

  const answers = [await get(`${path}?score=11`), await post(path, [['score', 'ten']])]

  expect(answers.map(({ status }) => status)).toEqual([400, 400])
  expect(answers[0]?.text).toContain('type="radio"')
  expect(await names(her)).not.toContain('Survey Answered')
})

it('an answer counts when it is posted, not when its link is followed, and may be changed', async () => {
  const { her, path } = await asked()

  const looked = await get(`${path}?score=9`)
  const none = await names(her)
  const thanked = await post(path, [
    ['score', '9'],
    ['comment', 'সুন্দর 🌿 <b>'],
  ])
  await post(path, [
    ['score', '9'],
    ['comment', 'সুন্দর 🌿 <b>'],
  ])
  await homeward.advance('1s')
  await post(path, [['score', '4']])
  await homeward.advance('1s')

  expect(looked.text).toMatch(/value="9" required checked/)
  expect(none).not.toContain('Survey Answered')
  expect(thanked.text).toContain('সুন্দর 🌿 &lt;b&gt;')
  const answers = (await told(her, 'Survey Answered')).map(({ summary }) => summary)
  expect(answers).toHaveLength(2)
  expect(answers.join()).toContain('NPS 9')
  expect(answers.join()).toContain('NPS 4')
})

it('whoever was erased has pages no more', async () => {
  const { her, mail } = await reminded()
  const { code } = await homeward.command('erase', her.email, '--yes')

  const kinds = ['p', 's', 'v']
  const statuses = await Promise.all(kinds.map(async (kind) => (await get(linkIn(mail, kind))).status))

  expect(code).toBe(0)
  expect(statuses).toEqual([404, 404, 410])
})

it('where two yeses are wanted, the second is given by a button, and not by following its link', async () => {
  await change('settings.yaml', 'doubleOptIn: false', 'doubleOptIn: true')
  await publish()
  await nextMorning()
  const her = await shopper(homeward)
  await homeward.advance('10m')
  const path = linkIn(await mailOf(her, 'confirm'), 'y')

  await get(path)
  await homeward.advance('10m')
  const before = await her.got()
  const done = await post(path, [])
  await post(path, [])
  await homeward.advance('10m')

  expect(before).toEqual(['confirm-subscription/confirm'])
  expect(done.text).toContain('You will now hear from')
  expect(await told(her, 'Consent Given')).toHaveLength(1)
  expect(await her.got()).toContain('welcome/welcome')
})
