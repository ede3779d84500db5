/** Each finding of the doctor, with its cure: of the machine, of the account, of the DNS, of the work. */
import { describe, expect, it } from 'vitest'
import type { MailAccount, MailIdentity } from '#adapters/doctor-mail'
import type { LookUp } from '#adapters/doctor-names'
import { asking, type Check, exitCodeOf, ok } from '#cli/doctor/check'
import { type MachinePorts, machineChecks } from '#cli/doctor/machine'
import { accountChecks, concurrencyCheck, identityChecks } from '#cli/doctor/mail'
import { linkDomainCheck, nameChecks, recordsOf, recordTable } from '#cli/doctor/names'
import { type StageDoctor, stageChecks } from '#cli/doctor/stage'
import { liveChecks, parkedCheck, queueChecks, unresolvedCheck, writeKeyCheck } from '#cli/doctor/work'
import { Failed } from '#core/failed'
import { aRelease } from '#test/fixture/build'

const byName = (checks: readonly Check[]): Record<string, Check | undefined> =>
  Object.fromEntries(checks.map((check) => [check.name, check]))

const states = (checks: readonly Check[]): Record<string, string> =>
  Object.fromEntries(checks.map(({ name, state }) => [name, state]))

const command = (words: string): string => `${words} --stack homeward-prod`

describe('of this machine', () => {
  const aMachine = (set: Partial<MachinePorts> = {}): MachinePorts => ({
    node: '22.3.0',
    least: '20.19',
    isPortFree: async () => true,
    tryDatabase: async () => 'starts',
    freeBytes: async () => 20 * 1024 ** 3,
    templates: async () => ({ findings: [], journeys: 4 }),
    environment: {},
    running: undefined,
    ...set,
  })
  const finding = (severity: 'error' | 'warning') => ({
    ...{ severity, file: 'a.yaml', line: 1, column: 1, message: 'm', cure: 'c' },
  })

  it('all is well where all is there', async () => {
    const checks = await machineChecks(aMachine())

    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  })

  it.each<[string, Partial<MachinePorts>, string, string, RegExp]>([
    ['Node.js', { node: '18.20.1' }, 'Node.js', 'bad', /install 20\.19 or newer/],
    ['Node.js, of the same year', { node: '20.18.9' }, 'Node.js', 'bad', /20\.19/],
    ['a taken port', { isPortFree: async () => false }, 'Port', 'warn', /--port/],
    [
      'a database that does not start',
      { tryDatabase: () => Promise.reject(new Error('npm i -D dynoxide')) },
      'Embedded database',
      'bad',
      /npm i -D dynoxide/,
    ],
    ['a full disk', { freeBytes: async () => 1024 }, 'Disk', 'warn', /--data DIR/],
    [
      'broken templates',
      { templates: async () => ({ findings: [finding('error')], journeys: undefined }) },
      'Templates',
      'bad',
      /npm run check/,
    ],
    [
      'templates with a warning',
      { templates: async () => ({ findings: [finding('warning')], journeys: 4 }) },
      'Templates',
      'warn',
      /npm run check/,
    ],
  ])('%s', async (_, set, name, state, cure) => {
    const check = byName(await machineChecks(aMachine(set)))[name]

    expect(check?.state).toBe(state)
    expect(check?.cure).toMatch(cure)
  })

  it('a port that our own npm start has is no finding', async () => {
    const isPortFree = async () => false
    const checks = await machineChecks(aMachine({ running: 'http://127.0.0.1:4400', isPortFree }))

    expect(byName(checks).Port).toMatchObject({
      state: 'ok',
      found: 'npm start runs at http://127.0.0.1:4400',
    })
  })

  it('credentials are named, never shown', async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'AKIASECRET',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
    }
    const checks = await machineChecks(aMachine({ environment }))

    expect(byName(checks).AWS?.found).toContain('by AWS_ACCESS_KEY_ID, region eu-west-1')
    expect(JSON.stringify(checks)).not.toMatch(/AKIASECRET|secret"/)
  })
})

