/** The Lambda handler of the step `wake`: each minute, from EventBridge Scheduler. See `flow/wake.ts`. */
import { jsonLog } from '#adapters/log'
import { portsFrom } from '#adapters/ports'
import { queuesFrom } from '#adapters/sqs'
import { wake } from '#flow/wake'

const ports = { ...portsFrom(), ...queuesFrom(), log: jsonLog('wake') }

export const handler = async (): Promise<{ woken: number }> => ({ woken: await wake(ports) })
