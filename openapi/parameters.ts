import type * as z from 'zod/mini'
import { queryMembers } from './components.ts'
import type { Operation } from './operation.ts'

/** The path parameters, by name. */
const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: object }>> = {
  id: {
    description: 'The ID of an authenticator of the caller.',
    schema: { type: 'string', examples: ['4f0c7e0a-6d1c-4b52-9a55-1f1f0a2f9f10'] },
  },
  sub: {
    description: 'The `sub` of the user as in their access tokens, percent-encoded.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$', examples: ['alice'] },
  },
  name: {
    description: 'The name of a problem: the last segment of its `type`.',
    schema: { type: 'string', examples: ['invalid-code'] },
  },
}

const REQUEST_ID = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description: 'A UUID for the response and the log. Any other value is replaced by a new UUID.',
  schema: { type: 'string', examples: ['0d4a1f5e-8f6b-4c35-9d5a-6a4f0f3f2b11'] },
}

/** Returns the parameters of an operation: path, query, then the request ID header. */
export function parametersOf({ path, query }: Operation): readonly object[] {
  const names = [...path.matchAll(/\{([a-z]+)\}/g)].flatMap(([, name]) => name ?? [])
  const inPath = names.map((name) => ({ name, in: 'path', required: true, ...PATH_PARAMETERS[name] }))
  return [...inPath, ...(query ? queryParameters(query) : []), REQUEST_ID]
}

function queryParameters(query: z.ZodMiniType): readonly object[] {
  return Object.entries(queryMembers(query)).map(([name, schema]) => {
    const { description, ...rest } = Object(schema)
    return { name, in: 'query', required: false, description, schema: rest }
  })
}
