/** `npm run pause [-- journey]`: the kill switch. Nothing is sent until `npm run resume`, and nothing is lost. */
import { runSwitch } from '#cli/stage/switch'

const about = 'Stops the mail of a journey, or all mail. What falls due meanwhile waits for npm run resume.'

export const run = (argv: readonly string[]): Promise<number> =>
  runSwitch({ name: 'pause', about, paused: true }, argv)
