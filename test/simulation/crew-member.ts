/** One of the processes of `crew.ts`: lives the world of each seed it is told, and answers with what came of it. */
import { live } from './live.ts'

process.on('message', async (seed: number) => process.send?.(await live(seed)))
