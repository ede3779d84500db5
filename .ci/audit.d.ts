export function judged(report: unknown): { lines: string[]; code: number }
