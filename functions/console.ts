/**
 * The Lambda handler of the step `console`: questions about a customer, asked by invoking it (the CLI, the
 * local page). It has no route of its own; who may invoke it is IAM's to say.
 */
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { answerQuestion } from '#flow/console'

const ports = { ...portsFrom(), keys: keysFrom() }

export const handler = async (event: unknown): Promise<object> => answerQuestion(ports, event)
