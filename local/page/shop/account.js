/**
 * Signing in (an address is enough here; a real shop asks for more), and the account with her consent. Taking
 * the tick away is a withdrawal, said to Homeward by the shop's server.
 */
import { el } from '../dom.js'
import { toast } from '../toast.js'
import { consentField, emailField, field, nameField, onSubmit, ownZone } from './form.js'
import { go } from './place.js'
import { complain, customer, newDevice, session, shopAsk } from './session.js'
import { language, say, useLanguage } from './words.js'

const languages = { en: 'English', bn: 'বাংলা' }

function knownZone(input) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: input.value.trim() })
    input.setCustomValidity('')
  } catch {
    input.setCustomValidity(say('zoneWrong'))
  }
}

function personFields({ locale = language(), timeZone = ownZone() } = {}) {
  const options = Object.entries(languages).map(([value, text]) =>
    el('option', { value, text, lang: value, selected: locale.startsWith(value) }),
  )
  const zones = Intl.supportedValuesOf('timeZone').map((value) => el('option', { value }))
  return [
    el(
      'label',
      { class: 'field' },
      el('span', { text: say('language') }),
      el('select', { name: 'locale' }, ...options),
    ),
    field(say('zone'), {
      name: 'timeZone',
      value: timeZone,
      list: 'zones',
      required: true,
      autocomplete: 'off',
      oninput: (event) => knownZone(event.target),
    }),
    el('datalist', { id: 'zones' }, ...zones),
  ]
}

async function signIn(said) {
  await shopAsk('sign-in', said)
  useLanguage(customer().locale)
  toast(say('hello', customer().name || customer().email), { tone: 'good' })
  go('/shop/account')
}

async function save(said) {
  await shopAsk('account', said)
  useLanguage(customer().locale)
  toast(say('saved'), { tone: 'good' })
  go('/shop/account', { quietly: true })
}

async function leave() {
  try {
    await shopAsk('sign-out', {})
    await newDevice()
    toast(say('outMore'))
    go('/shop/account', { quietly: true })
  } catch (error) {
    complain(error)
  }
}

function joinForm() {
  const samples = session().samples.map((sample) =>
    el('button', {
      type: 'button',
      class: 'chip',
      text: sample.name,
      lang: sample.locale,
      onclick: () => signIn(sample).catch(complain),
    }),
  )
  return el(
    'form',
    { class: 'form', onsubmit: onSubmit(signIn, complain) },
    el('p', { class: 'soft', text: say('joinMore') }),
    emailField(customer()?.email),
    nameField(customer()?.name),
    ...personFields(),
    consentField(),
    el('button', { type: 'submit', class: 'primary', text: say('signIn') }),
    el('h2', { text: say('ready') }),
    el('div', { class: 'chips', role: 'group', 'aria-label': say('ready') }, ...samples),
  )
}

function accountForm() {
  const known = customer()
  return el(
    'form',
    { class: 'form', onsubmit: onSubmit(save, complain) },
    el('p', { class: 'soft', text: known.email }),
    el('p', {
      class: known.marketing ? 'yes' : 'no',
      text: say(known.marketing ? 'mailsYes' : 'mailsNo'),
    }),
    nameField(known.name),
    ...personFields(known),
    consentField(known.marketing),
    el(
      'div',
      { class: 'row' },
      el('button', { type: 'submit', class: 'primary', text: say('save') }),
      el('button', { type: 'button', class: 'quiet', text: say('out'), onclick: leave }),
    ),
  )
}

/** The account of whoever is signed in, else the way in. */
export function accountPage() {
  const { signedIn } = session()
  const title = signedIn ? say('hello', customer().name || customer().email) : say('join')
  return {
    title: say('account'),
    name: 'Account',
    view: [
      el(
        'div',
        { class: 'narrow-page' },
        el('h1', { text: title, tabindex: -1 }),
        signedIn ? accountForm() : joinForm(),
      ),
    ],
  }
}