describe('of the sending account', () => {
  const anAccount = (set: Partial<MailAccount> = {}): MailAccount => ({
    ...{ isProduction: true, isSending: true, enforcement: 'HEALTHY' },
    quota: { perDay: 50_000, sentLastDay: 10, perSecond: 14 },
    ...set,
  })
  const quota = (perDay: number, sentLastDay: number) => ({ quota: { perDay, sentLastDay, perSecond: 1 } })

  it.each<[string, Partial<MailAccount>, Record<string, string>]>([
    ['all is well', {}, {}],
    ['the sandbox', { isProduction: false }, { 'SES sandbox': 'bad' }],
    ['sending switched off', { isSending: false }, { 'SES sending': 'bad' }],
    ['probation', { enforcement: 'PROBATION' }, { 'SES reputation': 'warn' }],
    ['shutdown', { enforcement: 'SHUTDOWN' }, { 'SES reputation': 'bad', 'SES sending': 'bad' }],
    ['a quota nearly spent', quota(200, 180), { 'SES quota': 'warn' }],
    ['a quota of nothing', quota(0, 0), { 'SES quota': 'bad' }],
    ['no quota at all', quota(-1, 900_000), {}],
  ])('%s', (_, set, expected) => {
    const checks = accountChecks(anAccount(set))

    const found = Object.entries(states(checks)).filter(([, state]) => state !== 'ok')
    expect(Object.fromEntries(found)).toEqual(expected)
    for (const { state, cure } of checks) expect(cure !== undefined).toBe(state !== 'ok')
  })

  const anIdentity = (set: Partial<MailIdentity> = {}): MailIdentity => ({
    ...{ isVerified: true, dkim: 'SUCCESS', mailFromDomain: 'bounce.shop.example', mailFrom: 'SUCCESS' },
    ...set,
  })

  it.each<[string, MailIdentity | undefined, Record<string, string>]>([
    ['verified', anIdentity(), { 'SES identity': 'ok', DKIM: 'ok', 'MAIL FROM': 'ok' }],
    ['unknown', undefined, { 'SES identity': 'bad' }],
    [
      'new',
      anIdentity({ isVerified: false, dkim: 'PENDING', mailFrom: 'PENDING' }),
      { 'SES identity': 'bad', DKIM: 'bad', 'MAIL FROM': 'warn' },
    ],
  ])('an identity that is %s', (_, identity, expected) => {
    expect(states(identityChecks('shop.example', identity))).toEqual(expected)
  })

  it.each([
    [1000, 2, 'ok'],
    [22, 2, 'ok'],
    [21, 2, 'warn'],
    [11, 2, 'warn'],
    [10, 2, 'bad'],
    [80, 10, 'warn'],
  ])('%d free invocations and maxConcurrency %d: %s', (unreserved, maxConcurrency, state) => {
    expect(concurrencyCheck({ total: 1000, unreserved }, maxConcurrency).state).toBe(state)
  })
})

