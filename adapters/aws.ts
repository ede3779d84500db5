/** How a client of the SDK finds AWS: by its environment in a function, told by the CLI and by tests. */
export interface Aws {
  endpoint?: string
  region?: string
  credentials?: { accessKeyId: string; secretAccessKey: string }
}
