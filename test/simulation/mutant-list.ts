/**
 * Mistakes that somebody could make one day, each as an edit of exact source texts that only the simulator's
 * build sees (`build.ts`). `npm run mutants` shows that each of them is found.
 */
import type { Edit } from './build.ts'

export interface Mutant {
  name: string
  edits: readonly Edit[]
}

const one = (name: string, file: string, find: string, put: string): Mutant => ({
  name,
  edits: [{ file, find, put }],
})

const sending: readonly Mutant[] = [
  one(
    'SDK retries on',
    'test/simulation/mail-service.ts',
    'const wireAttempts = 1',
    'const wireAttempts = 3',
  ),
  {
    name: 'send before claim',
    edits: [
      {
        file: 'flow/deliver.ts',
        find: "  if ((await ports.messages.claim(claim)) === 'changed') return undefined\n",
        put: "  const early = await ports.mailer.send(ready.mail)\n  if ((await ports.messages.claim(claim)) === 'changed') return undefined\n",
      },
      {
        file: 'flow/deliver.ts',
        find: 'const outcome = await ports.mailer.send(ready.mail)',
        put: 'const outcome = early',
      },
    ],
  },
  one(
    'an address in a log',
    'flow/deliver.ts',
    "    if ('missing' in composed)\n",
    "    ports.log({ level: 'info', step: 'deliver', event: 'composed', to: address })\n    if ('missing' in composed)\n",
  ),
  one(
    'resend on timeout',
    'flow/deliver.ts',
    "    case 'ambiguous':\n",
    "    case 'ambiguous':\n      await ports.messages.release(claimed, { hash, notBefore: plus(now, limits.notSentBackoffMs), reason: 'not-sent' })\n",
  ),
  one(
    'resend after crash',
    'core/settle.ts',
    '      if (stuckAt > draft.now) return put(draft, { ...of, settleAt: stuckAt })\n',
    "      if (stuckAt > draft.now) return put(draft, { ...of, settleAt: stuckAt })\n      if (row.status === 'CLAIMED') return again(draft, of, row, 'stuck')\n",
  ),
  one(
    'confirm misread as refusal',
    'flow/deliver.ts',
    '      await ports.messages.confirm(claimed, { at: now, sesMessageId })\n',
    "      try {\n        await ports.messages.confirm(claimed, { at: now, sesMessageId })\n      } catch {\n        return conclude(ports, claimed, hash, { kind: 'not-sent', error: 'confirm failed' })\n      }\n",
  ),
  one(
    'no 10 s deadline',
    'flow/deliver.ts',
    "  if (toMs(ports.clock()) - toMs(at) > limits.sendAfterClaimMs) return 'done'\n",
    '',
  ),
  one(
    'release leaves the ring',
    'adapters/memory/messages.ts',
    '{ ...withoutClaim(gate, messageId), version: gate.version + 1 }',
    '{ ...gate, version: gate.version + 1 }',
  ),
  one(
    'a claim elsewhere not waited for',
    'core/claim.ts',
    "  if (until <= now) return skipped(reason('already-sent'))\n",
    "  if (until <= now || until > now) return skipped(reason('already-sent'))\n",
  ),
  one(
    'release keeps the round',
    'adapters/memory/messages.ts',
    "status: 'PLANNED', round: message.round + 1, notBefore",
    "status: 'PLANNED', round: message.round, notBefore",
  ),
  {
    name: 'round not compared',
    edits: [
      {
        file: 'flow/deliver.ts',
        find: "message.status === 'PLANNED' && message.round === dispatch.round",
        put: "message.status === 'PLANNED' && dispatch.round > 0",
      },
      {
        file: 'adapters/memory/messages.ts',
        find: 'row?.message.status === status && row.message.round === message.round ? row : undefined',
        put: 'row?.message.status === status ? row : undefined',
      },
    ],
  },
]

