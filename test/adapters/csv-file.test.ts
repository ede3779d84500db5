/** Files of comma-separated values as spreadsheets leave them on a disk: encodings, marks, and what is no text. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Encoding, hashOf, rowsOf } from '#adapters/csv-file'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeward-csv-'))
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

const path = () => join(folder, 'list.csv')

async function read(bytes: Buffer, encoding: Encoding = 'utf-8'): Promise<string[][]> {
  await writeFile(path(), bytes)
  const rows: string[][] = []
  for await (const { cells } of rowsOf(path(), encoding)) rows.push(cells)
  return rows
}

const text = 'email,name\r\nmia@example.com,মিয়া 🛒\r\n'
const rows = [
  ['email', 'name'],
  ['mia@example.com', 'মিয়া 🛒'],
]
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()

describe('a file', () => {
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, big end first', swapped(Buffer.from(`\uFEFF${text}`, 'utf16le'))],
  ])('in %s is read', async (_, bytes) => {
    expect(await read(bytes)).toEqual(rows)
  })

  it('in Latin-1 is refused with the row and the cure, and read when that is said', async () => {
    const bytes = Buffer.from('email,name\nrene@example.com,Ren\xe9 \x80\n', 'latin1')

    await expect(read(bytes)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/row 1 on is not UTF-8.*--encoding latin1/s),
    })
    expect(await read(bytes, 'latin1')).toEqual([
      ['email', 'name'],
      ['rene@example.com', 'René €'],
    ])
  })

  it('that is long is read whole, letters across the pieces it is read in included', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `person-${index}@example.com,মিয়া`)

    const found = await read(Buffer.from(`email,name\n${lines.join('\n')}`))

    expect(found).toHaveLength(40_001)
    expect(found.every(([, name], index) => index === 0 || name === 'মিয়া')).toBe(true)
  })

  it('with a quote that is never closed says in which row', async () => {
    await expect(read(Buffer.from('email,name\na@b.example,"open\n'))).rejects.toThrow(/row 2: a quote/)
  })

  it('that is not there, or a folder, is said', async () => {
    const gone = join(folder, 'gone.csv')

    await expect(hashOf(gone)).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(rowsOf(gone, 'utf-8').next()).rejects.toThrow('there is no such file')
    await expect(rowsOf(folder, 'utf-8').next()).rejects.toThrow('that is a folder')
  })

  it('has a hash of its content alone', async () => {
    await writeFile(path(), text)
    const first = await hashOf(path())
    await writeFile(join(folder, 'copy.csv'), text)

    expect(await hashOf(join(folder, 'copy.csv'))).toBe(first)
    await writeFile(path(), `${text} `)
    expect(await hashOf(path())).not.toBe(first)
  })
})
