/**
 * The template language is Handlebars as documented (https://handlebarsjs.com/guide/): each form comes out as
 * Handlebars' own makes it, on written cases here and on random ones by seed (`npm run oracle` runs ten thousand).
 * Where we differ on purpose stands in docs/templates.md; each row of its table is a case of the second half.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkLanguage, renderOurs, renderTheirs } from '#test/oracle/language'

interface Written {
  template: string
  partials?: Record<string, string>
  data?: Record<string, unknown>
}

const theData = {
  name: 'Mia',
  empty: '',
  zero: 0,
  no: false,
  yes: true,
  list: ['a', 'b', 'c'],
  nothing: [],
  people: [
    { name: 'Ann', tags: ['x', 'y'], inner: { city: 'Dhaka' } },
    { name: 'Bo', tags: [], inner: { city: 'Khulna' } },
  ],
  bag: { one: 1, two: 'zwei' },
  deep: { er: { name: 'deep' }, name: 'middle', 'a b': 'spaced' },
  'first name': 'Ada',
  true: 'the field true',
  12: 'the field 12',
}

const caseOf = ({ template, partials = {}, data = theData }: Written) => ({
  template: [template],
  partials: Object.fromEntries(Object.entries(partials).map(([name, text]) => [name, [text]])),
  data,
})
const ours = (written: Written): string => {
  const made = renderOurs(caseOf(written))
  return 'text' in made ? made.text : `refused: ${made.problems[0]?.message} → ${made.problems[0]?.cure}`
}
const theirs = (written: Written): string => renderTheirs(caseOf(written))

describe('every form of the language comes out as in Handlebars', () => {
  it.each<[string, string]>([
    ['{{name}} {{deep.name}} {{deep.er.name}} {{deep/er/name}}', 'Mia middle deep deep'],
    ['{{this.name}} {{./name}} {{this/name}} {{zz}}{{zz.y.x}}{{name.y}}', 'Mia Mia Mia '],
    ['{{[first name]}} {{deep.[a b]}} {{people.[1].name}} {{people.0.name}}', 'Ada spaced Bo Ann'],
    ['{{"first name"}} {{12}} {{true}} {{list.length}}', 'Ada the field 12 the field true 3'],
    ['{{zero}} {{no}} {{yes}} {{empty}}{{null}}', '0 false true '],
    ['{{constructor}}{{deep.__proto__}}{{list.map}}{{deep.toString}}', ''],
    [
      '{{#with deep}}{{name}}{{../name}}{{#with er}}{{../../name}}{{../name}}{{/with}}{{/with}}',
      'middleMiaMiamiddle',
    ],
    ['{{#each people}}{{#if name}}{{../name}}{{/if}}{{/each}}', 'MiaMia'],
    [
      '{{#each people}}{{#each tags}}{{../name}}{{../../name}}{{this}};{{/each}}{{/each}}',
      'AnnMiax;AnnMiay;',
    ],
    [
      '{{#each people}}{{@root.name}}{{@index}}{{@first}}{{@last}}{{@key}};{{/each}}',
      'Mia0truefalse0;Mia1falsetrue1;',
    ],
    ['{{#each people}}{{#with inner}}{{@index}}{{city}}{{/with}}{{/each}}', '0Dhaka1Khulna'],
    ['{{#each people}}{{#each tags}}{{@../index}}{{@index}};{{/each}}{{/each}}', '00;01;'],
    [
      '{{#each people}}{{#with inner}}{{#each ../tags}}{{@../index}}{{@index}};{{/each}}{{/with}}{{/each}}',
      '00;01;',
    ],
    ['{{#each bag}}{{@key}}={{this}}{{#unless @last}}, {{/unless}}{{/each}}', 'one=1, two=zwei'],
    ['{{#each people as |one at|}}{{at}}{{one.name}}{{name}};{{/each}}', '0AnnAnn;1BoBo;'],
    ['{{#each bag as |value key|}}{{key}}={{value}};{{/each}}', 'one=1;two=zwei;'],
    [
      '{{#with deep as |d|}}{{#with er as |e|}}{{d.name}}{{e.name}}{{../name}}{{/with}}{{/with}}',
      'middledeepmiddle',
    ],
    ['{{#each people as |x|}}{{#each x.tags as |x|}}{{x}}{{/each}}{{x.name}}{{/each}}', 'xyAnnBo'],
    ['{{#each nothing}}x{{else}}none of {{name}}{{/each}}{{#each name}}x{{^}}!{{/each}}', 'none of Mia!'],
    [
      '{{#with zz}}x{{else}}{{name}}{{/with}}{{#with nothing}}x{{^}}-{{/with}}{{#with zero}}[{{this}}]{{/with}}',
      'Mia-[0]',
    ],
    ['{{#if zero}}x{{else}}none{{/if}} {{#if zero includeZero=true}}zero{{/if}}', 'none zero'],
    ['{{#unless zero}}none{{/unless}}{{#unless zero includeZero=true}}x{{else}}zero{{/unless}}', 'nonezero'],
    ['{{#if zero includeZero=no}}x{{else}}none{{/if}}{{#if empty includeZero=true}}x{{/if}}', 'none'],
    ['{{#if zz}}1{{else if no}}2{{else unless yes}}3{{else with deep}}{{name}}{{else}}5{{/if}}', 'middle'],
    ['{{#if zz}}1{{else each list as |one|}}{{one}}{{/if}}', 'abc'],
    ['{{^if zz}}none{{/if}}{{#if nothing}}x{{^}}empty{{/if}}{{#if deep}}y{{/if}}', 'noneemptyy'],
    ['{{#each list}}{{#if @first}}<{{/if}}{{.}}{{#if @last}}>{{/if}}{{/each}}', '<abc>'],
    ['{{lookup list 1}}{{lookup bag "two"}}{{#each list}}{{lookup ../list @index}}{{/each}}', 'bzweiabc'],
    [
      '{{#with (lookup people 1)}}{{name}}{{/with}}{{#each (lookup people 0)}}{{@key}} {{/each}}',
      'Boname tags inner ',
    ],
    ['{{lookup (lookup people 0) "name"}}{{lookup bag "constructor"}}{{lookup zz "a"}}', 'Ann'],
    ['{{#if (lookup bag "constructor")}}x{{/if}}{{#if (lookup list "map")}}x{{/if}}', ''],
    ['{{#if (eq name "mia")}}yes{{/if}}{{#if (and name (not zz))}}!{{/if}}{{default zz empty "z"}}', 'yes!z'],
    [' {{~name~}} \n x {{~#if yes~}} y {{~else~}} n {{~/if~}} z', 'Miaxyz'],
    ['a\n  {{#if yes}}\n  b\n  {{/if}}\n{{! c }}\nd{{!-- }} --}}e{{~! f ~}} g', 'a\n  b\ndeg'],
    ['\\{{name}} \\\\{{name}} {{name}}', '{{name}} \\Mia Mia'],
    [
      '{{#if 0}}x{{/if}}{{#if ""}}x{{/if}}{{#if "0"}}y{{/if}}{{#if null}}x{{/if}}{{#if undefined}}x{{/if}}',
      'y',
    ],
    ['{{#with (limit people 1)}}{{length}}{{/with}}{{#each (limit people 1)}}{{name}}{{/each}}', '1Ann'],
    ['{{#each (chunk list 2)}}[{{#each this}}{{this}}{{@../index}}{{/each}}]{{/each}}', '[a0b0][c1]'],
  ])('%s', (template, expected) => {
    expect(ours({ template })).toBe(expected)
    expect(theirs({ template })).toBe(expected)
  })

  it.each<[string, Record<string, string>, string]>([
    ['{{> row}}', { row: '({{name}})' }, '(Mia)'],
    ['{{> "row"}}', { row: '({{name}})' }, '(Mia)'],
    ['{{#each people}}{{> row}}{{/each}}', { row: '({{name}}{{@root.name}})' }, '(AnnMia)(BoMia)'],
    ['{{> row deep}}', { row: '({{name}}{{er.name}})' }, '(middledeep)'],
    [
      '{{> row deep name="given" x=zero}}',
      { row: '({{name}}{{this.name}}{{x}}{{er.name}})' },
      '(givengiven0deep)',
    ],
    ['{{> row name=zz}}{{> row name=undefined}}', { row: '({{name}})' }, '()(Mia)'],
    ['{{> row x="p"}}', { row: '{{#each people}}{{../x}}{{name}}{{/each}}' }, 'pAnnpBo'],
    ['{{> row name="p"}}', { row: '{{#each people}}{{name}}{{/each}}' }, 'AnnBo'],
    [
      '{{> outer x="p"}}',
      { outer: '{{> inner}}{{> inner x="q"}}', inner: '({{x}}{{name}})' },
      '(pMia)(qMia)',
    ],
    ['{{#each people as |name|}}{{> row}}{{/each}}', { row: '({{name}})' }, '(Ann)(Bo)'],
    ['{{> row zz}}', { row: '({{name}})' }, '()'],
    ['a\n  {{> row}}\nb', { row: 'x\n' }, 'a\n  x\nb'],
    [
      '{{> row one=deep}}',
      { row: '{{#with one}}{{name}}{{#with er}}{{../name}}{{/with}}{{/with}}' },
      'middlemiddle',
    ],
    [
      '{{> row (lookup people 1) n=1}}',
      { row: '{{name}}{{inner.city}}{{n}}{{#each tags}}x{{else}}-{{/each}}' },
      'BoKhulna1-',
    ],
    ['{{> row one=(lookup people 0)}}', { row: '{{one.name}}{{one.inner.city}}' }, 'AnnDhaka'],
  ])('%s with %j', (template, partials, expected) => {
    expect(ours({ template, partials })).toBe(expected)
    expect(theirs({ template, partials })).toBe(expected)
  })

  it.each(Array.from({ length: 8 }, (_, block) => block))('random templates, part %i', (block) => {
    const seeds = Array.from({ length: 25 }, (_, index) => 1 + block * 25 + index)

    const wrong = seeds.flatMap((seed) => checkLanguage(seed) ?? [])

    expect(wrong).toEqual([])
  })
})

/** What we do otherwise on purpose, by the words of the table in docs/templates.md. */
const differences: Record<string, Written & { ours: string; theirs: string }> = {
  'A number is written in her digits': {
    template: '{{n}}',
    data: { n: 1234567 },
    ours: '1,234,567',
    theirs: '1234567',
  },
  'A list or an object prints nothing': {
    template: '[{{list}}{{deep}}]',
    ours: '[]',
    theirs: '[a,b,c[object Object]]',
  },
  'Control characters are left out': {
    template: '{{n}}',
    data: { n: 'a\u0000b\u202ec' },
    ours: 'abc',
    theirs: 'a\u0000b\u202ec',
  },
  'A name that runs against the mail is set apart': {
    template: '{{n}}',
    data: { n: 'ليلى' },
    ours: '\u2068ليلى\u2069',
    theirs: 'ليلى',
  },
  'A name alone is a field, where there is one': {
    template: '{{upper}}',
    data: { upper: 'the field' },
    ours: 'the field',
    theirs: '',
  },
  'A text has no parts': { template: '[{{name.length}}{{name.[0]}}]', ours: '[]', theirs: '[3M]' },
  '`../` always leaves one `each` or `with`': {
    template: '{{#with deep}}{{#with this}}{{../name}}{{/with}}{{/with}}',
    ours: 'middle',
    theirs: 'Mia',
  },
  'An empty element of a list stays empty': {
    template: '{{#each n}}[{{#if yes}}{{else}}{{this}}{{/if}}]{{/each}}',
    data: { n: [null] },
    ours: '[]',
    theirs: '[[object Object]]',
  },
  'Nothing is below nothing': { template: '[{{@root.zero.a}}]', ours: '[]', theirs: '[0]' },
  'A list is walked to its hundredth element': {
    template: '{{#each n}}x{{/each}}',
    data: { n: Array(101).fill(1) },
    ours: 'x'.repeat(100),
    theirs: 'x'.repeat(101),
  },
  'A layout file sees what is around it': {
    template: '{{#each people}}{{> row n="p"}}{{/each}}',
    partials: { row: '{{../name}}' },
    ours: 'MiaMia',
    theirs: '',
  },
}

