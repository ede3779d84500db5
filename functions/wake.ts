/** The Lambda handler of the step `wake`: each minute, from EventBridge Scheduler. See `flow/wake.ts`. */
import { systemClock } from '#adapters/clock'
import { openDatabase } from '#adapters/dynamo'
import { dynamoAlarms } from '#adapters/dynamo-customers'
import { readEnvironment } from '#adapters/environment'
import { jsonLog } from '#adapters/log'
import { sqsWakeQueue } from '#adapters/sqs'
import { wake } from '#flow/wake'

const environment = readEnvironment('customers', 'dueShards', 'wakeQueue')

const ports = {
  clock: systemClock,
  log: jsonLog,
  customers: dynamoAlarms({ database: openDatabase(), ...environment }),
  wakeQueue: sqsWakeQueue(environment.wakeQueue),
}

export const handler = async (): Promise<{ woken: number }> => ({ woken: await wake(ports) })
