import type * as z from 'zod/mini'
import { queryMembers } from './components.ts'
import type { Operation } from './operation.ts'

/** What varies in a path, by name. */
const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: object }>> = {
  id: {
    description: 'The `id` of an authenticator of the caller.',
    schema: { type: 'string', examples: ['4f0c7e0a-6d1c-4b52-9a55-1f1f0a2f9f10'] },
  },
  sub: {
    description: 'The `sub` of the user, as in their access tokens, percent-encoded.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$', examples: ['alice'] },
  },
  name: {
    description: 'The name of a problem: the last part of its `type`.',
    schema: { type: 'string', examples: ['invalid-code'] },
  },
}

const REQUEST_ID = {
  name: 'X-Request-Id',
  in: 'header',
  required: false,
  description: 'A UUID that the answer and the log will carry; anything else is replaced by a fresh one.',
  schema: { type: 'string', examples: ['0d4a1f5e-8f6b-4c35-9d5a-6a4f0f3f2b11'] },
}

/** The parameters of an operation: those of its path, of its query, and the request id. */
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
