/**
 * The words of a mail in every language: which file they are taken from, and that a key which one language lacks
 * is told with its locale before anything is live. What is wrong inside a message is `problem.test.ts`.
 */
import { describe, expect, it } from 'vitest'
import { newFindings } from '#core/template/findings'
import { compileStrings } from '#core/template/strings'
import { renderPage } from './build.ts'

interface Files {
  own: Record<string, string>
  layout?: Record<string, string>
}

const filesOf = (folder: string, texts: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries(texts).map(([locale, text]) => [
      locale,
      {
        file: `${folder}/strings.${locale}.yaml`,
        text: text.startsWith('#') ? text : `${folder === 'layout' ? 'layout' : 'mail'}:\n  ${text}\n`,
      },
    ]),
  )

/** What is said of the keys `a` (of the mail) and `foot` (of the layout). */
function said({ own, layout }: Files): string[] {
  const findings = newFindings()
  for (const key of ['a', 'foot']) {
    findings.wordings.push({ key, names: [], place: { file: 'cart/mail.mjml', line: 7, column: 3 } })
  }
  const files = { mail: 'mail', strings: filesOf('cart', own), layoutStrings: filesOf('layout', layout) }
  compileStrings(files, findings)
  return findings.problems.map(
    ({ file, line, column, message, cure }) => `${file}:${line}:${column} ${message} → ${cure}`,
  )
}

describe('a key that a language lacks is told with its locale', () => {
  it.each<[string, Files, string[]]>([
    ['nothing', { own: { en: 'a: x', bn: 'a: ক' }, layout: { en: 'foot: y', bn: 'foot: খ' } }, []],
    [
      'the default',
      { own: { en: 'b: x', bn: 'a: ক' }, layout: { en: 'foot: y', bn: 'foot: খ' } },
      ['cart/mail.mjml:7:3 there is no string `a` for mail in strings.en.yaml → did you mean "b"?'],
    ],
    [
      'a translation',
      { own: { en: 'a: x', bn: 'b: ক' }, layout: { en: 'foot: y', bn: 'foot: খ' } },
      ['cart/strings.bn.yaml:1:1 `a` of mail has no words in bn → translate it from cart/strings.en.yaml:2'],
    ],
    [
      'a translation, whose file is empty',
      { own: { en: 'a: x', ar: '# nothing yet' }, layout: { en: 'foot: y', ar: 'foot: ذ' } },
      ['cart/strings.ar.yaml:1:1 `a` of mail has no words in ar → translate it from cart/strings.en.yaml:2'],
    ],
    [
      'the layout’s translation',
      { own: { en: 'a: x', bn: 'a: ক' }, layout: { en: 'foot: y', bn: 'b: খ' } },
      [
        'layout/strings.bn.yaml:1:1 `foot` of layout has no words in bn → translate it from layout/strings.en.yaml:2',
      ],
    ],
    [
      'the layout’s whole file',
      { own: { en: 'a: x', bn: 'a: ক' }, layout: { en: 'foot: y' } },
      [
        'layout/strings.en.yaml:2:3 `foot` of layout has no words in bn → add layout/strings.bn.yaml and translate it from layout/strings.en.yaml:2',
      ],
    ],
    [
      'the mail’s own word for a key of the layout',
      { own: { en: 'a: x', bn: 'a: ক\n  foot: গ' }, layout: { en: 'foot: y' } },
      [],
    ],
    [
      'what a region has from its language',
      { own: { en: 'a: x', bn: 'a: ক', 'bn-BD': 'b: গ' }, layout: { en: 'foot: y', bn: 'foot: খ' } },
      [],
    ],
    [
      'a region without its language',
      { own: { en: 'a: x', 'bn-BD': 'b: গ' }, layout: { en: 'foot: y', bn: 'foot: খ' } },
      [
        'cart/strings.bn-BD.yaml:1:1 `a` of mail has no words in bn-BD → translate it from cart/strings.en.yaml:2',
      ],
    ],
    [
      'a language that only the layout has',
      { own: { en: 'a: x' }, layout: { en: 'foot: y', ar: 'b: ذ' } },
      [],
    ],
  ])('%s', (_, files, expected) => {
    expect(said(files)).toEqual(expected)
  })
})

describe('the words she reads', () => {
  const strings = { en: 'a: x\nb: y', bn: 'a: ক\nb: খ', 'bn-BD': 'a: গ' }

  it.each([
    ['en', 'x y en'],
    ['bn', 'ক খ bn'],
    ['bn-BD', 'গ খ bn-BD'],
    ['bn-IN', 'ক খ bn-IN'],
    ['ar', 'x y en'],
    ['nonsense!', 'x y en'],
  ])('%s', (locale, expected) => {
    expect(renderPage('{{t "a"}} {{t "b"}} {{@language}}', { strings, locale })).toBe(expected)
  })
})
