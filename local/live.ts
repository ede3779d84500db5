/**
 * `GET /_local/events`: Server-Sent Events for the page: `mail`, `decision` and `clock`, as they happen; the page of
 * previews (`cli/preview/server.ts`) is told `saved`. A reader that stalls is dropped rather than buffered for.
 */
import type { ServerResponse } from 'node:http'

const MAX_READERS = 50
const MAX_BUFFERED_BYTES = 1_000_000

export class Live {
  private readonly readers = new Set<ServerResponse>()

  add(response: ServerResponse): void {
    if (this.readers.size >= MAX_READERS) {
      response.writeHead(503).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 1000\n\n')
    this.readers.add(response)
    response.on('close', () => this.readers.delete(response))
  }

  /** Tells every reader; cheap when there is none. */
  tell(event: 'mail' | 'decision' | 'clock' | 'saved', data: unknown): void {
    if (this.readers.size === 0) return
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    for (const reader of this.readers) {
      if (reader.writableLength > MAX_BUFFERED_BYTES) reader.destroy()
      else reader.write(text)
    }
  }

  stop(): void {
    for (const reader of this.readers) reader.end()
  }
}
