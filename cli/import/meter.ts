/** Says how far something long has come, how fast it goes and when it will be done: on stderr, in one line. */
import { count } from '#cli/terminal/style'

const everyMs = { terminal: 200, log: 10_000 } as const

const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`

/** A meter of `total` things, of which `done` were there before it began. */
export function meterOf(of: { total: number; done: number; noun: string; nowMs: () => number }) {
  const { total, done: before, noun, nowMs } = of
  const startMs = nowMs()
  const { isTTY } = process.stderr
  let lastMs = startMs
  const rate = (done: number) => (done - before) / Math.max(0.001, (nowMs() - startMs) / 1000)
  return {
    /** Things a second since it began. */
    rate,
    show: (done: number): void => {
      if (nowMs() - lastMs < everyMs[isTTY ? 'terminal' : 'log'] && done < total) return
      lastMs = nowMs()
      const left = duration((total - done) / Math.max(0.1, rate(done)))
      const percent = Math.floor((100 * done) / Math.max(1, total))
      const line = `${count(done, noun)} of ${total.toLocaleString('en')} (${percent} %), ${Math.round(rate(done)).toLocaleString('en')} a second, ${left} left`
      process.stderr.write(isTTY ? `\r\u001b[2K${line}` : `${line}\n`)
      if (isTTY && done >= total) process.stderr.write('\n')
    },
  }
}
