/** The signed request: AWS's own example of Signature Version 4, and what Lambda's answer becomes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountConcurrency, signedHeaders } from '#adapters/doctor-lambda'
import { type Recorder, startRecorder } from '#test/fixture/recorder'

describe('a signed GET', () => {
  // get-vanilla of AWS's test suite for Signature Version 4.
  it('is signed as AWS signs it', () => {
    const headers = signedHeaders({
      url: new URL('https://example.amazonaws.com/'),
      region: 'us-east-1',
      service: 'service',
      credentials: {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      },
      at: '20150830T123600Z',
    })

    expect(headers.authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    )
  })

  it('carries and signs the token of a session', () => {
    const credentials = { accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' }
    const url = new URL('https://lambda.eu-west-1.amazonaws.com/2016-08-19/account-settings/')
    const headers = signedHeaders({
      url,
      region: 'eu-west-1',
      service: 'lambda',
      credentials,
      at: '20260302T090000Z',
    })

    expect(headers['x-amz-security-token']).toBe('T')
    expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
  })
})

describe('the concurrency of an account', () => {
  let recorder: Recorder

  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(async () => recorder.close())

  it('is what Lambda says', async () => {
    const AccountLimit = { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900, TotalCodeSize: 1 }
    recorder.answers.push({ status: 200, body: { AccountLimit, AccountUsage: {} } })

    const concurrency = await accountConcurrency(recorder.aws)

    expect(concurrency).toEqual({ total: 1000, unreserved: 900 })
    expect(recorder.asked[0]?.path).toBe('/2016-08-19/account-settings/')
  })

  it('is an error with the name AWS gives it when it is refused', async () => {
    const errorType = 'AccessDeniedException:http://internal'
    recorder.answers.splice(0, 1, { status: 403, body: { Message: 'no' }, errorType })

    await expect(accountConcurrency(recorder.aws)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })
})