const gates: readonly Mutant[] = [
  {
    name: 'no order gate',
    edits: [
      {
        file: 'core/claim.ts',
        find: 'if (message.exitsOnOrder && gate.lastOrderAt !== undefined',
        put: "if (message.messageId === '' && gate.lastOrderAt !== undefined",
      },
      {
        file: 'adapters/memory/messages.ts',
        find: 'return !(message.exitsOnOrder && ordered)',
        put: 'return ordered || !ordered',
      },
    ],
  },
  one('order gate by occurredAt', 'flow/ingest-beside.ts', 'call.history || repeat ? at : receivedAt', 'at'),
  one(
    'no unsubscribe gate',
    'core/claim.ts',
    "if (choice === false) return skipped(reason('unsubscribed', { topic }))",
    'if (choice === false) return undefined',
  ),
  {
    name: 'consent on the wrong row',
    edits: [
      {
        file: 'flow/ingest-beside.ts',
        find: 'const inbox = rows.inbox ?? (await lastInbox(ports, rows.person))\n  if (inbox === undefined) {',
        put: "const inbox = rows.inbox ?? { hash: '', gate: newAddressGate() }\n  if (inbox.hash !== '-') {",
      },
      {
        file: 'flow/ingest-beside.ts',
        find: '  await takePending(ports, rows, list, who.customerId)\n',
        put: '',
      },
    ],
  },
  one(
    'suppression ignored',
    'core/claim.ts',
    "    return skipped(reason('address-of-another'))\n  if (gate.suppressed !== undefined)",
    "    return skipped(reason('address-of-another'))\n  if (gate.suppressed?.why === 'manual')",
  ),
  one(
    'cap without version',
    'adapters/memory/messages.ts',
    'const sameGate = (tables.addresses.get(hash)?.version ?? 0) === gate.version',
    'const sameGate = gate.version >= 0',
  ),
  one(
    'ring not checked',
    'core/claim.ts',
    'gate.ring.find((one) => one.messageId === message.messageId)\n',
    'gate.ring.find(() => false)\n',
  ),
  one(
    'quiet hours only at plan',
    'core/claim.ts',
    '  if (quiet !== undefined)\n',
    '  if (quiet !== undefined && message.plannedAt === now)\n',
  ),
  one(
    'kill switch ignored',
    'core/claim.ts',
    "if (paused.includes('*') || paused.includes(message.journey)) {",
    "if (paused.includes('nothing')) {",
  ),
]

const planning: readonly Mutant[] = [
  one(
    'alarm deleted first',
    'flow/wake.ts',
    '  await ports.wakeQueue.wake(',
    `  for (const { customerId } of due) {
    const all = ports.customers as unknown as import('./port.ts').Customers
    const found = await all.load(customerId)
    if (found === undefined) continue
    const { state, version: expectedVersion } = found
    await all.commit({ customerId, state, expectedVersion, due: undefined, row: undefined, effects: [] })
  }
  await ports.wakeQueue.wake(`,
  ),
  one(
    'late alarm',
    'flow/decide.ts',
    'stored <= due && stored > state.now',
    'stored >= due && stored > state.now',
  ),
  one(
    'held never re-planned',
    'core/settle.ts',
    "      return again(draft, of, row, 'hold-over')\n",
    '      return put(draft, { ...of, settleAt: plus(draft.now, 6 * 3_600_000) })\n',
  ),
  one(
    'stuck never looked at',
    'core/run.ts',
    'settleAt: plus(draft.asOf, limits.stuckMs),\n    notAfter,',
    'settleAt: plus(draft.asOf, 400 * 86_400_000),\n    notAfter,',
  ),
  one(
    'message id without run',
    'core/run.ts',
    "derive('m', run.runId, send.step)",
    "derive('m', draft.state.customerId, run.journey, send.step)",
  ),
  one(
    'plan on an existing id fails',
    'adapters/memory/customers.ts',
    'if (!messageRow(tables, message)) putMessage(tables, { message, clicks: 0 })',
    "if (messageRow(tables, message)) throw new Error('the message exists')\n    putMessage(tables, { message, clicks: 0 })",
  ),
  one(
    'commit without version',
    'adapters/memory/customers.ts',
    "if ((tables.customers.get(customerId)?.version ?? 0) !== expectedVersion) return 'changed'\n",
    '',
  ),
  one(
    'poison returned as batch failure',
    'flow/decide.ts',
    '      progress.stuck = { error }\n      break\n',
    '      throw error\n',
  ),
]

