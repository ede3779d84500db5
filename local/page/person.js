/**
 * Who you are: said to Homeward as the shop's server would, an identify that links this browser and the
 * consent given or withdrawn. It is kept in this browser so that a reload knows you; presets fill the form.
 */
import { settle } from './clock.js'
import { byId, el, fill, icon } from './dom.js'
import { complain, toast } from './toast.js'
import { asServer, deviceId, newDevice } from './tracker.js'
import { isZone, useZone, zone } from './words.js'

const presets = [
  {
    name: 'Ida Holm',
    email: 'ida@example.com',
    locale: 'en',
    timeZone: 'Europe/Copenhagen',
    consent: true,
  },
  { name: 'রহিমা খাতুন', email: 'rahima@example.com', locale: 'bn', timeZone: 'Asia/Dhaka', consent: true },
  {
    name: 'Theo Marsh',
    email: 'theo@example.com',
    locale: 'en',
    timeZone: 'America/New_York',
    consent: false,
  },
]
const languages = { en: 'English', bn: 'বাংলা' }
const stored = 'homeward.person'
const storedIn = 'homeward.data'
const state = { person: undefined, editing: false, changed: () => undefined }

/** Who is at this browser; undefined for a visitor nobody can write to. */
export const person = () => state.person

function restore() {
  try {
    state.person = JSON.parse(localStorage.getItem(stored)) ?? undefined
  } catch {
    state.person = undefined
  }
  if (state.person !== undefined) useZone(state.person.timeZone)
}

