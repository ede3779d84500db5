/**
 * What sample customers look at and buy: twelve wares of a small shop, each with a drawing in `local/page/pictures`
 * and a name in the languages that ready mails are written in. The first five are looked at, the rest is taken.
 */

export interface Ware {
  id: string
  category: string
  /** In whole units of the shop's currency. */
  price: number
  /** What it cost before; absent: it is not reduced. */
  comparePrice?: number
  rating?: number
  /** It has a film of its own. */
  hasFilm?: true
  variant?: string
  name: Readonly<Record<string, string>>
}

const wares: readonly Ware[] = [
  {
    ...{ id: 'reed-basket', category: 'home', price: 42, rating: 4.1 },
    name: { en: 'Reed basket', bn: 'নলখাগড়ার ঝুড়ি', ar: 'سلة القصب' },
  },
  {
    ...{ id: 'hearth-candle', category: 'home', price: 24, comparePrice: 30 },
    name: { en: 'Hearth candle', bn: 'উনুন মোমবাতি', ar: 'شمعة الموقد' },
  },
  {
    ...{ id: 'drift-scarf', category: 'wear', price: 54, rating: 4.9, variant: 'Fog' },
    name: { en: 'Drift scarf', bn: 'ড্রিফট স্কার্ফ', ar: 'وشاح الريح' },
  },
  {
    ...{ id: 'harvest-quilt', category: 'home', price: 129, comparePrice: 149, rating: 5 },
    name: { en: 'Harvest quilt', bn: 'নবান্ন কাঁথা', ar: 'لحاف الحصاد' },
  },
  {
    ...{ id: 'dusk-lamp', category: 'table', price: 96, rating: 4.4, hasFilm: true },
    name: { en: 'Dusk lamp', bn: 'গোধূলি বাতি', ar: 'مصباح الغسق' },
  },
  {
    ...{ id: 'willow-teapot', category: 'table', price: 48, rating: 4.8, hasFilm: true },
    name: { en: 'Willow teapot', bn: 'উইলো চায়ের পাত্র', ar: 'إبريق شاي الصفصاف' },
  },
  {
    ...{ id: 'morning-mug', category: 'table', price: 18.5, rating: 4.6 },
    name: { en: 'Morning mug', bn: 'সকালের মগ', ar: 'كوب الصباح' },
  },
  {
    ...{ id: 'fen-cardigan', category: 'wear', price: 89, rating: 4.7, variant: 'M' },
    name: { en: 'Fen cardigan', bn: 'ফেন কার্ডিগান', ar: 'سترة صوفية' },
  },
  {
    ...{ id: 'linen-apron', category: 'wear', price: 38 },
    name: { en: 'Linen apron', bn: 'লিনেনের এপ্রন', ar: 'مئزر من الكتّان' },
  },
  {
    ...{ id: 'market-tote', category: 'wear', price: 29, rating: 4.3 },
    name: { en: 'Market tote', bn: 'হাটের ব্যাগ', ar: 'حقيبة السوق' },
  },
  {
    ...{ id: 'clay-planter', category: 'garden', price: 34 },
    name: { en: 'Clay planter', bn: 'মাটির টব', ar: 'أصيص من الطين' },
  },
  {
    ...{ id: 'seed-tin', category: 'garden', price: 22, rating: 4.5 },
    name: { en: 'Seed tin', bn: 'বীজের কৌটা', ar: 'علبة البذور' },
  },
]

/** Those a sample customer looked at, the last one last. */
export const seenWares = wares.slice(0, 5)

/** Those she has in her cart or bought. */
export const takenWares = wares.slice(5)
