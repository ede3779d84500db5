/**
 * How tests run: threads that share one module graph, because isolating fifty files costs ten times as much as
 * running them. The stories of `test/acceptance` and `test/browser` boot the whole stack, a file its own, in two
 * processes and after everything else: a booted stack keeps a core busy. Files of one process share its modules
 * and its browser.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** A test file keeps one core busy; the main thread of the runner idles. */
const maxWorkers = Math.max(2, availableParallelism() - 1)
const whole = ['test/acceptance/**/*.test.ts', 'test/browser/**/*.test.ts']

/** Begins with what takes longest, so that no worker is left alone with it at the end. */
class LongestFirst extends BaseSequencer {
  static readonly long = /\/(simulation|browser)\/|\/(erase|import|deploy|deployable|operations)\.test/

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => Number(LongestFirst.long.test(moduleId))
    return (await super.sort(files)).toSorted((one, other) => isLong(other) - isLong(one))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    pool: 'threads',
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: whole,
          pool: 'threads',
          isolate: false,
          maxWorkers,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: whole,
          pool: 'forks',
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
})
