/**
 * HTML of the shop's own: what it may hold, that only a field declared as such is printed as it is, and that even
 * there nothing else gets through.
 */
import { describe, expect, it } from 'vitest'
import { Settings } from '#core/settings'
import { plainRichText, richTextProblem, safeRichText } from '#core/template/rich-text'
import { aSettings } from '#test/fixture/builder'
import { aView, compilePage, renderPage } from './build.ts'

describe('what it may hold', () => {
  it.each([
    'plain & simple, 3 > 2',
    '<b>bold</b>, <em>so</em> <i>and</i> <u>so</u><br>next<br/>',
    '<p>one</p><p>two <s>not</s></p><ul><li>a</li><li><strong>b</strong></li></ul>',
    '<a href="https://shop.example/?a=1&amp;b=2">look</a> <a href="mailto:a@b.example">write</a>',
    '&lt;script&gt; &copy; বাংলা',
  ])('%s', (html) => {
    expect(richTextProblem(html)).toBeUndefined()
    expect(safeRichText(html)).toBe(html)
  })

  it.each([
    ['<script>alert(1)</script>', /holds <script>alert/],
    ['<img src=x onerror=alert(1)>', /holds <img/],
    ['<b onclick="x">', /holds <b onclick/],
    ['<a href="javascript:alert(1)">x</a>', /holds <a href="javascript/],
    ['<a href="https://a.example" onclick="x">x</a>', /holds <a href/],
    ["<a href='https://a.example'>x</a>", /holds <a href/],
    ['<a>x</a>', /holds <a>x/],
    ['<b href="https://a.example">x</b>', /holds <b href/],
    ['<b>never', /never closes <b>/],
    ['<b><i>x</b></i>', /holds <\/b> where another tag is open/],
    ['x</p>', /holds <\/p> where/],
    ['<b/>x', /holds <b\/>/],
    ['</br>', /holds <\/br>/],
    ['<!-- x -->', /holds <!-- x/],
    ['a < b', /holds < b/],
    ['<B>x</B>', /holds <B>x/],
    ['<svg/onload=alert(1)>', /holds <svg/],
    ['</div><h1>x', /holds <\/div>/],
    ['<style>*{display:none}</style>', /holds <style/],
  ])('not %s', (html, expected) => {
    expect(richTextProblem(html)).toMatch(expected)
    expect(safeRichText(html)).not.toMatch(/<(?!\/?(b|i|p|br)>)/)
  })

  it('is told where settings are read', () => {
    const shop = { name: 'Nakshi', url: 'https://shop.example' }
    const read = (notice: Record<string, string>) =>
      Settings.safeParse({ ...aSettings(), shop: { ...shop, notice } })

    expect(
      (read({ en: 'We rest on <b>Friday</b>' }).error?.issues ?? []).filter(({ path }) => path[0] === 'shop'),
    ).toEqual([])
    expect(read({ en: '<h1>We rest</h1>' }).error?.issues).toContainEqual(
      expect.objectContaining({
        path: ['shop', 'notice', 'en'],
        message: expect.stringMatching(/^holds <h1>/),
      }),
    )
  })
})

it.each([
  ['<b>a</b> &amp; b', 'a & b'],
  ['one<br>two <br/> three', 'one\ntwo\nthree'],
  ['<p>one</p><p>two</p>', 'one\n\ntwo'],
  ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
  ['see <a href="https://a.example">this</a>', 'see this: https://a.example'],
])('as plain text: %s', (html, expected) => {
  expect(plainRichText(html)).toBe(expected)
})

describe('three braces', () => {
  const shop = { ...aView().shop, notice: 'We rest on <b>Friday</b> & after' }
  const view = aView({ shop })

  it('print it where text is, and its words where text is plain', () => {
    expect(renderPage('<p>{{{shop.notice}}}</p>', { view })).toBe('<p>We rest on <b>Friday</b> & after</p>')
    expect(renderPage('{{{shop.notice}}}', { view, plain: true })).toBe('We rest on Friday & after')
    expect(renderPage('{{#if shop.notice}}<p>{{{shop.notice}}}</p>{{/if}}')).toBe('')
  })

  it('print what is not of the list as text, wherever it came from', () => {
    const hostile = { ...view, shop: { ...shop, notice: '<b>x</b><img src=x onerror=alert(1)>' } }

    expect(renderPage('<p>{{{shop.notice}}}</p>', { view: hostile })).toBe(
      '<p>&lt;b&gt;x&lt;/b&gt;&lt;img src=x onerror=alert(1)&gt;</p>',
    )
  })

  it('print a field of kind HTML that a layout file is handed', () => {
    const layout = { box: '<p>{{{words}}}</p>' }

    expect(renderPage('{{> box words=shop.notice}}', { view, layout })).toContain('<b>Friday</b>')
  })

  it.each([
    ['{{{customer.firstName}}}', /three braces print unescaped HTML/],
    ['{{{default shop.notice customer.firstName}}}', /three braces print unescaped HTML/],
    ['{{{event.properties.html}}}', /three braces print unescaped HTML/],
    ['{{&shop.name}}', /three braces print unescaped HTML/],
    ['{{shop.notice}}', /`shop.notice` is HTML → write \{\{\{shop.notice\}\}\}/],
    ['<p title="{{{shop.notice}}}">', /HTML can stand in text only/],
    ['<a href="{{{shop.notice}}}">', /HTML can stand in text only/],
    ['<style>a{color:{{{shop.notice}}} }</style>', /HTML can stand in text only/],
    ['<title>{{{shop.notice}}}</title>', /HTML can stand in text only/],
  ])('are refused in %s', (page, expected) => {
    const [problem] = compilePage(page).problems

    expect(`${problem?.message} → ${problem?.cure}`).toMatch(expected)
  })
})
