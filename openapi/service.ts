import * as z from 'zod/mini'
import { health, keySet } from './answers.ts'
import type { Operation } from './operation.ts'

const deep = z.optional(
  z
    .string()
    .check(
      z.meta({ description: '`1` also checks the database. The result is cached for 5 seconds.', examples: ['1'] }),
    ),
)

/** Operations without an access token. */
export const service = [
  {
    id: 'keys',
    method: 'get',
    path: '/.well-known/jwks.json',
    tag: 'Service',
    summary: 'Get the keys of the step-up tokens',
    description: 'Returns the public keys that verify step-up tokens (RFC 7517).',
    access: 'anyone',
    answer: { kind: 'json', description: 'A JWK Set.', schema: keySet, cacheControl: 'public, max-age=300' },
    problems: [],
  },
  {
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Check the health of the service',
    description: 'Succeeds when the service is configured; with `deep=1`, only when its database answers too.',
    access: 'anyone',
    query: z.object({ deep }),
    answer: { kind: 'json', description: 'The service is healthy.', schema: health, cacheControl: 'no-store' },
    problems: ['unavailable'],
  },
  {
    id: 'document',
    method: 'get',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'Get this document',
    description: 'Returns the contract as OpenAPI 3.1.',
    access: 'anyone',
    answer: { kind: 'document', description: 'An OpenAPI document.' },
    problems: [],
  },
  {
    id: 'reference',
    method: 'get',
    path: '/docs',
    tag: 'Service',
    summary: 'Read the reference',
    description: 'Returns the contract as an HTML page.',
    access: 'anyone',
    answer: { kind: 'page', description: 'An HTML page.' },
    problems: [],
  },
  {
    id: 'problem',
    method: 'get',
    path: '/problems/{name}',
    tag: 'Service',
    summary: 'Read about a problem',
    description:
      'Explains a problem and what a client should do about it. The `type` of a problem is the URL of this page.',
    access: 'anyone',
    answer: { kind: 'page', description: 'An HTML page.' },
    problems: ['not-found'],
  },
] as const satisfies readonly Operation[]
