/**
 * As much of an AWS account as `cdk deploy` talks to, on one local port: STS, SSM, S3 and CloudFormation. It
 * keeps what was uploaded and which stacks were created, and refuses nothing: whether a template is right is
 * asked in `deployable.test.ts`; here it is whether the command line gets from sources to a stack.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a deployment left behind. `uploads`: object key → bytes. `stacks`: name → key of its template. */
export type Cloud = {
  url: string
  uploads: Map<string, Buffer>
  stacks: Map<string, string>
  close: () => Promise<void>
}

type Answer = { status: number; body: string }
type Asked = { service: string | undefined; method: string; url: URL; form: URLSearchParams; body: Buffer }

const account = '123456789012'
const region = 'eu-central-1'
const ok = (body: string): Answer => ({ status: 200, body })
const result = (action: string, body: string): Answer =>
  ok(`<${action}Response><${action}Result>${body}</${action}Result></${action}Response>`)

/** Starts the account; close it at the end. */
export async function openCloud(): Promise<Cloud> {
  const uploads = new Map<string, Buffer>()
  const stacks = new Map<string, string>()
  const server = createServer(async (request, response) => {
    const answer = answerTo(await read(request), uploads, stacks)
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // The server listens on a TCP port, so its address is no string.
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}`, uploads, stacks, close }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const body = Buffer.concat(await request.toArray())
  return {
    service: /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1],
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://cloud'),
    form: new URLSearchParams(body.toString('utf8')),
    body,
  }
}

function answerTo(asked: Asked, uploads: Cloud['uploads'], stacks: Cloud['stacks']): Answer {
  switch (asked.service) {
    case 'sts':
      return identity(asked.form.get('Action') ?? '')
    case 'ssm':
      return ok(JSON.stringify({ Parameter: { Name: 'version', Value: '30', Type: 'String' } }))
    case 's3':
      return bucket(asked, uploads)
    default:
      return cloudFormation(asked.form, stacks)
  }
}

function identity(action: string): Answer {
  if (action === 'GetCallerIdentity') {
    return result(
      action,
      `<Arn>arn:aws:iam::${account}:user/a</Arn><UserId>A</UserId><Account>${account}</Account>`,
    )
  }
  const keys =
    '<AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken>'
  return result(action, `<Credentials>${keys}<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>`)
}

function bucket({ method, url, body }: Asked, uploads: Cloud['uploads']): Answer {
  if (method === 'PUT') {
    uploads.set(url.pathname.split('/').at(-1) ?? '', body)
    return ok('')
  }
  if (url.searchParams.has('location')) return ok(`<LocationConstraint>${region}</LocationConstraint>`)
  if (url.searchParams.has('encryption')) return ok('<ServerSideEncryptionConfiguration/>')
  return ok('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>')
}

function cloudFormation(form: URLSearchParams, stacks: Cloud['stacks']): Answer {
  const action = form.get('Action') ?? ''
  const named = form.get('StackName') ?? ''
  const name = named.split('/')[1] ?? named
  const ids = `<StackName>${name}</StackName><StackId>arn:aws:cloudformation:${region}:${account}:stack/${name}/1</StackId>`
  const created = '<CreationTime>2026-01-01T00:00:00Z</CreationTime>'
  switch (action) {
    case 'DescribeStacks':
      if (!stacks.has(name)) return absent(name)
      return result(
        action,
        `<Stacks><member>${ids}${created}<StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks>`,
      )
    case 'CreateChangeSet':
      stacks.set(name, form.get('TemplateURL')?.split('/').at(-1) ?? '')
      return result(action, `<Id>arn:aws:cloudformation:${region}:${account}:changeSet/c/1</Id>${ids}`)
    case 'DescribeChangeSet':
      return result(
        action,
        `${ids}${created}<ChangeSetName>c</ChangeSetName><Status>CREATE_COMPLETE</Status>
        <Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action></ResourceChange></member></Changes>`,
      )
    default:
      return result(action, '')
  }
}

function absent(name: string): Answer {
  const message = `Stack with id ${name} does not exist`
  return {
    status: 400,
    body: `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }
}
