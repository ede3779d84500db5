/**
 * The DNS records of a stage: what the stack's outputs want, looked up one by one, and shown as a table that can
 * be copied into a zone. What is compared is what matters: a record with other values beside ours is found.
 */
import type { LookUp, RecordType } from '#adapters/doctor-names'
import { asking, type Check, ok, wants } from './check.ts'

export interface DnsRecord {
  name: string
  type: RecordType
  value: string
}

const pattern = /^(\S+) (A|CNAME|MX|TXT) (.+)$/

/** The records that the outputs `Dns…` of a stack name, as `name type value`, in the order of the outputs. */
export function recordsOf(outputs: Readonly<Record<string, string>>): DnsRecord[] {
  const own = Object.entries(outputs).flatMap(([output, text]) => {
    const [, name = '', type, value = ''] = (/^Dns/.test(output) && pattern.exec(text)) || []
    return type === undefined ? [] : [{ name, type: type as RecordType, value }]
  })
  const { LinkDomainTarget, LinkBaseUrl } = outputs
  if (LinkDomainTarget === undefined || LinkBaseUrl === undefined) return own
  return [...own, { name: new URL(LinkBaseUrl).host, type: 'CNAME', value: LinkDomainTarget }]
}

/**
 * In prod: whether links of mails outlive the stack. On the host of its API they end with it, those to
 * unsubscribe too. The record of a link domain is looked up with the others.
 */
export function linkDomainCheck(stack: string, outputs: Readonly<Record<string, string>>): Check[] {
  if (stack !== 'homeward-prod' || outputs.LinkDomainTarget !== undefined) return []
  return [
    wants('Link domain', 'warn', {
      found: 'none: links of mails live on the host of the API, and end with the stack',
      cure: 'give stage prod a linkDomain in cdk.json and deploy (docs/operating.md, The link domain)',
    }),
  ]
}

const plain = (value: string): string =>
  value.replace(/^"|"$/g, '').replace(/\.$/, '').replace(/\s+/g, ' ').trim().toLowerCase()

const isDmarc = (value: string): boolean => /^v=dmarc1\s*(;|$)/i.test(plain(value))

/** Whether a value that was found does what the wanted one is for. */
function serves(found: string, { value, type }: DnsRecord): boolean {
  if (isDmarc(value)) return isDmarc(found)
  if (type === 'TXT' && plain(value).startsWith('v=spf1'))
    return plain(found).startsWith('v=spf1') && plain(found).includes('include:amazonses.com')
  return plain(found) === plain(value)
}

const policyOf = (value: string): string => /;\s*p\s*=\s*(\w+)/i.exec(value)?.[1]?.toLowerCase() ?? 'none'

/** A subdomain without a policy of its own is under the one above it (RFC 7489, 6.6.3). */
async function dmarcAbove(
  name: string,
  lookUp: LookUp,
): Promise<{ name: string; value: string } | undefined> {
  const labels = name.replace(/^_dmarc\./, '').split('.')
  for (let cut = 1; labels.length - cut >= 2; cut += 1) {
    const above = `_dmarc.${labels.slice(cut).join('.')}`
    const value = (await lookUp(above, 'TXT')).find(isDmarc)
    if (value !== undefined) return { name: above, value }
  }
  return undefined
}

const rowOf = ({ name, type, value }: DnsRecord): string => `${name} ${type} ${value}`

function dmarcCheck(name: string, value: string): Check {
  const policy = policyOf(value)
  const found = `p=${policy}`
  if (policy !== 'none') return ok(`DNS ${name}`, found)
  return ok(`DNS ${name}`, `${found} (only watching; p=quarantine once reports are clean)`)
}

async function recordCheck(record: DnsRecord, lookUp: LookUp): Promise<Check> {
  const name = `DNS ${record.name}`
  const there = await lookUp(record.name, record.type)
  const serving = there.find((value) => serves(value, record))
  if (isDmarc(record.value)) {
    if (serving !== undefined) return dmarcCheck(record.name, serving)
    const above = await dmarcAbove(record.name, lookUp)
    if (above !== undefined) return dmarcCheck(above.name, above.value)
  } else if (serving !== undefined) return ok(name, `${record.type} found`)
  const found =
    there.length === 0 ? `${record.type} missing` : `${record.type} is another: ${there.join(' | ')}`
  const cure = `add to the DNS: ${rowOf(record)}`
  return wants(name, isDmarc(record.value) ? 'warn' : 'bad', { found, cure })
}

/** Every record of the stage, looked up. */
export async function nameChecks(records: readonly DnsRecord[], lookUp: LookUp): Promise<Check[]> {
  const all = await Promise.all(
    records.map((record) =>
      asking({ name: `DNS ${record.name}`, right: 'to ask a name server' }, async () => [
        await recordCheck(record, lookUp),
      ]),
    ),
  )
  return all.flat()
}

/** The records as lines of columns, to be copied. */
export function recordTable(records: readonly DnsRecord[]): string[] {
  const width = Math.max(0, ...records.map(({ name }) => name.length))
  return records.map(({ name, type, value }) => `${name.padEnd(width)}  ${type.padEnd(5)}  ${value}`)
}
