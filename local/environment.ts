/**
 * One execution environment of a function: a worker thread that answers one invocation at a time. An environment
 * that crashes or runs out of time is never used again, as on Lambda. `lambda.ts` keeps the pool.
 */
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'

// Every environment is a heap of its own, and few live long: optimizing their code later (V8's own budget is a
// sixth of this) saves a tenth of the CPU of a story and of a sample year.
setFlagsFromString('--interrupt-budget=400000')

/** What makes up a function; see `lambda.ts` for where each comes from. */
export type FunctionSpec = {
  logicalId: string
  /** The name people know: the step. */
  step: string
  /** The physical name and ARN. */
  name: string
  arn: string
  folder: string
  handler: string
  environment: Record<string, string>
  timeoutMs: number
  memoryMb: number
}

export type InvocationError = { errorType: string; errorMessage: string; trace: string[] }
export type Outcome = { ok: true; value: unknown } | { ok: false; error: InvocationError }

type Message =
  | { output: string; stream: 'stdout' | 'stderr' }
  | { id: string; value: unknown }
  | { id: string; error: InvocationError }

export class Environment {
  readonly worker: Worker
  dead = false
  /** Called once it is of no more use. */
  onEnd: () => void = () => {}
  private finish: ((outcome: Outcome) => void) | undefined
  private partial = ''

  constructor(
    spec: FunctionSpec,
    options: { shared: SharedArrayBuffer; onLine: (line: string, stream: 'stdout' | 'stderr') => void },
  ) {
    const { logicalId: _, step: __, folder, handler, environment, name, arn, memoryMb } = spec
    const context = {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMb),
      logGroupName: `/aws/lambda/${name}`,
      logStreamName: 'local',
    }
    this.worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { folder, handler, shared: options.shared, context },
      env: environment,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.max(memoryMb, 128) },
    })
    this.worker.on('message', (message: Message) => {
      if ('output' in message) this.take(message.output, message.stream, options.onLine)
      else if ('error' in message) this.settle({ ok: false, error: message.error })
      else this.settle({ ok: true, value: message.value })
    })
    this.worker.on('error', (error: Error) => this.end(error.name, error.message))
    this.worker.on('exit', () => this.end('Runtime.ExitError', 'The environment ended before it answered.'))
  }

  /** Runs one invocation. Never rejects; after a timeout or crash the environment is dead. */
  async invoke(invocation: { id: string; event: unknown; timeoutMs: number }): Promise<Outcome> {
    const { id, event, timeoutMs } = invocation
    const outcome = new Promise<Outcome>((resolve) => {
      this.finish = resolve
    })
    const timer = setTimeout(() => {
      this.end('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`)
    }, timeoutMs)
    this.worker.postMessage({ id, event, deadlineMs: timeoutMs })
    const settled = await outcome
    clearTimeout(timer)
    return settled
  }

  async stop(): Promise<void> {
    this.dead = true
    await this.worker.terminate()
  }

  /** Ends it at once; what it was at fails with these words. */
  end(errorType: string, errorMessage: string): void {
    if (!this.dead) this.onEnd()
    this.dead = true
    void this.worker.terminate()
    this.settle({ ok: false, error: { errorType, errorMessage, trace: [] } })
  }

  private settle(outcome: Outcome): void {
    const finish = this.finish
    this.finish = undefined
    finish?.(outcome)
  }

  private take(
    chunk: string,
    stream: 'stdout' | 'stderr',
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
  ) {
    const lines = (this.partial + chunk).split('\n')
    this.partial = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line, stream)
  }
}
