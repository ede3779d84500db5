/**
 * A row of a file of customers as what Homeward takes in: calls of the Segment specification marked as history,
 * so that no journey begins by them, or a suppression for the inbox alone. A yes to mail counts only with its
 * proof (when and where it was given); a no always does. Pure; `flow/import.ts` hands it in.
 */
import { readAddress } from '#core/address'
import type { Bag } from '#core/event'
import { derive } from '#core/id'
import type { Instant } from '#core/time'
import { type Cells, cellsOf, momentCure, type Note, readList, readMoment, shown } from './cell.ts'
import type { Column, CustomerField } from './columns.ts'

/** An inbox that must not be written to. */
export interface Suppression {
  email: string
  why: 'bounce' | 'complaint' | 'manual'
  /** When it came to be; undefined: not said. */
  at: Instant | undefined
}

/** What a row comes to. */
export type Standing = 'subscribed' | 'without proof' | 'unsubscribed' | 'suppressed' | 'no choice' | 'order'

export interface Item {
  /** The row it stands in, as a spreadsheet counts; of several, the first. */
  row: number
  standing: Standing | 'refused' | 'left out'
  /** Who it is about: items that share one go one after the other. */
  ids: string[]
  calls: Bag[]
  suppress?: Suppression
  notes: Note[]
}

export interface ImportOptions {
  /** Stands for the file's content and mapping: with the row it makes the ids of events. */
  fingerprint: string
  now: Instant
  /** What a row without the cell is taken to say. */
  status: string | undefined
  consentSource: string | undefined
}

const words: Record<string, 'subscribed' | 'unsubscribed' | 'no choice' | Suppression['why']> = {
  ...wordsFor('subscribed', ['subscribed', 'yes', 'true', '1', 'active', 'optedin', 'optin', 'confirmed']),
  ...wordsFor('unsubscribed', ['unsubscribed', 'optedout', 'optout', 'withdrawn']),
  ...wordsFor('manual', ['suppressed', 'blocked', 'blacklisted']),
  ...wordsFor('bounce', ['bounced', 'bounce', 'hardbounced', 'cleaned', 'undeliverable', 'invalid']),
  ...wordsFor('complaint', ['complained', 'complaint', 'spam', 'spamcomplaint', 'abuse', 'markedasspam']),
  ...wordsFor('no choice', ['none', 'no', 'false', '0', 'neversubscribed', 'notsubscribed', 'nonsubscribed']),
  ...wordsFor('no choice', ['transactional', 'pending', 'unconfirmed']),
}

function wordsFor<T>(meaning: T, list: readonly string[]): Record<string, T> {
  return Object.fromEntries(list.map((word) => [word, meaning]))
}

/** What a word of a status column means; undefined: not known. */
export const readStatus = (text: string) => {
  const word = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return Object.hasOwn(words, word) ? words[word] : undefined
}

function statusOf(cells: Cells<CustomerField>, { status }: ImportOptions) {
  const text = cells.text('status')
  if (text === undefined) {
    // lists of those who left have no column that says so, only one that says when
    if (cells.text('unsubscribedAt') !== undefined) return 'unsubscribed'
    if (cells.text('suppressedAt') !== undefined) return 'bounce'
    return status === undefined ? 'no choice' : (readStatus(status) ?? 'no choice')
  }
  const meant = readStatus(text)
  if (meant !== undefined) return meant
  const cure = 'write subscribed, unsubscribed, suppressed, bounced, complained or none'
  cells.note('note', 'status', `${shown(text)} is no status: taken as no choice`, cure)
  return 'no choice'
}

/** A moment of a cell, in the past; what is none is told and left out. */
function momentIn(cells: Cells<CustomerField>, field: CustomerField, now: Instant): Instant | undefined {
  const text = cells.text(field)
  if (text === undefined) return undefined
  const at = readMoment(text)
  if (at === undefined) cells.note('note', field, `${shown(text)} is no time`, momentCure)
  else if (at > now)
    cells.note('note', field, `${shown(text)} is in the future`, 'give the time it was given at')
  return at !== undefined && at <= now ? at : undefined
}

function readBirthday(cells: Cells<CustomerField>): string | undefined {
  const text = cells.text('birthday')
  if (text === undefined) return undefined
  // mail services keep month and day alone
  const short = /^(0?[1-9]|1[0-2])\/(0?[1-9]|[12]\d|3[01])$/.exec(text)
  if (short) return `--${short[1]?.padStart(2, '0')}-${short[2]?.padStart(2, '0')}`
  const day = /^(\d{4}-\d\d-\d\d|--\d\d-\d\d)/.exec(text)?.[1]
  if (day === undefined)
    cells.note('note', 'birthday', `${shown(text)} is no birthday`, 'write it as 1990-05-31, or --05-31')
  return day
}

