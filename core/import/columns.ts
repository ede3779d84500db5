/**
 * What the columns of an imported file are: by the names that exports of shops and mail services give them, or
 * as the marketer says (`--map`). A column that means nothing to us is a trait of hers by its own name.
 * Read `core/import/customer.ts` and `core/import/order.ts` next.
 */
import { cureFor } from '#core/suggest'

/** Names as headers have them, without case, blanks and punctuation; the likelier first. */
const customerNames = {
  email: ['email', 'emailaddress', 'mail', 'primaryemail', 'customeremail'],
  userId: ['userid', 'customerid', 'externalid', 'shopifyid', 'accountid'],
  firstName: ['firstname', 'fname', 'givenname', 'customerfirstname'],
  lastName: ['lastname', 'lname', 'surname', 'familyname', 'customerlastname'],
  name: ['name', 'fullname', 'customername'],
  locale: ['locale', 'language', 'preferredlanguage', 'lang', 'customerlocale'],
  timezone: ['timezone', 'tz'],
  birthday: ['birthday', 'dateofbirth', 'birthdate', 'dob'],
  region: ['region', 'state', 'province', 'stateregion', 'defaultaddresscity', 'city'],
  interests: ['interests'],
  phone: ['phone', 'phonenumber', 'mobile', 'defaultaddressphone'],
  gender: ['gender'],
  occupation: ['occupation', 'jobtitle'],
  status: [
    'status',
    'emailmarketingconsent',
    'acceptsemailmarketing',
    'acceptsmarketing',
    'subscriptionstatus',
    'emailstatus',
    'subscribed',
  ],
  topics: ['topics'],
  consentAt: [
    'consentat',
    'confirmtime',
    'optintime',
    'emailmarketingconsenttimestamp',
    'consenttimestamp',
    'consentdate',
    'subscribedat',
    'subscribedate',
    'optindate',
  ],
  consentSource: [
    'consentsource',
    'emailmarketingsource',
    'emailmarketingconsentsource',
    'optinsource',
    'signupsource',
    'source',
  ],
  consentText: ['consenttext', 'consentwording', 'optintext'],
  unsubscribedAt: ['unsubscribedat', 'unsubtime', 'unsubscribedate', 'optouttime', 'optoutdate'],
  suppressedAt: ['suppressedat', 'cleantime', 'bouncedat', 'complainedat'],
  updatedAt: ['updatedat', 'lastchanged', 'profileupdatedat', 'lastupdated'],
} as const

const orderNames = {
  orderId: ['orderid', 'ordernumber', 'orderno', 'order', 'name', 'id'],
  email: customerNames.email,
  userId: customerNames.userId,
  at: ['at', 'orderedat', 'createdat', 'orderdate', 'paidat', 'date', 'processedat'],
  total: ['total', 'ordertotal', 'totalprice', 'grandtotal', 'amount'],
  currency: ['currency', 'currencycode'],
  status: ['status', 'financialstatus', 'orderstatus'],
  cancelledAt: ['cancelledat', 'canceledat'],
  sku: ['sku', 'lineitemsku', 'productsku', 'itemsku'],
  productId: ['productid', 'lineitemproductid'],
  product: ['product', 'lineitemname', 'productname', 'itemname', 'title', 'name'],
  price: ['price', 'lineitemprice', 'unitprice', 'itemprice'],
  quantity: ['quantity', 'lineitemquantity', 'qty', 'itemquantity'],
  category: ['category', 'producttype', 'productcategory'],
} as const

export type CustomerField = keyof typeof customerNames
export type OrderField = keyof typeof orderNames

/** What one column is; `left out`: empty, named twice, or mapped to nothing. */
export type Column<F extends string> = { name: string } & (
  | { is: 'field'; field: F }
  | { is: 'trait'; trait: string }
  | { is: 'left out' }
)

export interface Columns<F extends string> {
  columns: Column<F>[]
  /** What stands in the way, each with its cure. */
  problems: string[]
}

const bare = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Header → what it is to be, as the marketer said. Undefined: `text` is no list of `column=field`. */
export function readMap(text: string): Map<string, string> | undefined {
  const map = new Map<string, string>()
  for (const pair of text.split(/[,\n]/)) {
    const at = pair.lastIndexOf('=')
    if (pair.trim() === '') continue
    if (at < 1) return undefined
    map.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  return map
}

function columnsBy<F extends string>(
  names: Record<F, readonly string[]>,
  header: readonly string[],
  map: ReadonlyMap<string, string>,
): Columns<F> {
  const fields = Object.keys(names) as F[]
  const heads = header.map((name) => name.trim())
  const taken = new Map<number, F>()
  const isField = (word: string): word is F => Object.hasOwn(names, word)
  for (const [index, name] of heads.entries()) {
    const to = map.get(name)
    if (to !== undefined && isField(to)) taken.set(index, to)
  }
  for (const field of fields) {
    if ([...taken.values()].includes(field)) continue
    for (const wanted of [bare(field), ...names[field]]) {
      const index = heads.findIndex((name, at) => bare(name) === wanted && !taken.has(at) && !map.has(name))
      if (index < 0) continue
      taken.set(index, field)
      break
    }
  }
  const columns = heads.map((name, index): Column<F> => {
    const field = taken.get(index)
    if (field !== undefined) return { name, is: 'field', field }
    const trait = map.get(name) ?? name
    const isSecond = heads.indexOf(name) < index
    return trait === '' || isSecond ? { name, is: 'left out' } : { name, is: 'trait', trait }
  })
  const problems = [...map.keys()]
    .filter((name) => !heads.includes(name))
    .map((name) => `--map names the column "${name}", which is not there; ${cureFor(name, heads)}`)
  return { columns, problems }
}

const lacks = <F extends string>({ columns }: Columns<F>, field: F): boolean =>
  !columns.some((column) => column.is === 'field' && column.field === field)

/** The columns of a file of customers. `map`: header → field, trait, or nothing to leave it out. */
export function customerColumns(
  header: readonly string[],
  map: ReadonlyMap<string, string>,
): Columns<CustomerField> {
  const found = columnsBy<CustomerField>(customerNames, header, map)
  if (lacks(found, 'email') && lacks(found, 'userId'))
    found.problems.push(noWho('--map "YOUR COLUMN=email"', header))
  return found
}

/** The columns of a file of orders; what is no field of an order is left out. */
export function orderColumns(
  header: readonly string[],
  map: ReadonlyMap<string, string>,
): Columns<OrderField> {
  const found = columnsBy<OrderField>(orderNames, header, map)
  if (lacks(found, 'email') && lacks(found, 'userId'))
    found.problems.push(noWho('--map "YOUR COLUMN=email"', header))
  for (const field of ['orderId', 'at'] as const)
    if (lacks(found, field))
      found.problems.push(`no column is known to be ${field}; say which: --map "YOUR COLUMN=${field}"`)
  const columns = found.columns.map(
    (column): Column<OrderField> => (column.is === 'trait' ? { name: column.name, is: 'left out' } : column),
  )
  return { ...found, columns }
}

const noWho = (cure: string, header: readonly string[]): string =>
  `no column holds an e-mail address or user id (the first row is: ${header.slice(0, 8).join(', ')}); say which: ${cure}`
