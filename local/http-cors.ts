/**
 * CORS as API Gateway does it for an HTTP API: the template's configuration answers preflights and marks answers,
 * whatever the function says.
 */

/** `CorsConfiguration` of an HTTP API. */
export type Cors = {
  AllowOrigins?: string[]
  AllowMethods?: string[]
  AllowHeaders?: string[]
  ExposeHeaders?: string[]
  MaxAge?: number
  AllowCredentials?: boolean
}

function allowedOrigin(cors: Cors, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined
  const allowed = cors.AllowOrigins ?? []
  if (allowed.includes('*')) return '*'
  const matches = (pattern: string) =>
    pattern === origin || (pattern.endsWith('*') && origin.startsWith(pattern.slice(0, -1)))
  return allowed.some(matches) ? origin : undefined
}

/** Headers that every answer to this origin gets. */
export function corsHeaders(cors: Cors, origin: string | undefined): Record<string, string> {
  const allowed = allowedOrigin(cors, origin)
  if (allowed === undefined) return {}
  return {
    'access-control-allow-origin': allowed,
    ...(allowed === '*' ? {} : { vary: 'Origin' }),
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.ExposeHeaders?.length ? { 'access-control-expose-headers': cors.ExposeHeaders.join(',') } : {}),
  }
}

/** Headers of the answer to a preflight. */
export function preflight(cors: Cors, origin: string | undefined): Record<string, string> {
  if (allowedOrigin(cors, origin) === undefined) return {}
  return {
    ...corsHeaders(cors, origin),
    'access-control-allow-methods': (cors.AllowMethods ?? []).join(','),
    'access-control-allow-headers': (cors.AllowHeaders ?? []).join(','),
    'access-control-max-age': String(cors.MaxAge ?? 0),
  }
}
