/**
 * The fields a condition may read: exactly those that `fieldsOf` of `core/present.ts` fills (a test compares
 * the two), so that none passes `check` and then never holds. `check` refuses every other name.
 */

const fields = {
  customer:
    'firstName lastName locale timeZone gender occupation birthday region country interests since orderCount lifetimeValue averageOrder firstOrderAt lastOrderAt lastSeenAt favouriteCategories',
  cart: 'id count total currency categories',
  order: 'id total currency',
  product: 'id sku name price currency quantity category brand variant rating',
  loyalty: 'points tier nextTier toNext',
  event: 'name',
} as const

const list = Object.entries(fields).flatMap(([root, names]) =>
  names.split(' ').map((name) => `${root}.${name}`),
)

/** Every field by name; `event.properties.…` and `customer.traits.…` may be any one name, of a plain value. */
export const conditionFields = (): readonly string[] => list

/** Whether a condition may read the field. */
export const isConditionField = (field: string): boolean =>
  /^(event\.properties|customer\.traits)\.[^.]+$/.test(field) || list.includes(field)