const knowing: readonly Mutant[] = [
  one(
    'stream order trusted',
    'core/cart.ts',
    '  if (log.snapshot !== undefined && log.snapshot.at > at) return log\n',
    '',
  ),
  one(
    'dedupe on corrected time',
    'flow/ingest.ts',
    'key: eventKey(call.timestamp, call.messageId)',
    'key: eventKey(at, call.messageId)',
  ),
  one(
    'absorb without second sweep',
    'core/decide.ts',
    '{ visitorId, foldedAt: at, sweepAt: plus(at, limits.visitorSweepMs) }',
    '{ visitorId, foldedAt: at }',
  ),
  one(
    'what comes late to an absorbed record is not forwarded',
    'flow/absorb.ts',
    'if (isHandedOver(event) || applied.includes(shortHash(event.messageId))) continue',
    'if (applied.length >= 0) continue',
  ),
  {
    name: 'merged records still mail',
    edits: [
      {
        file: 'core/claim.ts',
        find: "  if (gate.mergedInto !== undefined) return skipped(reason('merged'))\n",
        put: '',
      },
      {
        file: 'adapters/memory/messages.ts',
        find: 'if (person?.erased || person?.mergedInto !== undefined) return false',
        put: 'if (person?.erased) return false',
      },
      {
        file: 'core/claim.ts',
        find: "  if (gate.owner !== undefined && gate.owner !== state.customerId)\n    return skipped(reason('address-of-another'))\n",
        put: '',
      },
    ],
  },
  one(
    'an order told twice is two orders',
    'flow/ingest-beside.ts',
    'const repeat = takenBy !== undefined && takenBy !== call.messageId',
    "const repeat = takenBy === ''",
  ),
  one(
    'tombstone ignored by decide',
    'flow/decide.ts',
    '  if (known.erased) {\n',
    '  if (known.version < 0) {\n',
  ),
  one(
    'tombstone ignored by ingest',
    'flow/identify.ts',
    "  if (person.gate.erased) return { kind: 'erased' }\n  const { customerId } = person\n",
    '  const { customerId } = person\n',
  ),
  one(
    'a failed put is answered as taken',
    'flow/ingest.ts',
    'const recorded = await ports.events.record(event, besides.list)\n',
    "const recorded = await ports.events.record(event, besides.list).catch(() => 'stored' as const)\n",
  ),
  one(
    'that a mail went out is told by its sender alone',
    'flow/decide.ts',
    "if (row?.status === 'SENT')",
    "if (row?.status === 'SENT' && row.claimedAt === '')",
  ),
]

const choosing: readonly Mutant[] = [
  one(
    'one yes where two are asked for',
    'flow/ingest.ts',
    'return release?.settings.doubleOptIn === true',
    'return release === undefined',
  ),
  one(
    'fewer mails are not heard',
    'core/claim.ts',
    'gate.fewer?.wanted === true ? settings.fewer : settings.cap',
    'settings.cap',
  ),
  one(
    'a topic refused on its page stays on',
    'flow/track-preferences.ts',
    'if (names.length > 0) next',
    'if (names.length > 0 && given) next',
  ),
  one(
    'a no said again keeps its first time',
    'core/gate.ts',
    'toMs(at) - toMs(choice.at) >= limits.sameChoiceMs',
    "at === ''",
  ),
]

export const mutants: readonly Mutant[] = [...sending, ...gates, ...planning, ...knowing, ...choosing]