const plain = [
  'firstName',
  'lastName',
  'name',
  'locale',
  'timezone',
  'region',
  'phone',
  'gender',
  'occupation',
] as const

function traitsIn(cells: Cells<CustomerField>, email: string | undefined): Bag {
  const birthday = readBirthday(cells)
  const interests = cells.text('interests')
  const given = plain.flatMap((field) => {
    const text = cells.text(field)
    return text === undefined ? [] : [[field, text] as const]
  })
  return {
    ...cells.traits(),
    ...Object.fromEntries(given),
    ...(birthday !== undefined && { birthday }),
    ...(interests !== undefined && { interests: readList(interests) }),
    ...(email !== undefined && { email }),
  }
}

interface Who {
  email: string | undefined
  userId: string | undefined
}

const context = (traits?: Bag): Bag => ({ history: true, ...(traits && { traits }) })

/** The choice of a row as a call; undefined: it makes none that counts. */
function choiceIn(
  cells: Cells<CustomerField>,
  of: { who: Who; status: 'subscribed' | 'unsubscribed'; id: string },
  options: ImportOptions,
): Bag | undefined {
  const { email, userId } = of.who
  const given = of.status === 'subscribed'
  const source = cells.text('consentSource') ?? (given ? options.consentSource : undefined)
  const at = momentIn(cells, given ? 'consentAt' : 'unsubscribedAt', options.now)
  if (given && (at === undefined || source === undefined)) {
    const field = at === undefined ? 'consentAt' : 'consentSource'
    const what = `subscribed, but ${at === undefined ? 'when' : 'where'} she agreed is not said: no consent is recorded`
    cells.note('note', field, what, 'give consentAt and consentSource, or let her agree anew')
    return undefined
  }
  const topics = readList(cells.text('topics') ?? '')
  const text = cells.text('consentText')
  return {
    type: 'track',
    event: given ? 'Consent Given' : 'Consent Withdrawn',
    messageId: of.id,
    ...(userId !== undefined && { userId }),
    ...(at !== undefined && { timestamp: at }),
    properties: {
      source: source ?? 'import',
      ...(topics.length > 0 && { topics }),
      ...(text !== undefined && { text }),
    },
    context: context(email === undefined ? undefined : { email }),
  }
}

const refusedItem = (row: number, notes: Note[]): Item => ({
  row,
  standing: 'refused',
  ids: [],
  calls: [],
  notes,
})

function whoIn(cells: Cells<CustomerField>): Who | undefined {
  const [text, userId] = [cells.text('email'), cells.text('userId')]
  const email = readAddress(text)
  if (text !== undefined && email === undefined)
    cells.note(
      userId === undefined ? 'refused' : 'note',
      'email',
      `${shown(text)} is no e-mail address that mail can be sent to`,
      'correct the address',
    )
  if (email === undefined && userId === undefined && text === undefined)
    cells.note('refused', 'email', 'the row names nobody', 'give an e-mail address or a user id')
  return email === undefined && userId === undefined ? undefined : { email, userId }
}

/** What a row of customers comes to. */
export function customerItem(
  columns: readonly Column<CustomerField>[],
  given: { row: number; cells: readonly string[] },
  options: ImportOptions,
): Item {
  const { row } = given
  const cells = cellsOf(columns, given.cells)
  const { notes } = cells
  const who = whoIn(cells)
  if (who === undefined) return refusedItem(row, notes)
  const { email, userId } = who
  const ids = [...(email ? [`address ${email.toLowerCase()}`] : []), ...(userId ? [`user ${userId}`] : [])]
  const status = statusOf(cells, options)
  if (status === 'bounce' || status === 'complaint' || status === 'manual') {
    if (email === undefined) {
      cells.note('refused', 'email', 'a suppressed row needs its address', 'give the address')
      return refusedItem(row, notes)
    }
    const suppress = { email, why: status, at: momentIn(cells, 'suppressedAt', options.now) }
    return { row, standing: 'suppressed', ids, calls: [], suppress, notes }
  }
  const id = (part: string) => derive('e', 'import', options.fingerprint, row, part)
  const saidAt = momentIn(cells, 'updatedAt', options.now)
  const profile: Bag = {
    type: 'identify',
    messageId: id('profile'),
    ...(userId !== undefined && { userId }),
    ...(saidAt !== undefined && { timestamp: saidAt }),
    traits: traitsIn(cells, email),
    context: context(),
  }
  if (status === 'no choice') return { row, standing: status, ids, calls: [profile], notes }
  const choice = choiceIn(cells, { who, status, id: id('choice') }, options)
  const calls = choice === undefined ? [profile] : [profile, choice]
  return { row, standing: choice === undefined ? 'without proof' : status, ids, calls, notes }
}
