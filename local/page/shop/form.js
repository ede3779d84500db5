/** The fields that more than one page of the shop asks: label above, name and completion as browsers know them. */
import { el } from '../dom.js'
import { consentLine } from './shelves.js'
import { say } from './words.js'

/** A field with its label above it. */
export const field = (label, attributes) =>
  el('label', { class: 'field' }, el('span', { text: label }), el('input', attributes))

export const emailField = (value = '') =>
  field(say('email'), {
    name: 'email',
    type: 'email',
    required: true,
    value,
    autocomplete: 'email',
    maxlength: 254,
  })

export const nameField = (value = '') =>
  field(say('name'), { name: 'name', value, autocomplete: 'name', maxlength: 200 })

/** The consent checkbox with its exact words. Never ticked unless she said yes before. */
export const consentField = (given = false) =>
  el(
    'label',
    { class: 'consent' },
    el('input', { type: 'checkbox', name: 'marketing', checked: given }),
    el('span', { text: consentLine() }),
  )

/** What a form says, with texts trimmed and the checkbox as a boolean. */
export function readForm(form) {
  const said = Object.fromEntries(new FormData(form))
  const texts = Object.entries(said).map(([name, value]) => [name, String(value).trim()])
  return { ...Object.fromEntries(texts), marketing: said.marketing === 'on' }
}

/** Sends a form once: its button waits until `act` is done. `act` may throw; `failed` says so. */
export const onSubmit = (act, failed) => async (submit) => {
  submit.preventDefault()
  const form = submit.currentTarget
  const button = form.querySelector('button[type=submit]')
  if (!form.reportValidity()) return
  button.disabled = true
  try {
    await act(readForm(form), form)
  } catch (error) {
    failed(error)
  }
  button.disabled = false
}

/** The browser's own time zone. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
