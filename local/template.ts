/**
 * Reads a synthesized CloudFormation template and the folders of its code assets. Only the parts a runtime needs
 * are typed; properties stay unknown until `stack.ts` resolves them. Read next: `resolve.ts`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Resource = {
  Type: string
  Properties?: Record<string, unknown>
  Condition?: string
  Metadata?: Record<string, unknown>
}

export type Template = {
  Resources: Record<string, Resource>
  Outputs?: Record<string, { Value: unknown; Description?: string; Export?: { Name: unknown } }>
  Parameters?: Record<string, { Default?: unknown }>
  Mappings?: Record<string, Record<string, Record<string, unknown>>>
  Conditions?: Record<string, unknown>
}

/** Asset hash (the S3 key without `.zip`) → folder with the code. */
export type Assets = Record<string, string>

/**
 * Reads `<folder>/<stack>.template.json` and `<stack>.assets.json` as the CDK writes them.
 * Throws with file and cure when they are missing or no JSON.
 */
export function readAssembly(folder: string, stackName: string): { template: Template; assets: Assets } {
  const template = readJson(join(folder, `${stackName}.template.json`)) as Template
  const manifest = readJson(join(folder, `${stackName}.assets.json`)) as {
    files?: Record<string, { source?: { path?: string; packaging?: string } }>
  }
  const assets: Assets = {}
  for (const [hash, file] of Object.entries(manifest.files ?? {})) {
    if (file.source?.packaging === 'zip' && file.source.path) assets[hash] = join(folder, file.source.path)
  }
  return { template, assets }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The synthesized stack cannot be read: ${file} (${reason}). Run \`npm run synth\`.`, {
      cause,
    })
  }
}
