/**
 * Whether the translations of a journey say the same things: a text that one `strings.<locale>.yaml` has and
 * another lacks would be shown in the wrong language.
 */
import { type Path, readYaml, type YamlFile } from './document.ts'
import { error, type Finding } from './finding.ts'
import type { SourceFile } from './template/problem.ts'

/** Findings about the strings files among `files`, which are those of one folder. */
export function checkStrings(files: readonly SourceFile[]): Finding[] {
  const all = files.filter(({ file }) => /\/strings\.[^/]+\.yaml$/.test(file)).map(readYaml)
  const read = all.filter((yaml) => yaml.problems.length === 0)
  const texts = read.map((yaml) => ({
    yaml,
    keys: new Map(leaves(yaml.value, []).map((p) => [p.join('.'), p])),
  }))
  return texts.flatMap(({ yaml, keys }) => {
    const lacking = new Map<string, { path: Path; from: YamlFile }>()
    for (const other of texts)
      for (const [key, path] of other.keys)
        if (!keys.has(key) && !lacking.has(key)) lacking.set(key, { path, from: other.yaml })
    return [...lacking].map(([key, { path, from }]) => {
      const there = from.at(path)
      return error({
        ...yaml.atKey(deepest(yaml.value, path)),
        message: `the text "${key}" is missing`,
        cure: `translate it from ${there.file}:${there.line}`,
      })
    })
  })
}

function leaves(value: unknown, path: Path): Path[] {
  if (value === null || typeof value !== 'object') return value === undefined || value === null ? [] : [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

/** The part of `path` that is there. */
function deepest(value: unknown, path: Path): Path {
  let inner = value
  for (const [index, part] of path.entries()) {
    if (inner === null || typeof inner !== 'object' || !Object.hasOwn(inner, part))
      return path.slice(0, index)
    inner = (inner as Record<string | number, unknown>)[part]
  }
  return path
}
