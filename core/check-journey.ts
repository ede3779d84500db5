/**
 * What is wrong with one journey that its schema cannot see: a mail without a file, two steps of one name, a
 * topic that settings do not know, a field no condition can read, a wait after which nothing comes, and the
 * parts of the grammar that are not available yet.
 */
import type { Condition } from './condition.ts'
import type { Path, YamlFile } from './document.ts'
import { eventNames } from './event-names.ts'
import { conditionFields, isConditionField } from './field-list.ts'
import { error, type Finding, warning } from './finding.ts'
import { entryByEvent, type Journey, mailsOf, notYet } from './journey.ts'
import type { Settings } from './settings.ts'
import { type PlacedStep, placedSteps } from './step-walk.ts'
import { cureFor, nearest } from './suggest.ts'
import type { SourceFile } from './template/problem.ts'

export interface JourneyToCheck {
  folder: string
  journey: Journey
  yaml: YamlFile
  /** The files of its folder. */
  files: readonly SourceFile[]
  settings: Settings | undefined
}

/** All findings about one journey. */
export function checkJourney(it: JourneyToCheck): Finding[] {
  const steps = placedSteps(it.journey.steps)
  return [
    ...notAvailable(it),
    ...mails(it, steps),
    ...names(it, steps),
    ...endings(it, steps),
    ...deadArms(it, steps),
    ...topics(it, steps),
    ...toShop(it, steps),
    ...fields(it, steps),
    ...events(it, steps),
  ]
}

function notAvailable({ journey, yaml }: JourneyToCheck): Finding[] {
  return notYet(journey).map(({ path, what }) =>
    error({ ...yaml.atKey(path), message: `${what} is not available yet`, cure: 'take it out for now' }),
  )
}

function mails({ folder, journey, yaml, files }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  const there = files.flatMap(({ file }) => {
    const name = /^[^/]+\/([^/]+)\.mjml$/.exec(file)?.[1]
    return name === undefined ? [] : [name]
  })
  const absent = steps.flatMap(({ step, path }) => {
    if (!('send' in step) || there.includes(step.send)) return []
    const file = `${folder}/${step.send}.mjml`
    const near = nearest(step.send, there)
    const cure =
      near === undefined ? `write the mail ${file}, or take the step out` : `did you mean "${near}"?`
    return [error({ ...yaml.at([...path, 'send']), message: `there is no mail ${file}`, cure })]
  })
  const sent = mailsOf(journey.steps)
  const unused = there
    .filter((name) => !sent.includes(name))
    .map((name) =>
      warning({
        file: `${folder}/${name}.mjml`,
        line: 1,
        column: 1,
        message: 'no step sends this mail',
        cure: `add "- send: ${name}" to ${folder}/journey.yaml, or delete the file`,
      }),
    )
  return [...absent, ...unused]
}

function names({ yaml }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  const first = new Map<string, PlacedStep>()
  return steps.flatMap((placed) => {
    const before = first.get(placed.name)
    if (before === undefined) {
      first.set(placed.name, placed)
      return []
    }
    const { line } = yaml.at(before.path)
    const key = placed.step.id === undefined ? ('send' in placed.step ? 'send' : 'test') : 'id'
    const message =
      key === 'send'
        ? `the mail "${placed.name}" is sent already on line ${line}; a step goes by its mail's name`
        : `the step on line ${line} is called "${placed.name}" too`
    const cure =
      key === 'send' ? `give this one a name of its own: "id: ${placed.name}-2"` : 'give it another name'
    return [error({ ...yaml.at([...placed.path, key]), message, cure })]
  })
}

function endings({ yaml }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  return steps
    .filter(({ step, last }) => last && 'wait' in step)
    .map(({ path }) =>
      error({
        ...yaml.at(path),
        message: 'nothing comes after this wait',
        cure: 'add a step after it, such as "- send: …", or take it out',
      }),
    )
}

/** An arm without a condition is always taken: what stands after it never is. */
function deadArms({ yaml }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  return steps.flatMap(({ step, path }) => {
    if (!('branch' in step)) return []
    const open = step.branch.findIndex((arm) => arm.if === undefined)
    if (open < 0 || open === step.branch.length - 1) return []
    const message = 'this arm is never reached: the one before it has no "if" and is always taken'
    const cure = 'put the arm without "if" last, or give it one'
    return [error({ ...yaml.at([...path, 'branch', open + 1]), message, cure })]
  })
}

