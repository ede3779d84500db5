/** Single keys while `npm start` runs at a terminal: they turn the clock, open the page, end it all. */
import { openBrowser } from './browser.ts'

const turns: Record<string, { body: object; label: string }> = {
  h: { body: { advance: '1h' }, label: '+1 hour' },
  d: { body: { advance: '1d' }, label: '+1 day' },
  n: { body: { to: 'next-alarm' }, label: 'to the next alarm' },
}

/** What the keys do, for the welcome. */
export const hotkeysLine = 'h +1 hour · d +1 day · n to the next alarm · o open the page · q quit'

/** Whether somebody can press keys. */
export const hasKeys = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

async function turn(url: string, body: object): Promise<string> {
  const response = await fetch(`${url}/_local/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) return String(answer.detail ?? response.status)
  const { now, sent, skipped, held } = answer
  return `${String(now).slice(0, 16).replace('T', ' ')} UTC · ${sent} sent, ${skipped} skipped, ${held} held`
}

/** Listens for keys until the process ends. */
export function listenForKeys(on: { url: string; say: (text: string) => void; quit: () => void }): void {
  let isTurning = false
  process.stdin.setRawMode(true).setEncoding('utf8').resume()
  // Keys pressed while it was starting come in one piece.
  process.stdin.on('data', (keys: string) => {
    for (const key of keys) press(key)
  })
  const press = (key: string): void => {
    if (key === 'q' || key === '\u0003' || key === '\u0004') return on.quit()
    if (key === 'o') return openBrowser(on.url)
    const wanted = turns[key]
    if (wanted === undefined || isTurning) return
    isTurning = true
    turn(on.url, wanted.body)
      .then((text) => on.say(`  ⏱ ${wanted.label}: ${text}`))
      .catch((error: Error) => on.say(`  the clock could not be turned: ${error.message}`))
      .finally(() => {
        isTurning = false
      })
  }
}
