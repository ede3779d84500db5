/** `npm run resume [-- journey]`: ends a pause. A stage that was just deployed is paused until then. */
import { runSwitch } from '#cli/stage/switch'

const about = 'Lets the mail of a journey, or all mail, go out again.'

export const run = (argv: readonly string[]): Promise<number> =>
  runSwitch({ name: 'resume', about, paused: false }, argv)
