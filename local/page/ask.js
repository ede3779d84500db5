/**
 * Talks to the runtime and turns what goes wrong into sentences. `onChange` tells when there may be news.
 */

const POLL_MS = 2000
const CALM_MS = 120

/** Something the person should read: what happened, in words. */
export class Trouble extends Error {
  constructor(words, status) {
    super(words)
    this.status = status
  }
}

async function wordsOf(response) {
  const problem = await response.json().catch(() => undefined)
  const words = [problem?.title, problem?.detail].filter(Boolean).join(': ')
  return words || `Homeward answered ${response.status} ${response.statusText}`
}

/** The JSON behind `path`; `body` makes it a POST; `keepalive` outlives the page. Throws `Trouble` with words. */
export async function ask(path, { method, body, key, keepalive } = {}) {
  const headers = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (key !== undefined) headers.authorization = `Basic ${btoa(`${key}:`)}`
  const init = { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, keepalive }
  if (body !== undefined) init.body = JSON.stringify(body)
  const response = await fetch(path, init).catch(() => {
    throw new Trouble('Homeward does not answer. Is `npm start` still running?', 0)
  })
  if (!response.ok) throw new Trouble(await wordsOf(response), response.status)
  return response.status === 204 ? undefined : response.json().catch(() => undefined)
}

/**
 * Calls `listener` soon after anything may have changed, and `news` at once when it surely did. Mails, decisions and turns of the clock are pushed;
 * other events are not, so it also looks from time to time while somebody looks at the page.
 */
export function onChange(listener, news) {
  let asleep
  const soon = () => {
    if (asleep !== undefined) return
    asleep = setTimeout(() => {
      asleep = undefined
      listener()
    }, CALM_MS)
  }
  const pushed = () => {
    news()
    soon()
  }
  const source = new EventSource('/_local/events')
  for (const name of ['mail', 'decision', 'clock', 'open']) source.addEventListener(name, pushed)
  document.addEventListener('visibilitychange', soon)
  setInterval(() => document.hidden || soon(), POLL_MS)
}
