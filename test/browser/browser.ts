/**
 * The browser of the tests: one Chromium for all files of a worker, a fresh context for each page, what the
 * console complained about, axe, and pictures in `.cache/screenshots` for people to look at. Without a Chromium
 * the files skip with one line; where CI is set they fail instead.
 */
import { copyFile, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describe, TestRunner } from 'vitest'
import { findChromium } from './chromium.ts'

const root = resolve(import.meta.dirname, '../..')
const found = await findChromium()
const none = 'No Chromium for this machine: set CHROMIUM_PATH to one to run the browser tests.'
if (found === undefined && process.env.CI) throw new Error(none)
if (found === undefined) process.stderr.write(`${none}\n`)

/** `describe` where there is a Chromium, else a skip. */
export const describeInBrowser = found === undefined ? describe.skip : describe

let launched: Promise<Browser> | undefined

async function launch(): Promise<Browser> {
  if (found === undefined) throw new Error(none)
  const env = { ...process.env, ...found.env }
  const browser = await chromium.launch({ executablePath: found.executablePath, env })
  process.once('exit', () => void browser.close())
  return browser
}

export interface Opened {
  page: Page
  /** Errors and warnings of the console, failed requests and uncaught errors, as they came. */
  complaints: string[]
  /** Closes the page; when the test has failed, tells first what stood on it. */
  close(): Promise<void>
}

export interface OpenOptions {
  width?: number
  height?: number
  dark?: boolean
  javaScript?: boolean
  timeZone?: string
}

/** What stands on a page when its test fails: without it a failure elsewhere than here tells nothing. */
async function lastWords(page: Page, complaints: string[]): Promise<string> {
  if (page.isClosed()) return `${page.url()} was closed`
  const text = await page.evaluate('document.body.innerText')
  const fields = await page.evaluate('[...document.forms].map((form) => [...new FormData(form)].join(" "))')
  const said = complaints.length === 0 ? 'no complaint' : complaints.join('\n')
  return `${page.url()}\n${said}\nfields ${JSON.stringify(fields)}\n${text}`
}

const failed = () => TestRunner.getCurrentTest()?.result?.state === 'fail'

/** A page in a context of its own. */
export async function openPage(url: string, options: OpenOptions = {}): Promise<Opened> {
  launched ??= launch()
  const { width = 1440, height = 900, dark = false, javaScript = true, timeZone = 'UTC' } = options
  const asked: BrowserContextOptions = {
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: javaScript,
    timezoneId: timeZone,
    reducedMotion: 'reduce',
  }
  const context = await (await launched).newContext(asked)
  context.setDefaultTimeout(30_000)
  const complaints: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  const page = await context.newPage()
  await page.goto(url)
  const close = async () => {
    if (failed()) process.stderr.write(`\nWhen the test failed: ${await lastWords(page, complaints)}\n`)
    await context.close()
  }
  return { page, complaints, close }
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
  iframes: false,
  // of what is right nothing is told: to find words for it costs more than to find it
  resultTypes: ['violations'],
  selectors: false,
}

/** Brings axe in, and into what the page leads to: there it costs half, because the browser knows the script. */
async function bringAxe(page: Page): Promise<void> {
  if ((await page.evaluate('typeof axe')) !== 'undefined') return
  await page.evaluate(await axeSource)
  await page.addInitScript(await axeSource)
}

/** What axe finds serious or critical, one line a finding. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await bringAxe(page)
  const results = (await page.evaluate(`axe.run(document, ${JSON.stringify(rules)})`)) as AxeResults
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}

/** Pictures that stand in the docs; `PICTURES=docs` puts them there anew. */
const inDocs: Record<string, string> = {
  'page-1440-light': 'page',
  'mail-abandoned-cart-reminder-en-regular-600-light': 'mail-en',
  'mail-abandoned-cart-reminder-bn-bengali-600-light': 'mail-bn',
  'mail-birthday-birthday-ar-arabic-600-dark': 'mail-ar',
  'shop-en-1280-light-home': 'shop-en',
  'shop-bn-375-light-home': 'shop-bn',
  'preferences-en': 'preferences-en',
  'survey-bn': 'survey-bn',
}

/** The part of the window that the page fills; undefined when the page is higher. A whole page costs seconds. */
async function filled(page: Page) {
  const { width = 0, height = 0 } = page.viewportSize() ?? {}
  const needed = (await page.evaluate('document.documentElement.scrollHeight')) as number
  const content = (await page.evaluate('Math.ceil(document.body.getBoundingClientRect().bottom)')) as number
  return needed > height ? undefined : { x: 0, y: 0, width, height: Math.min(height, Math.max(content, 100)) }
}

/**
 * Keeps a picture of the window, or of the whole page, in `.cache/screenshots`: as JPEG, which is taken in half
 * the time, or as PNG where it may stand in the docs.
 */
export async function picture(page: Page, name: string, whole = false): Promise<Buffer> {
  const kept = inDocs[name]
  const as = kept === undefined ? ({ type: 'jpeg', quality: 80 } as const) : ({ type: 'png' } as const)
  const path = join(root, '.cache', 'screenshots', `${name}.${as.type}`)
  const clip = whole ? await filled(page) : undefined
  const taken = await page.screenshot({
    path,
    ...as,
    ...(clip === undefined ? { fullPage: whole } : { clip }),
  })
  if (process.env.PICTURES === 'docs' && kept !== undefined)
    await copyFile(path, join(root, 'docs', 'picture', `${kept}.png`))
  return taken
}

/** Whether the page is wider than its window: something sticks out. */
export const overflows = async (page: Page): Promise<boolean> =>
  (await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')) as boolean
