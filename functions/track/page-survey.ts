/**
 * The survey page: a row of scores, a comment, a button. Where a score came with the link, a tiny script sends it
 * by itself once the page was looked at for a while; without it the button does. See `flow/track-survey.ts`.
 */

import { limits } from '#core/limits'
import { type Asking, scoresOf } from '#flow/track-survey'
import { escapeHtml, type Page, pageOf, say, visitShop } from './page.ts'
import { type Language, numberIn, type Words, words } from './words.ts'

const staysMs = 3000

const sendsItself = `const form = document.forms[0], noted = document.querySelector('[role=status]')
let stays
const look = () => {
  clearTimeout(stays)
  if (document.visibilityState === 'visible') stays = setTimeout(send, ${staysMs})
}
const stop = () => {
  clearTimeout(stays)
  document.removeEventListener('visibilitychange', look)
}
const send = () => {
  stop()
  const body = new URLSearchParams(new FormData(form))
  body.set('by', 'itself')
  fetch(location.pathname, { method: 'POST', body }).then((answer) => {
    if (answer.status === 200) noted.textContent = noted.dataset.noted
  })
}
for (const name of ['input', 'submit']) form.addEventListener(name, stop)
document.addEventListener('visibilitychange', look)
look()`

function scale(language: Language, { survey }: Asking, chosen: number | undefined): string {
  const { from, to } = scoresOf[survey]
  const scores = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const radios = scores.map((score) => {
    const checked = score === chosen ? ' checked' : ''
    return `<label><input type="radio" name="score" value="${score}" required${checked}><span>${numberIn(score, language)}</span></label>`
  })
  return `<div class="scale ${survey}">\n${radios.join('\n')}\n</div>`
}

function formOf(said: Words, language: Language, of: Asking & { chosen: number | undefined }): string {
  const [low, high] = [said[`${of.survey}Low`], said[`${of.survey}High`]]
  const comment = escapeHtml(of.answer?.comment ?? '')
  return `<form method="post">
<fieldset><legend>${say(said.score)}</legend>
${scale(language, of, of.chosen)}
<div class="ends"><span>${say(low)}</span><span>${say(high)}</span></div></fieldset>
<label class="comment"><span>${say(said.comment)}</span><small>${say(said.commentHint)}</small>
<textarea name="comment" maxlength="${limits.surveyCommentCharacters}" rows="3">
${comment}</textarea></label>
<button>${say(of.answer === undefined ? said.send : said.sendAgain)}</button>
</form>`
}

/** The question. `linked`: the score that came with the link, chosen beforehand; it counts once it is posted. */
export function surveyPage(language: Language, of: Asking & { linked: number | undefined }): Page {
  const said = words[language]
  const { linked, answer, survey } = of
  const chosen = linked ?? answer?.score
  const alone = linked !== undefined && answer === undefined
  const noted = said.noted.replace('{score}', numberIn(linked ?? 0, language))
  const status = alone ? `<p class="notice" role="status" data-noted="${escapeHtml(noted)}"></p>` : ''
  const body = `<p>${say(said[survey], { shop: of.shop.name })}</p>
${status}
${formOf(said, language, { ...of, chosen })}`
  const script = alone ? { script: sendsItself } : {}
  return pageOf({ language, shown: of, title: said[`${survey}Title`], body, ...script })
}

/** What was noted; it may be changed. */
export function thanksPage(language: Language, of: Asking): Page {
  const said = words[language]
  const score = numberIn(of.answer?.score ?? 0, language)
  const body = `<p role="status">${say(said.thanks, { score })}</p>
${formOf(said, language, { ...of, chosen: of.answer?.score })}
${visitShop(said, of)}`
  return pageOf({ language, shown: of, title: said.thanksTitle, body })
}

/** For a score that is none of the survey's. */
export function wrongPage(language: Language, of: Asking): Page {
  const said = words[language]
  const body = `<p>${say(said.wrong)}</p>
${formOf(said, language, { ...of, chosen: of.answer?.score })}`
  return pageOf({ status: 400, language, shown: of, title: said.wrongTitle, body })
}
