/** The unsubscribe page: the question and what was done. See `flow/track-unsubscribe.ts`. */
import type { Unsubscribing } from '#flow/track-unsubscribe'
import { type Page, pageOf, say, visitShop } from './page.ts'
import { type Language, nameIn, words } from './words.ts'

const namesOf = (language: Language, of: Unsubscribing) => ({
  shop: of.shop.name,
  topic: of.topic === undefined ? '' : nameIn(of.topic.names, language),
})

/** The question: a button for the topic of the mail, one for all mail. Shown on GET; changes nothing. */
export function askPage(language: Language, of: Unsubscribing): Page {
  const said = words[language]
  const names = namesOf(language, of)
  const stopTopic = `<button name="from" value="topic">${say(said.stopTopic, names)}</button>`
  const stopAll = (kind: string) =>
    `<button name="from" value="all"${kind}>${say(said.stopAll, names)}</button>`
  const buttons = of.topic === undefined ? stopAll('') : `${stopTopic}\n${stopAll(' class="plain"')}`
  const body = `<p>${say(of.topic === undefined ? said.askAll : said.ask, names)}</p>
<form method="post">
${buttons}
</form>
<p class="note">${say(said.note)}</p>`
  return pageOf({ language, shown: of, title: said.title, body })
}

/** What was done. */
export function donePage(language: Language, of: Unsubscribing & { from: 'topic' | 'all' }): Page {
  const said = words[language]
  const names = namesOf(language, of)
  const stopAll =
    of.from === 'all'
      ? ''
      : `<form method="post">
<button name="from" value="all" class="plain">${say(said.stopAll, names)}</button>
</form>`
  const body = `<p>${say(of.from === 'all' ? said.doneAll : said.done, names)}</p>
${stopAll}
<p class="note">${say(said.note)}</p>
${visitShop(said, of)}`
  return pageOf({ language, shown: of, title: said.doneTitle, body })
}