describe('where we differ, we mean to', () => {
  it.each(Object.entries(differences))('%s', (_, written) => {
    expect(ours(written)).toBe(written.ours)
    expect(theirs(written)).toBe(written.theirs)
  })

  it('is in the docs, row by row', () => {
    const docs = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8')
    const [, table = ''] = docs.split('## Where it differs from Handlebars')
    const rows = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| ([^|]+?) +\|/gm)].map((row) => row[1])

    expect(rows.slice(2).toSorted()).toEqual(Object.keys(differences).toSorted())
  })
})

describe('what is not of the language is refused with a cure', () => {
  it.each<[string, RegExp]>([
    ['{{{{raw}}}} {{x}} {{{{/raw}}}}', /^refused: \{\{\{\{raw\}\}\}\} opens a raw block.* → write \\\{\{/],
    ['{{* decorate}}', /^refused: inline partials and decorators .* → put the piece into a file/],
    ['{{#*inline "x"}}y{{/inline}}', /^refused: inline partials and decorators/],
    ['{{#> row}}x{{/row}}', /^refused: \{\{#> …\}\} would hand a whole block/],
    ['{{> @partial-block}}', /^refused: there is no templates\/layout\/@partial-block.mjml/],
    ['{{> (lookup bag "one")}}', /^refused: which file of the layout this is .* → choose with \{\{#if\}\}/],
    ['{{#bag}}x{{/bag}}', /^refused: there is no block \{\{#bag\}\} → there are #if/],
    ['{{#if yes as |x|}}{{/if}}', /^refused: \{\{#if\}\} has nothing to call `as \|…\|`/],
    [
      '{{#if yes no=1}}{{/if}}',
      /^refused: \{\{#if\}\} knows no `no=` → there is \{\{#if .* includeZero=true/,
    ],
    ['{{#with deep x=1}}{{/with}}', /^refused: \{\{#with\}\} knows no `x=` → take it out/],
    ['{{{name}}}', /^refused: three braces print unescaped HTML/],
    ['{{&name}}', /^refused: three braces print unescaped HTML/],
    ['{{log name}}', /^refused: there is no function `log`/],
    ['{{deep.er name}}', /^refused: there is no function `deep.er`/],
    ['{{@level}}', /^refused: unknown name `@level` → known: @root/],
    ['{{../../name}}', /^refused: `..\/..\/name` leads out of the mail/],
    ['\\{{#if}} {{#each list}}', /^refused: \{\{#each\}\} is never closed/],
    ['{{!-- {{#if}} --}}{{#if a}}', /^refused: \{\{#if\}\} is never closed/],
  ])('%s', (template, expected) => {
    expect(ours({ template, partials: { row: '' } })).toMatch(expected)
  })
})
