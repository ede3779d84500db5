/**
 * The Lambda handler of the step `console`: questions about a customer, asked by invoking it (the CLI, the
 * local page). It has no route of its own; who may invoke it is IAM's to say.
 */
import * as z from 'zod'
import { portsFrom } from '#adapters/ports'
import { keysFrom } from '#adapters/secrets'
import { limits } from '#core/limits'
import { customerView, type ExplainPorts, why } from '#flow/explain'

const name = z.string().trim().min(1).max(limits.idCharacters)

const Question = z.discriminatedUnion('view', [
  z.object({ view: z.literal('customer'), id: name }),
  z.object({ view: z.literal('why'), id: name, journey: name.optional() }),
])

/** A refusal as the caller gets it: a problem with its code, and the same under `error`. */
const refused = (status: number, code: string, detail: string) => ({
  status,
  code,
  detail,
  error: { code, message: detail },
})

/** Answers one question over the given ports. */
export async function answerQuestion(ports: ExplainPorts, event: unknown): Promise<object> {
  const asked = Question.safeParse(event)
  if (!asked.success) {
    const example = '{"view":"customer","id":"<customer id, user id or address>"}'
    return refused(400, 'bad-question', `ask like this: ${example}; ${z.prettifyError(asked.error)}`)
  }
  const { data: question } = asked
  const answer =
    question.view === 'customer'
      ? await customerView(ports, question.id)
      : await why(ports, {
          customer: question.id,
          ...(question.journey !== undefined && { journey: question.journey }),
        })
  return answer ?? refused(404, 'no-such-customer', 'nothing is stored about anyone of that id or address')
}

const ports = { ...portsFrom(), keys: keysFrom() }

export const handler = async (event: unknown): Promise<object> => answerQuestion(ports, event)
