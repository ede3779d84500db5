/**
 * Console: questions about a customer as they are asked of the step, and their answers. What is answered is
 * put together by `flow/explain.ts`; here is only what may be asked, and how a no is said.
 */
import * as z from 'zod'
import { limits } from '#core/limits'
import { customerView, type ExplainPorts, why } from './explain.ts'

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

/** Answers one question; what cannot be answered is a problem with its code. Reads only. */
export async function answerQuestion(ports: ExplainPorts, asked: unknown): Promise<object> {
  const read = Question.safeParse(asked)
  if (!read.success) {
    const example = '{"view":"customer","id":"<customer id, user id or address>"}'
    return refused(400, 'bad-question', `ask like this: ${example}; ${z.prettifyError(read.error)}`)
  }
  const { data: question } = read
  const answer =
    question.view === 'customer'
      ? await customerView(ports, question.id)
      : await why(ports, {
          customer: question.id,
          ...(question.journey !== undefined && { journey: question.journey }),
        })
  return answer ?? refused(404, 'no-such-customer', 'nothing is stored about anyone of that id or address')
}
