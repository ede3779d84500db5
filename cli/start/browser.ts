/** Opens a page in the person's browser, or quietly does not where there is none. */
import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

export function openBrowser(url: string): void {
  const [command = 'xdg-open', ...first] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...first, url], { stdio: 'ignore', detached: true })
  // No opener, no browser: the address stands in the terminal anyway.
  child.on('error', () => {})
  child.unref()
}
