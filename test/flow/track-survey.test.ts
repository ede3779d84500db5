/** The survey page, through the handler as HTTP: an answer counts when it is posted, once, and may be changed. */
import { describe, expect, it } from 'vitest'
import { aMailed, customerId, message, messageId } from '#test/fixture/mailed'

const mailed = aMailed()
const row = () => mailed.world.tables.messages.get(customerId)?.get(messageId)
const at = '2026-11-24T13:00:00.000Z'

describe('a survey', () => {
  const path = async (index = 0) => `/a/${await mailed.token('survey', index)}`
  const post = async (body: string, index = 0, headers = {}) =>
    mailed.ask('POST', await path(index), { body, headers })

  it('shows the score of the link chosen, and a script by its hash alone', async () => {
    const answer = await mailed.ask('GET', `${await path()}?score=9`)

    expect(answer.body).toContain('value="9" required checked')
    expect(answer.body.match(/ checked/g)).toHaveLength(1)
    expect(answer.body.match(/type="radio"/g)).toHaveLength(11)
    expect(answer.headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'; connect-src 'self'/)
    expect(await mailed.events()).toEqual([])
  })

  it('runs nothing where no score came with the link', async () => {
    const answer = await mailed.ask('GET', await path())

    expect(answer.body).not.toMatch(/<script| checked/)
    expect(answer.headers['content-security-policy']).not.toContain('script-src')
  })

  it('on ease asks from 1 to 5', async () => {
    const answer = await mailed.ask('GET', `${await path(1)}?score=5`)

    expect(answer.body.match(/type="radio"/g)).toHaveLength(5)
    expect((await mailed.ask('GET', `/a/${await mailed.token('survey', 2)}`)).statusCode).toBe(404)
  })

  it('counts once it is posted: as an event, and on the row', async () => {
    const answer = await post('score=9&comment=%E0%A6%AD%E0%A6%BE%E0%A6%B2%E0%A7%8B+%F0%9F%91%8D')

    expect(await mailed.events()).toMatchObject([
      {
        name: 'Survey Answered',
        reachable: true,
        properties: {
          messageId,
          journey: 'abandoned-cart',
          step: 'reminder',
          runId: message.runId,
          survey: 'nps',
          score: 9,
          comment: 'ভালো 👍',
        },
      },
    ])
    expect(row()?.message.answer).toEqual({ survey: 'nps', score: 9, at, comment: 'ভালো 👍' })
    expect(answer.body).toContain('Thank you')
    expect(answer.body).toContain('value="9" required checked')
  })

  it('answered again alike is the same event; another answer is another', async () => {
    await post('score=9')
    mailed.world.now.at = '2026-11-24T13:01:00.000Z'
    await post('score=9&comment=++')
    expect(await mailed.events()).toHaveLength(1)

    await post('score=3')
    mailed.world.now.at = '2026-11-24T13:02:00.000Z'
    await post('score=9')

    expect((await mailed.events()).map(({ properties }) => properties.score).sort()).toEqual([3, 9, 9])
    expect(row()?.message.answer).toMatchObject({ score: 9, at: '2026-11-24T13:02:00.000Z' })
  })

  it('sent twice at once is one event', async () => {
    await Promise.all([post('score=7'), post('score=7')])

    expect(await mailed.events()).toHaveLength(1)
  })

  it.each([
    ['11', 0],
    ['-1', 0],
    ['9.5', 0],
    ['', 0],
    ['1e1', 0],
    ['0', 1],
    ['6', 1],
  ])('refuses the score "%s" of survey %i with a page that asks again', async (score, index) => {
    const looked = await mailed.ask('GET', `${await path(index)}?score=${score}`)
    const posted = await post(`score=${score}`, index)

    expect([looked.statusCode, posted.statusCode]).toEqual([400, 400])
    expect(posted.body).toContain('type="radio"')
    expect(await mailed.events()).toEqual([])
    expect(row()?.message.answer).toBeUndefined()
  })

  it('keeps a comment as text, bounded', async () => {
    const long = `${'🐌'.repeat(1500)}\u0000</textarea><script>alert(1)</script>`
    const answer = await post(
      new URLSearchParams({ score: '0', comment: `</textarea><b>${long}` }).toString(),
    )

    const comment = row()?.message.answer?.comment ?? ''
    expect([...comment]).toHaveLength(1000)
    expect(answer.body).toContain('&lt;/textarea&gt;&lt;b&gt;🐌')
    expect(answer.body).not.toContain('</textarea><b>')
  })

  it('posted by the page itself counts for a browser that stays, not for a machine', async () => {
    const machine = await post('score=9&by=itself', 0, { 'user-agent': 'Mozilla/5.0 HeadlessChrome/142' })
    expect(machine.statusCode).toBe(204)
    expect(await mailed.events()).toEqual([])

    const person = await post('score=9&by=itself')
    expect(person.statusCode).toBe(200)
    expect(await mailed.events()).toHaveLength(1)
  })

  it('posted by the page itself never replaces what she answered', async () => {
    await post('score=2&comment=slow')
    await post('score=9&by=itself')

    expect(row()?.message.answer).toMatchObject({ score: 2, comment: 'slow' })
  })

  it('keeps the event when the row could not be written, and completes it', async () => {
    const { note } = mailed.world.messages
    mailed.world.messages.note = async () => {
      throw new Error('the table is away')
    }
    expect((await post('score=4')).statusCode).toBe(503)
    mailed.world.messages.note = note
    mailed.world.now.at = '2026-11-24T13:05:00.000Z'
    await post('score=4')

    expect(await mailed.events()).toHaveLength(1)
    expect(row()?.message.answer?.score).toBe(4)
  })
})
