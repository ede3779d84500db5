/**
 * A stored mail is rendered by walking data: it works where no code may be made of strings, which is asked of V8
 * itself, since a library could reach `Function` under another name.
 */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { renderMail } from '#core/template/render'
import { compiledOf, sourceOf } from '#test/oracle/mail'
import { aView } from './build.ts'
import { hardMails } from './hard-mails.ts'

const program = `
import { text } from 'node:stream/consumers'
import { renderMail } from '#core/template/render'
let refused = false
try { new Function('') } catch { refused = true }
const { mails, view } = JSON.parse(await text(process.stdin))
console.log(JSON.stringify({ refused, rendered: mails.map((mail) => renderMail(mail, view, { locale: 'bn' })) }))
`

it('renders without making code of strings, to the same bytes', async () => {
  const sources = hardMails.slice(0, 5).map(([, text]) => sourceOf(text))
  const mails = await Promise.all(sources.map(compiledOf))
  const view = aView()

  const flags = ['--disallow-code-generation-from-strings', '--import', './cli/register.js']
  const printed = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', program], {
    input: JSON.stringify({ mails, view }),
    encoding: 'utf8',
  })

  const rendered = mails.map((mail) => renderMail(mail, view, { locale: 'bn' }))
  expect(JSON.parse(printed)).toEqual({ refused: true, rendered })
})
