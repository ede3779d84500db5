/** Whom a stage may write to: what each pattern admits, what is none, and that those of cdk.json admit whom they mean. */
import { describe, expect, it } from 'vitest'
import { allowed, isPattern } from '#core/allow-list'
import { contextOfCdkJson } from '#infra/synth'

describe('the allow-list', () => {
  it.each([
    ['rina@example.com', ['*'], true],
    ['rina@example.com', [], false],
    ['Rina@Example.com', ['rina@example.COM'], true],
    ['rina@example.com', ['mina@example.com', ' rina@example.com '], true],
    ['rina@shop.example', ['@shop.example'], true],
    ['Rina@Shop.example', ['*@SHOP.example'], true],
    ['rina@evil-shop.example', ['@shop.example', '*@shop.example'], false],
    ['rina@dev.shop.example', ['@shop.example', '*@shop.example'], false],
    ['rina@shop.example.evil.example', ['@shop.example', '*@shop.example'], false],
    ['rina@shop.example', ['shop.example', '*@*', 'r*@shop.example'], false],
  ])('%s by %j: %s', (address, patterns, expected) => {
    expect(allowed(address, patterns)).toBe(expected)
  })

  it.each([
    'shop.example',
    '@shop',
    '@*.shop.example',
    'r*@shop.example',
    '**@shop.example',
    'a@b@shop.example',
    'a@shop.example,b@shop.example',
    'Rina <rina@shop.example>',
    '@.shop.example',
    '@',
    '',
  ])('holds no "%s"', (text) => {
    expect(isPattern(text)).toBe(false)
  })

  it('of each stage in cdk.json admits whom its patterns mean', async () => {
    const stages = (await contextOfCdkJson()).stages as Record<string, { allowList: string[] }>

    for (const { allowList } of Object.values(stages)) {
      expect(allowList.length).toBeGreaterThan(0)
      for (const pattern of allowList)
        expect(allowed(pattern.replace(/^\*?(@|$)/, 'rina$1'), [pattern])).toBe(true)
    }
  })
})
