/**
 * What the shop says, in its two languages, and how its numbers read in them: Bengali has its own digits and
 * the taka its own sign. `say('cart')` is the word in the language chosen.
 */
const words = {
  en: {
    watch: 'A sample shop on your machine.',
    watchLink: 'Watch what Homeward does',
    search: 'Search the shop',
    all: 'Everything',
    cart: 'Cart',
    orders: 'Orders',
    account: 'Account',
    signIn: 'Sign in',
    welcome: 'Things made slowly, for long evenings',
    welcomeMore: 'Cotton, clay, wool and reed from twelve small workshops.',
    results: (count, asked) => `${count} found for “${asked}”`,
    nothing: (asked) => `Nothing goes by “${asked}”. Try “mug”, “wool” or “garden”.`,
    showAll: 'Show everything',
    add: 'Put in the cart',
    addOf: (name) => `Put ${name} in the cart`,
    added: (name) => `${name} is in your cart`,
    removed: (name) => `${name} taken out`,
    undo: 'Undo',
    less: (name) => `One less of ${name}`,
    more: (name) => `One more of ${name}`,
    remove: (name) => `Take ${name} out`,
    quantity: 'Quantity',
    empty: 'Nothing in it yet.',
    emptyMore: 'Put something in, leave, and let an hour pass: that is how it starts.',
    look: 'Look around',
    total: 'Total',
    each: 'each',
    checkout: 'Check out',
    who: 'Who orders?',
    guest: 'You order as a guest; an account is not needed.',
    known: (name) => `You are signed in as ${name}.`,
    email: 'E-mail',
    name: 'Name',
    language: 'Language',
    zone: 'Time zone',
    currency: 'Currency',
    goOn: 'Continue',
    review: 'Your order',
    pay: (sum) => `Order and pay ${sum}`,
    paying: 'Nothing is charged: this shop is a sample.',
    edit: 'Change',
    thanks: 'Thank you!',
    thanksMore: (id) => `Your order ${id} is on its way.`,
    noOrders: 'No orders yet.',
    giveBack: 'Return it',
    returned: 'Returned',
    back: (id) => `${id} was returned; your money is on its way back`,
    join: 'Sign in or join',
    joinMore: 'With an address we know, that is all; with a new one you have an account.',
    ready: 'Or be one of these',
    save: 'Save',
    saved: 'Saved',
    out: 'Sign out',
    outMore: 'You are somebody new now; nobody knows this browser.',
    hello: (name) => `Hello, ${name}`,
    mailsYes: 'Mails: yes',
    mailsNo: 'Mails: not asked for here',
    more2: 'You may also like',
    unknown: 'This page is not in the shop.',
    zoneWrong: 'No such time zone; say one like Europe/Oslo',
    made: 'Made to try Homeward with. Nothing here is for sale.',
    kept: 'Left for you',
    pieces: (count) => `${count} ${count === 1 ? 'piece' : 'pieces'}`,
  },
  bn: {
    watch: 'আপনার কম্পিউটারে একটি নমুনা দোকান।',
    watchLink: 'Homeward কী করে দেখুন',
    search: 'দোকানে খুঁজুন',
    all: 'সব কিছু',
    cart: 'কার্ট',
    orders: 'অর্ডার',
    account: 'অ্যাকাউন্ট',
    signIn: 'সাইন ইন',
    welcome: 'ধীরে বানানো জিনিস, দীর্ঘ সন্ধ্যার জন্য',
    welcomeMore: 'বারোটি ছোট কারখানার সুতি, মাটি, উল আর নলখাগড়া।',
    results: (count, asked) => `“${asked}” দিয়ে ${count}টি পাওয়া গেছে`,
    nothing: (asked) => `“${asked}” নামে কিছু নেই। “মগ”, “উল” বা “বাগান” লিখে দেখুন।`,
    showAll: 'সব দেখুন',
    add: 'কার্টে রাখুন',
    addOf: (name) => `${name} কার্টে রাখুন`,
    added: (name) => `${name} আপনার কার্টে আছে`,
    removed: (name) => `${name} সরানো হয়েছে`,
    undo: 'ফিরিয়ে আনুন',
    less: (name) => `${name} একটি কমান`,
    more: (name) => `${name} একটি বাড়ান`,
    remove: (name) => `${name} সরান`,
    quantity: 'সংখ্যা',
    empty: 'এখনও কিছু নেই।',
    emptyMore: 'কিছু রাখুন, চলে যান, এক ঘণ্টা কাটুক: এভাবেই শুরু হয়।',
    look: 'ঘুরে দেখুন',
    total: 'মোট',
    each: 'প্রতিটি',
    checkout: 'চেকআউট',
    who: 'কে অর্ডার করছেন?',
    guest: 'আপনি অতিথি হিসেবে অর্ডার করছেন; অ্যাকাউন্ট লাগবে না।',
    known: (name) => `আপনি ${name} হিসেবে সাইন ইন করেছেন।`,
    email: 'ইমেইল',
    name: 'নাম',
    language: 'ভাষা',
    zone: 'সময় অঞ্চল',
    currency: 'মুদ্রা',
    goOn: 'এগিয়ে যান',
    review: 'আপনার অর্ডার',
    pay: (sum) => `${sum} দিয়ে অর্ডার করুন`,
    paying: 'কোনো টাকা নেওয়া হয় না: এটি নমুনা দোকান।',
    edit: 'বদলান',
    thanks: 'ধন্যবাদ!',
    thanksMore: (id) => `আপনার অর্ডার ${id} রওনা হয়েছে।`,
    noOrders: 'এখনও কোনো অর্ডার নেই।',
    giveBack: 'ফেরত দিন',
    returned: 'ফেরত দেওয়া হয়েছে',
    back: (id) => `${id} ফেরত দেওয়া হয়েছে; টাকা ফেরত আসছে`,
    join: 'সাইন ইন বা যোগ দিন',
    joinMore: 'চেনা ঠিকানা হলে এটুকুই; নতুন হলে আপনার অ্যাকাউন্ট হবে।',
    ready: 'অথবা এঁদের একজন হোন',
    save: 'সংরক্ষণ',
    saved: 'সংরক্ষিত হয়েছে',
    out: 'সাইন আউট',
    outMore: 'আপনি এখন নতুন একজন; এই ব্রাউজার কেউ চেনে না।',
    hello: (name) => `স্বাগতম, ${name}`,
    mailsYes: 'ইমেইল: হ্যাঁ',
    mailsNo: 'ইমেইল: এখানে চাওয়া হয়নি',
    more2: 'এগুলোও ভালো লাগতে পারে',
    unknown: 'এই পাতাটি দোকানে নেই।',
    zoneWrong: 'এমন সময় অঞ্চল নেই; Asia/Dhaka-এর মতো লিখুন',
    made: 'Homeward চেখে দেখার জন্য বানানো। এখানে কিছুই বিক্রির জন্য নয়।',
    kept: 'আপনার জন্য রাখা',
    pieces: (count) => `${count}টি`,
  },
}