describe('of the DNS', () => {
  const outputs = {
    ApiUrl: 'https://api.example',
    DnsDkim1: 'abc._domainkey.mail.shop.example CNAME abc.dkim.amazonses.com',
    DnsMailFrom: 'bounce.mail.shop.example MX 10 feedback-smtp.eu-central-1.amazonses.com',
    DnsSpf: 'bounce.mail.shop.example TXT "v=spf1 include:amazonses.com ~all"',
    DnsDmarc: '_dmarc.mail.shop.example TXT "v=DMARC1; p=none; rua=mailto:postmaster@mail.shop.example"',
  }
  const zone =
    (records: Record<string, string[]>): LookUp =>
    async (name, type) =>
      records[`${name} ${type}`] ?? []
  const good = {
    'abc._domainkey.mail.shop.example CNAME': ['ABC.dkim.amazonses.com.'],
    'bounce.mail.shop.example MX': ['10 feedback-smtp.eu-central-1.amazonses.com'],
    'bounce.mail.shop.example TXT': ['google-site=1', 'v=spf1 include:amazonses.com include:other ~all'],
    '_dmarc.mail.shop.example TXT': ['v=DMARC1; p=quarantine'],
  }
  const looked = async (records: Record<string, string[]>, of: Record<string, string> = outputs) =>
    nameChecks(recordsOf(of), zone(records))

  it('records that are there are found, whatever stands beside them', async () => {
    const checks = await looked(good)

    expect(checks.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(checks.at(-1)?.found).toBe('p=quarantine')
  })

  it('a record that is missing is told as it has to be added', async () => {
    const { 'bounce.mail.shop.example MX': _, ...rest } = good

    const missing = (await looked(rest)).find(({ state }) => state === 'bad')

    expect(missing).toMatchObject({ found: 'MX missing', cure: `add to the DNS: ${outputs.DnsMailFrom}` })
  })

  it('another value is shown', async () => {
    const checks = await looked({
      ...good,
      'abc._domainkey.mail.shop.example CNAME': ['old.dkim.amazonses.com'],
    })

    expect(checks[0]).toMatchObject({ state: 'bad', found: 'CNAME is another: old.dkim.amazonses.com' })
  })

  it('an SPF record that does not let SES send is another one', async () => {
    const checks = await looked({ ...good, 'bounce.mail.shop.example TXT': ['v=spf1 include:other -all'] })

    expect(checks[2]).toMatchObject({ state: 'bad' })
  })

  it('the policy above a subdomain counts for it; without any it is a warning', async () => {
    const { '_dmarc.mail.shop.example TXT': _, ...rest } = good

    const above = await looked({ ...rest, '_dmarc.shop.example TXT': ['v=DMARC1; p=reject'] })
    const none = await looked(rest)

    expect(above.at(-1)).toMatchObject({ state: 'ok', name: 'DNS _dmarc.shop.example', found: 'p=reject' })
    expect(none.at(-1)).toMatchObject({ state: 'warn', found: 'TXT missing' })
  })

  it('a name server that does not answer is unknown, and the others go on', async () => {
    const lookUp: LookUp = async (name, type) => {
      if (type === 'MX') throw Object.assign(new Error('queryMx ETIMEOUT'), { code: 'ETIMEOUT' })
      return zone(good)(name, type)
    }

    const checks = await nameChecks(recordsOf(outputs), lookUp)

    expect(checks.map(({ state }) => state)).toEqual(['ok', 'unknown', 'ok', 'ok'])
  })

  it('a link domain is one more record, and the table can be copied', async () => {
    const records = recordsOf({
      ...outputs,
      LinkBaseUrl: 'https://link.shop.example',
      LinkDomainTarget: 'd-1.execute-api.eu-central-1.amazonaws.com',
    })

    expect(recordTable(records).at(-1)).toBe(
      'link.shop.example                 CNAME  d-1.execute-api.eu-central-1.amazonaws.com',
    )
    expect(recordTable(records)).toHaveLength(5)
  })

  it.each([
    ['homeward-prod', {}, ['warn']],
    ['homeward-prod', { LinkDomainTarget: 'd-1.execute-api.eu-central-1.amazonaws.com' }, []],
    ['homeward-dev', {}, []],
    ['homeward-local', {}, []],
  ])('links that end with the stack are a warning in prod: %s %o', (stack, more, expected) => {
    const checks = linkDomainCheck(stack, { ...outputs, ...more })

    expect(checks.map(({ state }) => state)).toEqual(expected)
    for (const { cure } of checks) expect(cure).toContain('linkDomain in cdk.json')
  })
})

describe('of the work', () => {
  const depth = { waiting: 3, inFlight: 1, delayed: 0, dead: 0 }
  const release = aRelease({ number: 7 })

  it.each<[string, Check[], string, RegExp]>([
    ['nothing published', liveChecks(undefined, undefined, command), 'bad', /npm run publish --stack/],
    ['a release that is gone', liveChecks({ release: 7, paused: [] }, undefined, command), 'bad', /publish/],
    [
      'all paused',
      liveChecks({ release: 7, paused: ['*'] }, release, command),
      'warn',
      /npm run resume --stack/,
    ],
    [
      'one paused',
      liveChecks({ release: 7, paused: ['welcome'] }, release, command),
      'warn',
      /resume -- welcome/,
    ],
    ['dead letters', queueChecks('urgent', { ...depth, dead: 2 }), 'bad', /purge the dead letters/],
    ['dead notices', queueChecks('observe', { ...depth, dead: 2 }), 'bad', /bring them back/],
    ['a long queue', queueChecks('bulk', { ...depth, waiting: 20_000 }), 'warn', /log of the function/],
    ['somebody parked', [parkedCheck(['c1', 'c2'], command)], 'bad', /npm run why -- c1/],
    [
      'sends without outcome',
      [unresolvedCheck([{ status: 'UNKNOWN' }, { status: 'CLOSED' }])],
      'warn',
      /nothing is sent twice/,
    ],
    [
      'no server key',
      [writeKeyCheck([{ id: 'k', kind: 'browser' }], command)],
      'bad',
      /keys -- create --kind server/,
    ],
  ])('%s', (_, checks, state, cure) => {
    const found = checks.filter((check) => check.state !== 'ok')

    expect(found.map((check) => check.state)).toEqual([state])
    expect(found[0]?.cure).toMatch(cure)
  })

  it('is well where nothing waits to be done', () => {
    const checks = [
      ...liveChecks({ release: 7, paused: [] }, release, command),
      ...queueChecks('urgent', depth),
      parkedCheck([], command),
      unresolvedCheck([]),
      writeKeyCheck([{ id: 'k', kind: 'server' }], command),
    ]

    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(byName(checks).Unresolved?.found).toBe('none of mails of the last 14 days')
  })
})

describe('a question that is refused', () => {
  const named = (name: string) => Object.assign(new Error('no'), { name })

  it.each([
    [
      named('AccessDeniedException'),
      /AccessDeniedException/,
      /give your credentials the right ses:GetAccount/,
    ],
    [named('CredentialsProviderError'), /CredentialsProviderError/, /give your credentials/],
    [named('TimeoutError'), /TimeoutError/, /look at AWS_REGION/],
    [
      new Failed({
        code: 'database-failed',
        message: 'm',
        retryable: false,
        cause: named('AccessDeniedException'),
      }),
      /AccessDeniedException/,
      /right ses:GetAccount/,
    ],
    ['no error at all', /no error at all/, /AWS_REGION/],
  ])('is unknown, with the right it wants: %s', async (thrown, found, cure) => {
    const checks = await asking({ name: 'SES account', right: 'ses:GetAccount' }, () =>
      Promise.reject(thrown),
    )

    expect(checks).toHaveLength(1)
    expect(checks[0]).toMatchObject({ state: 'unknown', name: 'SES account' })
    expect(checks[0]?.found).toMatch(found)
    expect(checks[0]?.cure).toMatch(cure)
  })

  it('never keeps the others from being asked', async () => {
    const refused = () => Promise.reject(named('AccessDeniedException'))
    const doctor: StageDoctor = {
      ...{ name: 'homeward-prod', isLocal: false, outputs: {}, clock: () => '2026-03-02T09:00:00.000Z' },
      mail: { account: refused, identity: refused },
      queue: refused,
      concurrency: refused,
      unresolved: refused,
      lookUp: refused,
      keys: { addressKey: refused, linkKeys: refused },
      workspace: { live: refused, release: refused, writeKeys: refused, pulse: refused },
      customers: { allParked: refused },
    }

    const checks = await stageChecks(doctor)

    const asked = checks.filter(({ name }) => name !== 'Link domain')
    expect(asked).toHaveLength(checks.length - 1)
    expect(new Set(asked.map(({ state }) => state))).toEqual(new Set(['unknown']))
    expect(asked.length).toBeGreaterThanOrEqual(12)
    expect(exitCodeOf(checks)).toBe(0)
  })

  it.each([
    ['ok', 0],
    ['warn', 0],
    ['unknown', 0],
    ['bad', 1],
  ] as const)('ends with its code: %s', (state, code) => {
    expect(exitCodeOf([ok('a', 'b'), { name: 'c', state, found: 'd' }])).toBe(code)
  })
})
