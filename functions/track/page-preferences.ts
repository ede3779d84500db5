/**
 * The preferences page: a form of checkboxes, and a button that stops all. The form says which boxes it showed,
 * so that what it did not show stays as it is. See `flow/track-preferences.ts`.
 */
import { opensTopic } from '#core/gate'
import type { Preferences, Wanted } from '#flow/track-preferences'
import { escapeHtml, type Page, pageOf, say, visitShop } from './page.ts'
import { type Language, nameIn, numberIn, type Words, words } from './words.ts'

const dayMs = 86_400_000

interface Box {
  name: string
  value: string
  on: boolean
  label: string
  hint?: string
}

/** A checkbox; a hidden field beside it says that it was shown. */
function boxOf({ name, value, on, label, hint }: Box): string {
  const small = hint === undefined ? '' : `<small>${hint}</small>`
  return `<label class="choice"><input type="hidden" name="shown" value="${escapeHtml(`${name}:${value}`)}">
<input type="checkbox" name="${name}" value="${escapeHtml(value)}"${on ? ' checked' : ''}>
<span>${label}${small}</span></label>`
}

const group = (legend: string, boxes: string[]): string =>
  `<fieldset><legend>${say(legend)}</legend>\n${boxes.join('\n')}\n</fieldset>`

function fewerBox(said: Words, language: Language, { fewer }: Preferences): string {
  const mails = numberIn(fewer.mails, language)
  const days = numberIn(Math.max(1, Math.round(fewer.withinMs / dayMs)), language)
  const hint = say(said.fewerHint, { mails, days })
  return boxOf({ name: 'may', value: 'fewer', on: fewer.on, label: say(said.fewer), hint })
}

const suppressions = { bounce: 'bounced', complaint: 'complained', manual: 'stopped' } as const

const notice = (said: Words, { suppressed }: Preferences): string =>
  suppressed === undefined ? '' : `<p class="notice">${say(said[suppressions[suppressed]])}</p>`

/** The page as it stands now; `saved`: after she pressed a button. */
export function preferencesPage(language: Language, of: Preferences & { saved: boolean }): Page {
  const said = words[language]
  const topics = of.topics.map(({ id, names, on }) =>
    boxOf({ name: 'topic', value: id, on, label: `<bdi>${escapeHtml(nameIn(names, language) || id)}</bdi>` }),
  )
  const { opens } = of
  const opensBox = (on: boolean) =>
    boxOf({ name: 'may', value: 'opens', on, label: say(said.opens), hint: say(said.opensHint) })
  const body = `${notice(said, of)}<p${of.saved ? ' role="status"' : ''}>${say(of.saved ? said.saved : said.choices)}</p>
<form method="post">
${topics.length === 0 ? '' : group(said.topics, topics)}
${group(said.often, [fewerBox(said, language, of)])}
${opens === undefined ? '' : group(said.privacy, [opensBox(opens)])}
<button name="do" value="save">${say(said.save)}</button>
</form>
<form method="post">
<button name="do" value="none" class="plain">${say(said.stopAll)}</button>
</form>
<p class="note">${say(said.note)}</p>
${visitShop(said, of)}`
  return pageOf({ language, shown: of, title: of.saved ? said.savedTitle : said.choicesTitle, body })
}

/** What stood there for her to say yes to: its proof. */
export function preferenceWords(language: Language, page: Preferences, topics: readonly string[]): string {
  const said = words[language]
  if (topics.includes(opensTopic)) return `${said.opens}. ${said.opensHint}`
  const names = page.topics
    .filter(({ id }) => topics.includes(id))
    .map((one) => nameIn(one.names, language) || one.id)
  return `${said.choicesTitle} ${names.join(' · ')}`
}

/** What a posted form wants; undefined: it is none of ours. */
export function wantedOf(form: URLSearchParams): Wanted | undefined {
  if (form.get('do') === 'none') return 'none'
  const shown = form.getAll('shown')
  if (shown.length === 0) return undefined
  const ids = shown.flatMap((one) => (one.startsWith('topic:') ? [one.slice('topic:'.length)] : []))
  const on = new Set(form.getAll('topic'))
  const may = (what: string) =>
    shown.includes(`may:${what}`) ? form.getAll('may').includes(what) : undefined
  const fewer = may('fewer')
  const opens = may('opens')
  return {
    topics: new Map(ids.map((id) => [id, on.has(id)])),
    ...(fewer !== undefined && { fewer }),
    ...(opens !== undefined && { opens }),
  }
}
