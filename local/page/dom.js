/**
 * The few words the page builds its elements with. Whatever comes from data goes in as text or as an
 * attribute, never as markup; there is no other way in this file. `reconcile` keeps what is already on the
 * page, so that a refresh neither flickers nor loses a selection.
 */

const svgSpace = 'http://www.w3.org/2000/svg'

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id)

function set(element, name, value) {
  if (value === undefined || value === false) return
  if (name === 'text') element.textContent = value
  else if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
  else element.setAttribute(name, value === true ? '' : String(value))
}

/** An element: `el('p', { class: 'soft', text: 'hello', onclick: act }, child, 'text')`; empty children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) set(element, name, value)
  element.append(...children.filter((child) => child !== undefined && child !== false && child !== ''))
  return element
}

/** A drawn sign of the sprite in index.html. */
export function icon(name) {
  const svg = document.createElementNS(svgSpace, 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(svgSpace, 'use')
  use.setAttribute('href', `#i-${name}`)
  svg.append(use)
  return svg
}

/** Puts `children` in place of what `parent` holds. */
export const fill = (parent, ...children) =>
  parent.replaceChildren(...children.filter((child) => child !== undefined && child !== false))

/** An empty state: one sentence and at most one action. */
export const empty = (sign, words, action) =>
  el(
    'div',
    { class: 'empty' },
    icon(sign),
    el('p', { text: words }),
    action && el('button', { type: 'button', class: 'primary', text: action.label, onclick: action.run }),
  )

/**
 * Makes the children of `parent` match `wanted`, `[{ key, print, make }]`: an element whose key and print are
 * unchanged stays the very element it was.
 */
export function reconcile(parent, wanted) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]))
  let place = parent.firstElementChild
  for (const { key, print, make } of wanted) {
    let child = old.get(key)
    if (child === undefined || child.dataset.print !== print) {
      const made = make()
      made.dataset.key = key
      made.dataset.print = print
      if (child === undefined) parent.insertBefore(made, place)
      else {
        if (child === place) place = made
        child.replaceWith(made)
      }
      child = made
    }
    old.delete(key)
    if (child === place) place = place.nextElementSibling
    else parent.insertBefore(child, place)
  }
  for (const gone of old.values()) gone.remove()
}
