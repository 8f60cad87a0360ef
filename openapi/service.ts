import * as z from 'zod/mini'
import { health, keySet } from './answers.ts'
import type { Operation } from './operation.ts'

const deep = z.optional(
  z
    .string()
    .check(z.meta({ description: '`1` asks the database too; its answer is kept for 5 seconds.', examples: ['1'] })),
)

/** What anyone may ask. */
export const service = [
  {
    id: 'keys',
    method: 'get',
    path: '/.well-known/jwks.json',
    tag: 'Service',
    summary: 'Read the keys of the step-up tokens',
    description: 'The public keys with which anyone can verify a step-up token (RFC 7517).',
    access: 'anyone',
    answer: { kind: 'json', description: 'A JWK Set.', schema: keySet, cacheControl: 'public, max-age=300' },
    problems: [],
  },
  {
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Ask whether the service answers',
    description: 'Answers while the service is configured; with `deep=1` only while its database answers as well.',
    access: 'anyone',
    query: z.object({ deep }),
    answer: { kind: 'json', description: 'It does.', schema: health, cacheControl: 'no-store' },
    problems: ['unavailable'],
  },
  {
    id: 'document',
    method: 'get',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'Read this document',
    description: 'The contract as OpenAPI 3.1.',
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
    description: 'The contract as a page.',
    access: 'anyone',
    answer: { kind: 'page', description: 'A page.' },
    problems: [],
  },
  {
    id: 'problem',
    method: 'get',
    path: '/problems/{name}',
    tag: 'Service',
    summary: 'Read about a problem',
    description:
      'What a problem means and what a client does about it. The `type` of a problem is the address of its page.',
    access: 'anyone',
    answer: { kind: 'page', description: 'A page.' },
    problems: ['not-found'],
  },
] as const satisfies readonly Operation[]