function topics({ journey, yaml, settings }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  if (settings === undefined) return []
  const named: { topic: string; path: Path }[] = [
    { topic: journey.topic, path: ['topic'] },
    ...steps.flatMap(({ step, path }) =>
      'send' in step && step.topic !== undefined ? [{ topic: step.topic, path: [...path, 'topic'] }] : [],
    ),
  ]
  return named
    .filter(({ topic }) => !Object.hasOwn(settings.topics, topic))
    .map(({ topic, path }) => {
      const message = `settings.yaml has no topic "${topic}"`
      return error({ ...yaml.at(path), message, cure: cureFor(topic, Object.keys(settings.topics)) })
    })
}

/** Mails to the shop need its mailbox; who reads them has no topic to unsubscribe from. */
function toShop({ yaml, settings }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  return steps.flatMap(({ step, path }) => {
    if (!('send' in step) || step.to !== 'shop') return []
    const place = yaml.at([...path, 'to'])
    const homeless = error({
      ...place,
      message: 'settings.yaml does not say where the shop reads mail',
      cure: 'add there, under shop: "mailbox: hello@your-shop.example"',
    })
    const message = 'a mail to the shop belongs to no topic'
    const pointless = error({ ...yaml.at([...path, 'topic']), message, cure: 'take "topic" out' })
    return [
      ...(settings !== undefined && settings.shop.mailbox === undefined ? [homeless] : []),
      ...(step.topic === undefined ? [] : [pointless]),
    ]
  })
}

/** The conditions of a journey with their paths. */
function conditions(journey: Journey, steps: readonly PlacedStep[]): { condition: Condition; path: Path }[] {
  const found: { condition: Condition | undefined; path: Path }[] = [
    { condition: journey.enter.if, path: ['enter', 'if'] },
    ...journey.exit.map((exit, index) => ({ condition: exit.if, path: ['exit', index, 'if'] })),
    ...steps.flatMap(({ step, path }): { condition: Condition | undefined; path: Path }[] => {
      if ('branch' in step)
        return step.branch.map((arm, n) => ({ condition: arm.if, path: [...path, 'branch', n, 'if'] }))
      if ('wait' in step && 'for' in step.wait)
        return [{ condition: step.wait.for.if, path: [...path, 'wait', 'for', 'if'] }]
      return []
    }),
  ]
  return found.flatMap(({ condition, path }) => (condition === undefined ? [] : [{ condition, path }]))
}

/** The fields a condition reads, each with its path. */
function placedFields(condition: Condition, path: Path): { field: string; path: Path }[] {
  return Object.entries(condition).flatMap(([key, inner]) => {
    const at = [...path, key]
    if ((key === 'all' || key === 'any') && Array.isArray(inner))
      return inner.flatMap((one: Condition, index) => placedFields(one, [...at, index]))
    if (key === 'not') return placedFields(inner as Condition, at)
    return [{ field: key, path: at }]
  })
}

function fields({ journey, yaml }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  const inConditions = conditions(journey, steps)
    .flatMap(({ condition, path }) => placedFields(condition, path))
    .filter(({ field }) => !isConditionField(field))
    .map(({ field, path }) =>
      error({ ...yaml.atKey(path), message: `no condition can read "${field}"`, cure: cureForField(field) }),
    )
  const key = entryByEvent(journey.enter)?.key
  if (key === undefined || isConditionField(key)) return inConditions
  const message = `there is no field "${key}" to key the journey by`
  return [...inConditions, error({ ...yaml.at(['enter', 'key']), message, cure: cureForField(key) })]
}

function cureForField(field: string): string {
  const root = `${field.split('.')[0]}.`
  const leaves = conditionFields().flatMap((one) => (one.startsWith(root) ? [one.slice(root.length)] : []))
  const near = nearest(field.slice(root.length), leaves)
  return near ? `did you mean "${root}${near}"?` : `there is: ${root}${leaves.join(`, ${root}`)}`
}

/** An event whose name is almost one of the specification: shops may have their own, so it is only a warning. */
function events({ journey, yaml }: JourneyToCheck, steps: readonly PlacedStep[]): Finding[] {
  const named: { on: readonly string[]; path: Path }[] = [
    ...('on' in journey.enter && Array.isArray(journey.enter.on)
      ? [{ on: journey.enter.on, path: ['enter', 'on'] }]
      : []),
    ...journey.exit.map((exit, index) => ({ on: exit.on ?? [], path: ['exit', index, 'on'] })),
    ...steps.flatMap(({ step, path }) =>
      'wait' in step && 'for' in step.wait
        ? [{ on: step.wait.for.on, path: [...path, 'wait', 'for', 'on'] }]
        : [],
    ),
  ]
  return named.flatMap(({ on, path }) =>
    on.flatMap((name, index) => {
      const near = eventNames.includes(name) ? undefined : nearest(name, eventNames)
      if (near === undefined) return []
      const message = `"${name}" is none of the known events`
      return [warning({ ...yaml.at([...path, index]), message, cure: `did you mean "${near}"?` })]
    }),
  )
}
