/**
 * The local inbox: every mail SES accepted here, newest last. The list lives in the store, the bodies in one file a
 * mail, so that a restart finds all of it and memory holds none of the HTML.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreTable } from './store.ts'

export type InboxEntry = {
  id: string
  at: string
  to: string
  from: string
  subject: string
  messageId: string | null
  customerId: string | null
  journey: string | null
  step: string | null
  /** What became of it: delivered, bounced, bounced softly, complained, suppressed. */
  fate: string
}

export type InboxBody = { html: string; text: string; headers: Record<string, string>; raw: string }

export class Inbox {
  private readonly list: StoreTable<InboxEntry>
  private readonly folder: string
  private readonly onMail: (entry: InboxEntry) => void

  constructor(list: StoreTable<InboxEntry>, folder: string, onMail: (entry: InboxEntry) => void) {
    this.list = list
    this.folder = folder
    this.onMail = onMail
    mkdirSync(folder, { recursive: true })
  }

  get size(): number {
    return this.list.size
  }

  add(entry: InboxEntry, body: InboxBody): void {
    writeFileSync(this.file(entry.id), JSON.stringify(body))
    this.list.set(entry.id, entry)
    this.onMail(entry)
  }

  /** Newest last. */
  entries(): InboxEntry[] {
    return [...this.list.entries()].map(([, entry]) => entry)
  }

  /** One mail with its bodies; undefined when there is none. */
  read(id: string): (InboxEntry & InboxBody) | undefined {
    const entry = this.list.get(id)
    if (entry === undefined || !existsSync(this.file(id))) return undefined
    return { ...entry, ...this.body(id) }
  }

  private body(id: string): InboxBody {
    try {
      return JSON.parse(readFileSync(this.file(id), 'utf8')) as InboxBody
    } catch (cause) {
      const cure = 'That it was sent is still known; restore the file, or empty the inbox.'
      throw new Error(`The file of this mail, ${this.file(id)}, is damaged. ${cure}`, { cause })
    }
  }

  clear(): void {
    for (const entry of this.entries()) {
      rmSync(this.file(entry.id), { force: true })
      this.list.delete(entry.id)
    }
  }

  private file(id: string): string {
    return join(this.folder, `${id}.json`)
  }
}
