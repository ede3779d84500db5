/**
 * The page of previews. What is chosen stands in its address, so that it can be reloaded and shared; what is shown is
 * asked anew when something is chosen and when the server says that a file was saved.
 */
import { byId, el, fill } from '../../../local/page/dom.js'
import { drawFrames } from './frames.js'

const tabs = ['mail', 'text', 'source', 'checks']
const choices = ['mail', 'sample', 'locale', 'scheme']
const chosen = new URLSearchParams(location.search)
let asked = 0

const languages = new Intl.DisplayNames('en', { type: 'language' })
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`

function remember(name, value) {
  chosen.set(name, value)
  history.replaceState(null, '', `?${chosen}`)
}

function drawOptions(id, options) {
  const wanted = chosen.get(id) ?? ''
  fill(byId(id), ...options.map(({ value, label }) => el('option', { value, text: label })))
  byId(id).value = options.some(({ value }) => value === wanted) ? wanted : (options[0]?.value ?? '')
}

function drawChoices({ mails, samples, locales = [], mail }) {
  const known = mails.includes(mail) ? mails : [mail, ...mails]
  drawOptions(
    'mail',
    known.map((value) => ({ value, label: value })),
  )
  drawOptions(
    'sample',
    samples.map(({ slug, title }) => ({ value: slug, label: title })),
  )
  drawOptions('locale', [
    { value: '', label: 'her own' },
    ...locales.map((value) => ({ value, label: languages.of(value) })),
  ])
  drawOptions('scheme', [
    { value: 'light', label: 'Day' },
    { value: 'dark', label: 'Night' },
  ])
}

const findingItem = ({ severity, file, line, column, message, cure, excerpt }) =>
  el(
    'li',
    { class: severity },
    el('p', {}, el('code', { text: `${file}:${line}:${column}` }), ` ${severity}`),
    el('p', { class: 'message', text: message }),
    excerpt.trim() !== '' && el('pre', { class: 'excerpt', text: excerpt.trim() }),
    cure !== '' && el('p', { class: 'cure', text: `→ ${cure}` }),
  )

const findingList = (findings) => el('ul', { class: 'findings' }, ...findings.map(findingItem))

/** Whatever keeps the files from being a mail; the last good one stays below it. */
function drawTrouble({ findings, isCurrent, unknown, broken }) {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const words =
    unknown ?? broken ?? (isCurrent ? undefined : 'This is the last good one: what was saved since is not.')
  byId('trouble').hidden = words === undefined && errors.length === 0
  fill(
    byId('trouble'),
    words !== undefined && el('p', { text: words }),
    errors.length > 0 && findingList(errors),
  )
}

function noteOf({ missing = [], withheld }) {
  if (missing.length > 0) return `She would get no such mail: ${missing.join(', ')} is not there.`
  return withheld === undefined ? undefined : `She would get no such mail: ${withheld.explanation}.`
}

function drawAbout(preview) {
  const { subject, sentBytes, limitBytes, locale, samples } = preview
  const sample = samples.find(({ slug }) => slug === byId('sample').value)
  byId('subject').textContent = subject || '(nothing to show)'
  const size =
    sentBytes > 0 ? ` · ${kilobytes(sentBytes)} of the ${kilobytes(limitBytes)} that Gmail shows` : ''
  byId('facts').textContent =
    `${sample?.about ?? ''} ${locale === undefined ? '' : `In ${languages.of(locale)}`}${size}`
  const note = noteOf(preview)
  byId('note').hidden = note === undefined
  byId('note').textContent = note ?? ''
}

function drawPanels(preview) {
  const { text, html, findings } = preview
  if (html !== undefined) {
    byId('panel-text').textContent = text
    byId('panel-source').textContent = html
    drawFrames(`/mail?${chosen}&version=${asked}`, preview.subject)
  }
  byId('tab-checks').textContent = findings.length === 0 ? 'Checks' : `Checks (${findings.length})`
  fill(
    byId('panel-checks'),
    findings.length === 0 ? el('p', { text: 'Nothing was found.' }) : findingList(findings),
  )
}

function showTab(wanted, focus = false) {
  const tab = tabs.includes(wanted) ? wanted : 'mail'
  for (const one of tabs) {
    const button = byId(`tab-${one}`)
    button.setAttribute('aria-selected', String(one === tab))
    button.tabIndex = one === tab ? 0 : -1
    byId(`panel-${one}`).hidden = one !== tab
    if (one === tab && focus) button.focus()
  }
}

async function load() {
  asked += 1
  const turn = asked
  try {
    const answer = await fetch(`/preview?${chosen}`)
    if (!answer.ok) throw new Error(await answer.text())
    const preview = await answer.json()
    if (turn !== asked) return
    drawChoices(preview)
    drawAbout(preview)
    drawTrouble(preview)
    drawPanels(preview)
    document.body.dataset.shown = String(turn)
  } catch (error) {
    if (turn !== asked) return
    byId('trouble').hidden = false
    fill(
      byId('trouble'),
      el('p', { text: `The preview does not answer (${error.message}). Is it still running?` }),
    )
  }
}

byId('choices').addEventListener('change', ({ target }) => {
  if (!choices.includes(target.name)) return
  remember(target.name, target.value)
  void load()
})
byId('tabs').addEventListener('click', ({ target }) => {
  const { tab } = target.dataset
  if (tab === undefined) return
  remember('tab', tab)
  showTab(tab)
})
byId('tabs').addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (by === undefined) return
  event.preventDefault()
  const at = tabs.indexOf(event.target.dataset.tab)
  const next = tabs[(at + by + tabs.length) % tabs.length]
  remember('tab', next)
  showTab(next, true)
})
const events = new EventSource('/events')
events.addEventListener('saved', () => void load())
// It was away: what was saved meanwhile is seen at once.
let opened = false
events.addEventListener('open', () => {
  if (opened) void load()
  opened = true
})
showTab(chosen.get('tab') ?? 'mail')
void load()
