/**
 * What an element's attributes come to: its own, else those of its classes, of its tag and of all, as
 * `<mj-attributes>` gives them. Later classes win, as in MJML.
 */
import { type Attribute, attributeOf, type Element, isElement } from './document.ts'

/** Finds an element's attribute, wherever it was written. */
export type Settled = (element: Element, name: string) => Attribute | undefined

/** The attributes of a document's elements. */
export function settledIn(root: Element): Settled {
  const given = root.children
    .filter(isElement)
    .filter(({ tag }) => tag === 'mj-head')
    .flatMap(({ children }) => children.filter(isElement))
    .filter(({ tag }) => tag === 'mj-attributes')
    .flatMap(({ children }) => children.filter(isElement))
  const last = (name: string, of: (element: Element) => boolean) =>
    given.findLast((element) => of(element) && named(element, name) !== undefined)
  return (element, name) => {
    const own = named(element, name)
    if (own !== undefined) return own
    const classes = (attributeOf(element, 'mj-class') ?? '').split(/\s+/).filter(Boolean)
    for (const one of classes.toReversed()) {
      const found = last(name, (given) => given.tag === 'mj-class' && attributeOf(given, 'name') === one)
      if (found !== undefined) return named(found, name)
    }
    const found = last(name, ({ tag }) => tag === element.tag) ?? last(name, ({ tag }) => tag === 'mj-all')
    return found && named(found, name)
  }
}

const named = (element: Element, name: string) => element.attributes.find((one) => one.name === name)
