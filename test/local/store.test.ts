/** What survives: the journal, the lock of the data folder. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFolder } from '#local/lock'
import { Store } from '#local/store'

const aFolder = () => mkdtempSync(join(tmpdir(), 'store-'))
const aFile = () => join(aFolder(), 'state.jsonl')

describe('the journal', () => {
  it('gives back what was set, without what was deleted', () => {
    const file = aFile()
    const store = new Store(file)
    const table = store.table<{ n: number }>('t')
    table.set('a', { n: 1 })
    table.set('b', { n: 2 })
    table.set('a', { n: 3 })
    table.delete('b')

    const again = new Store(file).table<{ n: number }>('t')

    expect([...again.entries()]).toEqual([['a', { n: 3 }]])
  })

  it('survives without being closed, as after SIGKILL', () => {
    const file = aFile()
    new Store(file).table('t').set('a', 1)

    expect(new Store(file).table('t').get('a')).toBe(1)
  })

  it('drops a last line that a crash tore', () => {
    const file = aFile()
    new Store(file).table('t').set('a', 1)
    appendFileSync(file, '["t","b",{"to')

    const again = new Store(file)
    again.table('t').set('c', 3)

    expect([...new Store(file).table('t').entries()]).toEqual([
      ['a', 1],
      ['c', 3],
    ])
  })

  it('says which line is damaged and what to do', () => {
    const file = aFile()
    writeFileSync(file, '["t","a",1]\nrubbish\n["t","b",2]\n')

    expect(() => new Store(file)).toThrow(/line 2 is no JSON entry.*Move the data folder away/)
  })

  it('does not grow for ever when one key is set again and again', () => {
    const file = aFile()
    const table = new Store(file).table('t')

    for (let count = 0; count < 30_000; count++) table.set('a', count)

    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(25_000)
    expect(new Store(file).table('t').get('a')).toBe(29_999)
  })
})

describe('the lock', () => {
  it('refuses a folder that is in use, saying by whom and what to do', () => {
    const folder = aFolder()
    const release = lockFolder(folder)

    expect(() => lockFolder(folder)).toThrow(new RegExp(`process ${process.pid}.*${folder}.*--data`))
    release()
  })

  it('is free again once released', () => {
    const folder = aFolder()
    lockFolder(folder)()

    expect(existsSync(join(folder, 'lock'))).toBe(false)
    lockFolder(folder)()
  })

  it.each([
    ['below a file', () => join(aFile(), 'x'), true],
    ['where nothing can be made', () => '/proc/homeward/x', false],
  ])('refuses a folder %s, with a cure', (_, folderOf, isBelowFile) => {
    const folder = folderOf()
    if (isBelowFile) writeFileSync(dirname(folder), '')

    expect(() => lockFolder(folder)).toThrow(/cannot be written .*--data/)
  })

  it('makes the folder with its parents', () => {
    const folder = join(aFolder(), 'a', 'b')

    lockFolder(folder)()

    expect(existsSync(folder)).toBe(true)
  })

  it.each([
    ['of a process that is gone', '{"pid":4194303,"started":"1"}'],
    ['of another process that had our id', `{"pid":${process.pid},"started":"1"}`],
    ['that cannot be read', 'rubbish'],
  ])('takes over a lock %s', (_, text) => {
    const folder = aFolder()
    writeFileSync(join(folder, 'lock'), text)

    expect(() => lockFolder(folder)()).not.toThrow()
  })
})
