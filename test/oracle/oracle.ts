/**
 * `npm run oracle`: what we make against what the libraries make that we replace, on random cases. Each part
 * compares one thing; a case is its seed, and one that differs is printed as small as it stays wrong.
 */
import { fileURLToPath } from 'node:url'
import { type Findings, type Proof, standing, WrongFlag, wholeNumber } from '#test/proofs/proof'
import { checkLanguage } from './language.ts'
import { checkHardMail, checkMail } from './mail.ts'

interface Part {
  about: string
  /** How many cases are compared when nobody says. */
  cases: number
  /** What is wrong with the case of a seed, or undefined. */
  check(seed: number): string | undefined | Promise<string | undefined>
}

const parts: Readonly<Record<string, Part>> = {
  language: {
    about: 'our template language is Handlebars',
    cases: 10_000,
    check: checkLanguage,
  },
  mail: {
    about: 'a random mail is what Handlebars and then MJML make for five customers',
    cases: 400,
    check: (seed) => checkMail(seed),
  },
  'hard-mail': {
    about: 'a mail written to be hard is what Handlebars and then MJML make for five customers',
    cases: 500,
    check: (seed) => checkHardMail(seed),
  },
}

/** Compares cases one after the other; ends at the first that differs. */
async function compare(
  name: string,
  of: { part: Part; from: number; cases: number; say: (line: string) => void },
): Promise<Findings> {
  const begunMs = performance.now()
  const seconds = () => (performance.now() - begunMs) / 1000
  let toldAt = 0
  for (let done = 0; done < of.cases; done += 1) {
    if (seconds() - toldAt > 1) {
      toldAt = seconds()
      of.say(`${name}: ${done} of ${of.cases} cases, ${Math.round(done / seconds())} a second`)
    }
    const seed = of.from + done
    const wrong = await of.part.check(seed)
    if (wrong === undefined) continue
    const replay = `repeat it: npm run oracle -- --part ${name} --seed ${seed} --cases 1`
    return {
      ok: false,
      figures: { [`oracle.${name}`]: done },
      failures: [`seed ${seed}: ${of.part.about}\n    ${wrong}\n    ${replay}`],
    }
  }
  return { ok: true, figures: { [`oracle.${name}`]: of.cases }, failures: [] }
}

export const oracle: Proof = {
  name: 'oracle',
  about: 'Compares random cases with the libraries we replace, and prints the smallest that differs.',
  flags: {
    cases: ['N', 'how many cases of each part'],
    seed: ['S', 'the first case (1)'],
    part: ['NAME', `only this part: ${Object.keys(parts).join(', ')}`],
  },
  async run(given, say): Promise<Findings> {
    const from = wholeNumber(given.seed, 'seed') ?? 1
    const cases = wholeNumber(given.cases, 'cases')
    const chosen = Object.entries(parts).filter(([name]) => (given.part ?? name) === name)
    if (chosen.length === 0)
      throw new WrongFlag(`--part is "${given.part}"; there is ${Object.keys(parts).join(', ')}`)
    const all: Findings = { ok: true, figures: {}, failures: [] }
    for (const [name, part] of chosen) {
      const found = await compare(name, { part, from, cases: cases ?? part.cases, say })
      all.ok &&= found.ok
      Object.assign(all.figures, found.figures)
      all.failures.push(...found.failures)
    }
    return all
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await standing(oracle)
