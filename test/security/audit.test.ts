/** What continuous integration makes of `npm audit`: a critical weakness ends it, a registry without an answer does not. */
import { expect, it } from 'vitest'
import { judged } from '../../.ci/audit.js'

const found = (...severities: string[]) => ({
  metadata: { vulnerabilities: {} },
  vulnerabilities: Object.fromEntries(
    severities.map((severity, index) => [`p${index}`, { name: `p${index}`, severity, range: '<2' }]),
  ),
})

it.each([
  ['nothing', found(), ['audit: nothing is known'], 0],
  ['what is not critical', found('low', 'high'), ['audit: p0 <2: low', 'audit: p1 <2: high'], 0],
  ['what is critical', found('critical'), ['audit: p0 <2: critical'], 1],
  [
    'no answer',
    { message: '405 Method Not Allowed' },
    ['audit: the registry did not answer: 405 Method Not Allowed'],
    0,
  ],
  ['no words', undefined, ['audit: the registry did not answer: it said nothing that can be read'], 0],
])('%s', (_, report, lines, code) => {
  expect(judged(report)).toEqual({ lines, code })
})
