/**
 * As much of an AWS account as `cdk` talks to, on one local port: STS, SSM, S3 and CloudFormation. It keeps what
 * was uploaded, makes stacks of it through change sets, and takes them down as CloudFormation would: what is
 * retained stays, and a protected stack is refused. Whether a template is right is asked in `deployable.test.ts`;
 * here it is whether the command line gets from sources to a stack. Stacks are in `cloud-stacks.ts`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, account, Formation, ok, region, result } from './cloud-stacks.ts'

/** What deployments left behind. `uploads`: object key → bytes. */
export type Cloud = {
  url: string
  uploads: Map<string, Buffer>
  formation: Formation
  close: () => Promise<void>
}

type Asked = { service: string | undefined; method: string; url: URL; form: URLSearchParams; body: Buffer }

/** Starts the account; close it at the end. */
export async function openCloud(): Promise<Cloud> {
  const uploads = new Map<string, Buffer>()
  const formation = new Formation(uploads)
  const server = createServer(async (request, response) => {
    const answer = answerTo(await read(request), uploads, formation)
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
  return { url: `http://127.0.0.1:${port}`, uploads, formation, close }
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

function answerTo(asked: Asked, uploads: Cloud['uploads'], formation: Formation): Answer {
  switch (asked.service) {
    case 'sts':
      return identity(asked.form.get('Action') ?? '')
    case 'ssm':
      return ok(JSON.stringify({ Parameter: { Name: 'version', Value: '30', Type: 'String' } }))
    case 's3':
      return bucket(asked, uploads)
    default:
      return formation.answer(asked.form)
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
  const key = url.searchParams.get('prefix') ?? ''
  const found = uploads.has(key)
    ? `<KeyCount>1</KeyCount><Contents><Key>${key}</Key><Size>1</Size></Contents>`
    : '<KeyCount>0</KeyCount>'
  return ok(`<ListBucketResult>${found}</ListBucketResult>`)
}
