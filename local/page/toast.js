/**
 * Says what happened, at the edge of the page, for a few seconds; the words stay for a screen reader to read.
 * A toast never takes the focus and never holds the only way to something.
 */
import { byId, el, icon } from './dom.js'

const SHOWN_MS = 6000
const MOST = 3

/**
 * Shows `words`; `tone` is `plain`, `good` or `bad`; `action` is `{ label, run }`. A toast `about` the same
 * thing as one still shown takes its place.
 */
export function toast(words, { tone = 'plain', action, about } = {}) {
  const note = el('div', { class: `toast ${tone}` }, el('p', { text: words }))
  const leave = () => note.remove()
  if (action !== undefined) {
    const act = () => {
      leave()
      action.run()
    }
    note.append(el('button', { type: 'button', class: 'link', text: action.label, onclick: act }))
  }
  note.append(
    el('button', { type: 'button', class: 'round', 'aria-label': 'Dismiss', onclick: leave }, icon('close')),
  )
  const all = byId('toasts')
  if (about !== undefined) {
    note.dataset.about = about
    all.querySelector(`[data-about="${about}"]`)?.remove()
  }
  all.append(note)
  while (all.children.length > MOST) all.firstElementChild.remove()
  setTimeout(leave, SHOWN_MS)
}

/** Shows what went wrong. */
export const complain = (error) => toast(error.message, { tone: 'bad' })
