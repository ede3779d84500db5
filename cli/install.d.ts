/** Types of `install.js`, which is plain JavaScript because it runs before anything is installed. */
export function nodeProblem(version: string, wanted: string): string | undefined
export function difference(root: string): string | undefined
export function takeLock(
  file: string,
  options?: { waitMs?: number; sleep?: (ms: number) => Promise<void>; onWait?: () => void },
): Promise<() => void>