const stored = 'meadow.language'
const state = { language: 'en' }

/** `en` or `bn`, as chosen at this browser, else as the browser prefers. */
export function readLanguage() {
  const kept = localStorage.getItem(stored) ?? navigator.language
  useLanguage(kept.startsWith('bn') ? 'bn' : 'en')
}

export function useLanguage(language) {
  state.language = language in words ? language : 'en'
  localStorage.setItem(stored, state.language)
  document.documentElement.lang = state.language
}

export const language = () => state.language
const region = () => (state.language === 'bn' ? 'bn-BD' : 'en-GB')

/** The words of that name; those with blanks are given what stands in them. */
export function say(name, ...blanks) {
  const found = words[state.language][name]
  return typeof found === 'function' ? found(...blanks) : found
}

/** The one of `{ en, bn }` to show. */
export const inWords = (both) => both[state.language]

export const number = (value) => new Intl.NumberFormat(region()).format(value)

/** `€18.50`, `৳2,250`, and with Bengali digits `২,২৫০৳`. */
export function money(amount, currency) {
  const round = Number.isInteger(amount) && currency === 'BDT' ? { maximumFractionDigits: 0 } : {}
  const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...round }
  return new Intl.NumberFormat(region(), options).format(amount)
}

/** `24 November 2026`, on the shop's clock. */
export const dayOf = (at) => new Intl.DateTimeFormat(region(), { dateStyle: 'long' }).format(new Date(at))
