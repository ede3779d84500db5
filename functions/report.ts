/** The Lambda handler of the step `report`: each hour, from EventBridge Scheduler. See `flow/report.ts`. */
import type { Context } from 'aws-lambda'
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { limits } from '#core/limits'
import { report } from '#flow/report'

const ports = { ...portsFrom(), log: jsonLog('report') }

export const handler = async (_event: unknown, context: Context): Promise<{ report: string }> => ({
  report: await report(ports, () => context.getRemainingTimeInMillis() > limits.reportSpareMs),
})
