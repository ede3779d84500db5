/** What `npm run doctor` asks the DNS, by Node's own resolver: the values of a name, none when there are none. */
import { Resolver } from 'node:dns/promises'
import { limits } from '#core/limits'

export type RecordType = 'A' | 'CNAME' | 'MX' | 'TXT'

/** The records of a name as text, an MX as `10 host`. Throws when no answer came. */
export type LookUp = (name: string, type: RecordType) => Promise<string[]>

const none = new Set(['ENODATA', 'ENOTFOUND'])

export function dnsLookUp(): LookUp {
  const resolver = new Resolver({ timeout: limits.dnsTimeoutMs, tries: 2 })
  const ask: Record<RecordType, (name: string) => Promise<string[]>> = {
    A: (name) => resolver.resolve4(name),
    CNAME: (name) => resolver.resolveCname(name),
    MX: async (name) =>
      (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`),
    TXT: async (name) => (await resolver.resolveTxt(name)).map((chunks) => chunks.join('')),
  }
  return async (name, type) => {
    try {
      return await ask[type](name)
    } catch (error) {
      if (none.has((error as NodeJS.ErrnoException).code ?? '')) return []
      throw error
    }
  }
}
