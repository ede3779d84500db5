/** The command of previews: which mail is meant, and the page it tells the address of. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { meantMail } from '#cli/preview'

const root = new URL('../..', import.meta.url).pathname
const argumentsOf = (...given: string[]) => ['cli/run.js', 'preview', ...given, '--no-open', '--port', '0']

describe('npm run preview', () => {
  const mails = ['abandoned-cart/last-call', 'abandoned-cart/reminder', 'welcome/welcome']
  it.each<[string | undefined, object]>([
    [undefined, { mail: 'abandoned-cart/last-call' }],
    ['welcome', { mail: 'welcome/welcome' }],
    ['abandoned-cart/reminder', { mail: 'abandoned-cart/reminder' }],
    ['abandoned-cart', { problem: `Say which mail of abandoned-cart: ${mails.slice(0, 2).join(', ')}.` }],
    [
      'abandoned-crt/reminder',
      {
        problem: `There is no mail "abandoned-crt/reminder". Did you mean ${mails[1]}? There is: ${mails.join(', ')}.`,
      },
    ],
    ['x', { problem: `There is no mail "x". There is: ${mails.join(', ')}.` }],
  ])('knows which mail is meant by %s', (name, expected) => {
    expect(meantMail(name, mails)).toEqual(expected)
  })

  it('says where to look when the folder holds no mail', () => {
    expect(meantMail(undefined, [])).toEqual({ problem: expect.stringContaining('npm run check') })
  })

  it('tells the address of its page, and ends when it is told to', async () => {
    const child = spawn(process.execPath, argumentsOf('welcome', '--json'), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { url, mail } = JSON.parse(line) as { url: string; mail: string }
    const page = await (await fetch(url)).text()
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number | null]

    expect(mail).toBe('welcome/welcome')
    expect(page).toContain('<title>Homeward · preview</title>')
    expect(code).toBe(0)
  })
})
