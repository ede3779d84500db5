/** Settings: what may be left out, and what it then is. */
import { describe, expect, it } from 'vitest'
import { Settings } from '#core/settings'

const least = {
  shop: { name: 'A', url: 'https://a.example' },
  currency: 'eur',
  timeZone: 'Europe/Berlin',
  topics: { news: { name: { en: 'News' } } },
}

describe('Settings', () => {
  it('are whole with the least that must be said', () => {
    const settings = Settings.parse(least)

    expect(settings).toMatchObject({
      currency: 'EUR',
      locale: 'en',
      quietHours: { from: 21 * 60, to: 8 * 60 },
      cap: { mails: 3, within: 7 * 86_400_000 },
      remindersWithoutConsent: false,
      loyalty: { pointsPerUnit: 1, tiers: [] },
      gifts: {},
    })
    expect(settings.topics.news?.kind).toBe('marketing')
  })

  it.each([
    { timeZone: 'Berlin' },
    { locale: 'English' },
    { cap: { mails: 0, within: '7d' } },
    { quietHours: { from: '21:00' } },
    { shop: { ...least.shop, url: 'javascript:alert(1)' } },
    { shop: { ...least.shop, name: '' } },
    { topics: { news: { name: { en: '' } } } },
  ])('refuse %j', (wrong) => {
    expect(Settings.safeParse({ ...least, ...wrong }).success).toBe(false)
  })
})
