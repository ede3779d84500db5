/**
 * One Lambda execution environment, run in a worker thread: patches Date to the virtual clock, loads the bundle
 * as Lambda would, then answers one invocation at a time. Plain JavaScript, so that it starts on every Node without
 * a loader. Its other half is `lambda.ts`.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'

const port = parentPort
const { folder, handler, shared, context } = workerData

patchDate(new BigInt64Array(shared))
captureOutput()

const [file, name] = splitHandler(handler)
const loaded = load()
loaded.catch(() => {})

port.on('message', async ({ id, event, deadlineMs }) => {
  try {
    const run = await loaded
    port.postMessage({ id, value: await invoke(run, event, lambdaContext(id, deadlineMs)) })
  } catch (error) {
    port.postMessage({ id, error: describe(error) })
  }
})

async function load() {
  const path = ['.mjs', '.js', '.cjs'].map((ending) => join(folder, file + ending)).find(existsSync)
  if (path === undefined) throw new Error(`Runtime.ImportModuleError: no ${file}.mjs in ${folder}`)
  const module = await import(pathToFileURL(path).href)
  const run = module[name] ?? module.default?.[name]
  if (typeof run !== 'function')
    throw new Error(`Runtime.HandlerNotFound: ${handler} is not exported by ${path}`)
  return run
}

async function invoke(run, event, lambda) {
  const value = run.length < 3 ? await run(event, lambda) : await called(run, event, lambda)
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

function called(run, event, lambda) {
  return new Promise((resolve, reject) => {
    run(event, lambda, (error, value) => (error ? reject(error) : resolve(value)))
  })
}

function lambdaContext(id, deadlineMs) {
  const endsAt = performance.now() + deadlineMs
  return {
    ...context,
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
  }
}

function splitHandler(text) {
  const dot = text.lastIndexOf('.')
  return [text.slice(0, dot), text.slice(dot + 1)]
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] }
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n').slice(0, 20),
  }
}

/** Date without arguments and Date.now follow the clock; everything else about Date stays as it is. */
function patchDate(offset) {
  const Real = Date
  const realNow = Real.now
  const now = () => realNow() + Number(Atomics.load(offset, 0))
  function VirtualDate(...args) {
    if (!new.target) return new Real(now()).toString()
    return Reflect.construct(
      Real,
      args.length > 0 ? args : [now()],
      new.target === VirtualDate ? Real : new.target,
    )
  }
  VirtualDate.prototype = Real.prototype
  VirtualDate.now = now
  VirtualDate.parse = Real.parse
  VirtualDate.UTC = Real.UTC
  Real.prototype.constructor = VirtualDate
  globalThis.Date = VirtualDate
}

/** Output goes to the main thread through the port, so that a line always arrives before the answer after it. */
function captureOutput() {
  const take = (stream) => (chunk, encoding, done) => {
    port.postMessage({ output: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(), stream })
    const callback = typeof encoding === 'function' ? encoding : done
    if (typeof callback === 'function') callback()
    return true
  }
  process.stdout.write = take('stdout')
  process.stderr.write = take('stderr')
}
