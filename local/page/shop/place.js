/** Where in the shop you are: the path alone, so that a reload or a mail's link shows the same page. */
const listeners = new Set()

/** A part of an address as it reads; what cannot be decoded stays as it is, and names nothing of the shop. */
export function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `{ page, id, asked, items }` of the address. */
export function place() {
  const [, , page = '', id = ''] = location.pathname.split('/')
  const query = new URLSearchParams(location.search)
  return { page, id: decoded(id), asked: query.get('q') ?? '', items: query.get('items') ?? '' }
}

export function go(path, { quietly = false } = {}) {
  if (quietly) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  for (const listener of listeners) listener()
}

/** Changes the address alone: the page stays as it is. */
export const rename = (path) => history.replaceState(null, '', path)

export const onPlace = (listener) => listeners.add(listener)

addEventListener('popstate', () => {
  for (const listener of listeners) listener()
})

/** Links of the shop change the page without loading it. */
document.addEventListener('click', (click) => {
  const link = click.target.closest('a[href^="/shop"]')
  if (link === null || click.ctrlKey || click.metaKey || click.shiftKey || click.button !== 0) return
  click.preventDefault()
  go(link.getAttribute('href'))
})
