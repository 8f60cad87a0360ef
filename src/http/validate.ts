import { zValidator } from '@hono/zod-validator'
import type * as z from 'zod/mini'
import { Problem } from '../core/problems.ts'
import { type BodyLimits, body } from './middleware/body.ts'

/** Validates a JSON body, of which only the members that the schema knows remain. */
export function jsonBody<Schema extends z.ZodMiniType<object>>(schema: Schema, limits: BodyLimits = {}) {
  return [body(limits), zValidator('json', schema, assertValid)] as const
}

/** Validates the query. A repeated parameter is rejected. */
export function query<Schema extends z.ZodMiniType<object>>(schema: Schema) {
  return zValidator('query', schema, assertValid)
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string }

/** Throws `invalid-request` with a message for each invalid member. */
function assertValid(result: {
  readonly success: boolean
  readonly error?: { readonly issues: readonly Issue[] }
}): void {
  const { issues } = result.error ?? { issues: [] }
  if (result.success) return
  if (issues.some(({ path }) => path.length === 0)) {
    throw new Problem('invalid-request', { detail: 'The body must be a JSON object.' })
  }
  const fields = issues.map(({ path, message }): [string, string] => [path.join('/'), message])
  const detail = fields.map(([name, message]) => `${name}: ${message}`).join('; ')
  throw new Problem('invalid-request', { detail, fields: Object.fromEntries(fields) })
}
