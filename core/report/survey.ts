/**
 * What answers to surveys say, and how sure that is. Both come with an interval that holds the true value in 95
 * of 100 such samples; of fewer than ten answers none is given, because it would promise more than is known.
 */

/** Answers by score. */
type Scores = Readonly<Record<string, number>>

export interface Estimate {
  answers: number
  value: number
  /** Absent: too few answers. */
  interval?: { from: number; to: number }
}

/** Fewer answers than this have no interval. */
export const fewAnswers = 10

/** The 97.5 % point of the normal distribution. */
const z95 = 1.959964

const clipped = (value: number, { from, to }: { from: number; to: number }) =>
  Math.min(to, Math.max(from, value))

function countOf(scores: Scores, holds: (score: number) => boolean): number {
  return Object.entries(scores).reduce((sum, [score, count]) => sum + (holds(Number(score)) ? count : 0), 0)
}

/**
 * The Net Promoter Score, −100 to 100: the share of promoters (9, 10) less that of detractors (0 to 6), in
 * percent (Reichheld 2003). The interval is that of a difference of two shares of one sample, with variance
 * `(p + d − (p − d)²) / n`, after adding ¾ promoter, ¾ detractor and 1½ passives, which keeps it honest for
 * small samples: adjusted Wald, B. Rocks, "Interval Estimation for the Net Promoter Score", The American
 * Statistician 70 (2016), arXiv:1601.07235. Undefined without answers.
 * @example nps({ '10': 3, '5': 1 })?.value // 50
 */
export function nps(scores: Scores): Estimate | undefined {
  const answers = countOf(scores, () => true)
  if (answers === 0) return undefined
  const promoters = countOf(scores, (score) => score >= 9)
  const detractors = countOf(scores, (score) => score <= 6)
  const value = (100 * (promoters - detractors)) / answers
  if (answers < fewAnswers) return { answers, value }
  const n = answers + 3
  const [p, d] = [(promoters + 0.75) / n, (detractors + 0.75) / n]
  const half = z95 * Math.sqrt((p + d - (p - d) ** 2) / n)
  const bounds = { from: -100, to: 100 }
  const interval = { from: clipped(100 * (p - d - half), bounds), to: clipped(100 * (p - d + half), bounds) }
  return { answers, value, interval }
}

/**
 * The Customer Effort Score, 1 (hard) to 5 (easy): the mean answer (Dixon, Freeman, Toman 2010), with the
 * interval of a mean, `± 1.96 s / √n`. Undefined without answers.
 * @example ces({ '5': 1, '4': 1 })?.value // 4.5
 */
export function ces(scores: Scores): Estimate | undefined {
  const answers = countOf(scores, () => true)
  if (answers === 0) return undefined
  const entries = Object.entries(scores).map(([score, count]) => [Number(score), count] as const)
  const value = entries.reduce((sum, [score, count]) => sum + score * count, 0) / answers
  if (answers < fewAnswers) return { answers, value }
  const squares = entries.reduce((sum, [score, count]) => sum + count * (score - value) ** 2, 0)
  const half = z95 * Math.sqrt(squares / (answers - 1) / answers)
  const bounds = { from: 1, to: 5 }
  return {
    answers,
    value,
    interval: { from: clipped(value - half, bounds), to: clipped(value + half, bounds) },
  }
}