/** A shop's own id of a customer: nothing of her address shows in it. */
async function userIdOf(email) {
  const bytes = new TextEncoder().encode(email.toLowerCase())
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `shopper-${[...hash.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function traitsOf({ name, email, locale, timeZone }) {
  const [firstName, ...rest] = name.split(/\s+/)
  const names = name === '' ? {} : { name, firstName, ...(rest.length > 0 && { lastName: rest.join(' ') }) }
  return { email, ...names, locale, timezone: timeZone }
}

async function introduce(said) {
  const userId = await userIdOf(said.email)
  const known = state.person?.userId === userId ? state.person : undefined
  await asServer('identify', { userId, anonymousId: await deviceId(), traits: traitsOf(said) })
  if (said.consent) {
    const properties = { source: 'sign-up form', text: 'Yes, write to me about my cart and new things.' }
    await asServer('track', { userId, event: 'Consent Given', properties })
  } else if (known?.consent) {
    await asServer('track', { userId, event: 'Consent Withdrawn', properties: { source: 'sign-up form' } })
  }
  await settle()
  state.person = { ...said, userId }
  localStorage.setItem(stored, JSON.stringify(state.person))
  useZone(said.timeZone)
}

function readForm(form) {
  const said = Object.fromEntries(new FormData(form))
  const text = (name) => String(said[name] ?? '').trim()
  return {
    name: text('name'),
    email: text('email'),
    locale: text('locale'),
    timeZone: text('timeZone'),
    consent: said.consent === 'on',
  }
}

async function submitted(submit) {
  submit.preventDefault()
  const form = submit.currentTarget
  const said = readForm(form)
  form.elements.timeZone.setCustomValidity(
    isZone(said.timeZone) ? '' : 'No such time zone; say one like Europe/Oslo',
  )
  if (!form.reportValidity()) return
  const button = form.querySelector('button[type=submit]')
  button.disabled = true
  try {
    await introduce(said)
    state.editing = false
    toast(`You are ${said.name || said.email} now${said.consent ? ', and may be written to' : ''}.`, {
      tone: 'good',
    })
    showPerson()
    state.changed()
  } catch (error) {
    button.disabled = false
    complain(error)
  }
}

function field(label, attributes) {
  return el('label', { class: 'field' }, el('span', { text: label }), el('input', attributes))
}

function presetChips(form) {
  const use = (preset) => () => {
    for (const name of ['name', 'email', 'locale', 'timeZone']) form.elements[name].value = preset[name]
    form.elements.consent.checked = preset.consent
    form.querySelector('button[type=submit]').focus()
  }
  const chips = presets.map((preset) =>
    el('button', {
      type: 'button',
      class: 'chip',
      text: preset.name.split(' ')[0],
      title: preset.name,
      lang: preset.locale,
      onclick: use(preset),
    }),
  )
  return el('div', { class: 'chips', role: 'group', 'aria-label': 'Somebody ready-made' }, ...chips)
}

function personForm() {
  const said = state.person ?? { name: '', email: '', locale: 'en', timeZone: zone(), consent: true }
  const options = Object.entries(languages).map(([value, text]) =>
    el('option', { value, text, selected: value === said.locale }),
  )
  const zones = Intl.supportedValuesOf('timeZone').map((value) => el('option', { value }))
  const form = el('form', { class: 'person', onsubmit: submitted, 'aria-labelledby': 'who-title' })
  fill(
    form,
    el('h2', { id: 'who-title', text: 'Who are you?' }),
    presetChips(form),
    field('Name', { name: 'name', value: said.name, autocomplete: 'off', maxlength: 200 }),
    field('E-mail', {
      name: 'email',
      type: 'email',
      required: true,
      value: said.email,
      autocomplete: 'off',
      maxlength: 254,
    }),
    el(
      'label',
      { class: 'field' },
      el('span', { text: 'Language' }),
      el('select', { name: 'locale' }, ...options),
    ),
    field('Time zone', {
      name: 'timeZone',
      value: said.timeZone,
      list: 'zones',
      required: true,
      autocomplete: 'off',
      oninput: (event) => event.target.setCustomValidity(''),
    }),
    el('datalist', { id: 'zones' }, ...zones),
    el(
      'label',
      { class: 'consent' },
      el('input', { type: 'checkbox', name: 'consent', checked: said.consent }),
      'Yes, write to me',
    ),
    el(
      'div',
      { class: 'row' },
      el('button', {
        type: 'submit',
        class: 'primary',
        text: state.person === undefined ? 'That’s me' : 'Save',
      }),
      state.person !== undefined &&
        el('button', { type: 'button', class: 'quiet', text: 'Cancel', onclick: () => edit(false) }),
    ),
    el('p', {
      class: 'soft small',
      text: 'This, consent and orders are said by a shop’s server, so they go with the server key.',
    }),
  )
  return form
}

function edit(on) {
  state.editing = on
  showPerson()
  byId('who')
    .querySelector(on ? 'input' : 'button')
    ?.focus()
}

async function forget() {
  await newDevice()
  localStorage.removeItem(stored)
  state.person = undefined
  state.editing = false
  toast('A new visitor is at this browser: nobody knows her yet.')
  showPerson()
  state.changed()
}

/** Shows the form, or one line once you have said who you are. */
export function showPerson() {
  const you = state.person
  if (you === undefined || state.editing) return fill(byId('who'), personForm())
  const zoneWords = you.timeZone.split('/').pop().replaceAll('_', ' ')
  fill(
    byId('who'),
    el(
      'div',
      { class: 'me' },
      el('span', { class: 'face', 'aria-hidden': 'true' }, icon('person')),
      el(
        'div',
        {},
        el('strong', { text: you.name || you.email }),
        el('p', { class: 'soft small', text: you.email }),
        el('p', { class: 'soft small', text: `${languages[you.locale] ?? you.locale} · ${zoneWords}` }),
        el('p', {
          class: `small ${you.consent ? 'yes' : 'no'}`,
          text: you.consent ? 'may be written to' : 'gave no consent',
        }),
      ),
      el(
        'div',
        { class: 'me-keys' },
        el('button', { type: 'button', class: 'quiet', text: 'Change', onclick: () => edit(true) }),
        el('button', { type: 'button', class: 'quiet', text: 'New visitor', onclick: forget }),
      ),
    ),
  )
}

/** Forgets who was here when the runtime's data is not what she was stored in; `dataId` tells data apart. */
export function forgetOtherData(dataId) {
  if (localStorage.getItem(storedIn) === dataId) return
  localStorage.removeItem(stored)
  localStorage.setItem(storedIn, dataId)
}

/** Brings back who was here; `changed` is called when it becomes somebody else. */
export function startPerson(changed) {
  restore()
  state.changed = changed
  showPerson()
}

/** Opens the form and puts the cursor in it. */
export const askWho = () => edit(true)
