/** What she ordered, newest first, and the way to send it back. */
import { el, empty } from '../dom.js'
import { toast } from '../toast.js'
import { byProductId, pictureOf } from './catalog.js'
import { go } from './place.js'
import { complain, session, shopAsk } from './session.js'
import { dayOf, inWords, money, number, say } from './words.js'

async function giveBack(orderId) {
  try {
    await shopAsk('return', { orderId })
    toast(say('back', orderId), { tone: 'good' })
    go('/shop/orders', { quietly: true })
  } catch (error) {
    complain(error)
  }
}

function orderBlock({ orderId, at, currency, total, lines, returnedAt }) {
  const things = lines.map(({ id, quantity }) => ({ product: byProductId(id), quantity }))
  const words = things.map(({ product, quantity }) => `${number(quantity)} × ${inWords(product.name)}`)
  return el(
    'li',
    { class: 'order' },
    el(
      'div',
      { class: 'order-pictures', 'aria-hidden': 'true' },
      ...things
        .slice(0, 4)
        .map(({ product }) => el('img', { src: pictureOf(product), width: 64, height: 64, alt: '' })),
    ),
    el(
      'div',
      {},
      el('h2', { text: orderId }),
      el('p', { class: 'soft small', text: dayOf(at) }),
      el('p', { text: words.join(', ') }),
    ),
    el('strong', { class: 'price', text: money(total, currency) }),
    returnedAt === undefined
      ? el('button', {
          type: 'button',
          text: say('giveBack'),
          'aria-label': `${say('giveBack')}: ${orderId}`,
          onclick: () => giveBack(orderId),
        })
      : el('span', { class: 'gone', text: say('returned') }),
  )
}

/** Her orders; for a guest those of this browser. */
export function ordersPage() {
  const { orders } = session()
  const none = () => empty('box', say('noOrders'), { label: say('look'), run: () => go('/shop') })
  return {
    title: say('orders'),
    name: 'Orders',
    view: [
      el(
        'div',
        { class: 'narrow-page' },
        el('h1', { text: say('orders'), tabindex: -1 }),
        orders.length === 0 ? none() : el('ul', { class: 'orders' }, ...orders.map(orderBlock)),
      ),
    ],
  }
}
