/**
 * What Lambda refuses of a function, or takes and then fails at every invocation: runtimes, reserved variables,
 * sizes. AWS's own rules check the ranges of memory and timeout.
 */
import { at, each, type Resource, type Rule, record, target } from './view.ts'

const type = 'AWS::Lambda::Function'
const runtimes = ['nodejs22.x', 'nodejs24.x']
const environmentBytes = 4096

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables" */
const reserved = /^(AWS_.*|_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|TZ)$/

const variablesOf = ({ properties }: Resource) => record(at(properties, 'Environment', 'Variables'))

/** A text, or a function of CloudFormation that makes one. */
const isText = (value: unknown) =>
  typeof value === 'string' || Object.keys(record(value)).some((key) => /^(Ref$|Fn::)/.test(key))

export const functionRules: Rule[] = [
  {
    id: 'function-runtime',
    check: each(type, ({ properties: { Runtime } }) =>
      runtimes.includes(String(Runtime))
        ? undefined
        : `runs on ${Runtime}, which is none of ${runtimes.join(', ')}; set Runtime in infra/step.ts`,
    ),
  },
  {
    id: 'function-architecture',
    check: each(type, ({ properties: { Architectures } }) =>
      JSON.stringify(Architectures) === '["arm64"]'
        ? undefined
        : `is built for ${JSON.stringify(Architectures)}; exactly one architecture, arm64, is what is measured`,
    ),
  },
  {
    id: 'function-handler',
    check: each(type, ({ properties: { Handler } }) =>
      Handler === 'index.handler'
        ? undefined
        : `calls ${Handler}, but each bundle exports index.handler: every invocation would fail`,
    ),
  },
  {
    id: 'function-code',
    check: each(type, ({ properties: { Code } }) =>
      /^[0-9a-f]{64}\.zip$/.test(String(at(Code, 'S3Key')))
        ? undefined
        : `takes its code from ${JSON.stringify(at(Code, 'S3Key'))}, which is no asset of this synthesis`,
    ),
  },
  {
    id: 'environment-reserved',
    check: each(type, (one) => {
      const taken = Object.keys(variablesOf(one)).filter((name) => reserved.test(name))
      return taken.length === 0
        ? undefined
        : `sets ${taken.join(', ')}, which Lambda keeps for itself; rename`
    }),
  },
  {
    id: 'environment-name',
    check: each(type, (one) => {
      const bad = Object.keys(variablesOf(one)).filter((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))
      return bad.length === 0 ? undefined : `has variables no shell can name: ${bad.join(', ')}; rename`
    }),
  },
  {
    id: 'environment-size',
    check: each(type, (one) => {
      const bytes = JSON.stringify(variablesOf(one)).length
      return bytes <= environmentBytes
        ? undefined
        : `has ${bytes} bytes of environment, Lambda takes ${environmentBytes}; keep long settings elsewhere`
    }),
  },
  {
    id: 'function-memory',
    check: each(type, ({ properties: { MemorySize } }) =>
      Number(MemorySize) >= 128 && Number(MemorySize) <= 10_240
        ? undefined
        : `has ${MemorySize} MB of memory; 128 to 10240 can be`,
    ),
  },
  {
    id: 'environment-text',
    check: each(type, (one) => {
      const odd = Object.entries(variablesOf(one)).filter(([, value]) => !isText(value))
      return odd.length === 0
        ? undefined
        : `has variables that are no text: ${odd.map(([name]) => name).join(', ')}; write them as strings`
    }),
  },
  {
    id: 'environment-dangling',
    check: each(type, (one, view) => {
      const known = new Set(view.all.map(({ id }) => id))
      const dangling = Object.entries(variablesOf(one)).filter(([, value]) => {
        const id = target(value)
        return id !== undefined && !known.has(id)
      })
      return dangling.length === 0
        ? undefined
        : `names in ${dangling.map(([name]) => name).join(', ')} what the stack does not have`
    }),
  },
  {
    id: 'function-log',
    check: each(type, ({ properties: { LoggingConfig } }, view) =>
      view.find(at(LoggingConfig, 'LogGroup'), 'AWS::Logs::LogGroup')
        ? undefined
        : 'writes to no log group of the stack: its lines would be kept for ever, and the alarms see none',
    ),
  },
]
