import type * as z from 'zod/mini'
import type { ProblemCode } from '../src/core/problems.ts'

/** An operation as the document describes it; what follows from the rest is added by the document. */
export type Operation = {
  readonly id: string
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** The whole path, with `{name}` for what varies. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly description: string
  /** Whose access token it needs; the scopes of an administrator's. */
  readonly access: 'anyone' | 'user' | readonly ['mfa:admin'] | readonly ['mfa:read', 'mfa:admin']
  readonly query?: z.ZodMiniType
  readonly body?: {
    readonly schema: z.ZodMiniType
    /** Whether an empty body is refused as one of the wrong shape. */
    readonly required: boolean
    readonly example: object
  }
  readonly answer: Answer
  /** Problems of its own, beside those that its access and its body bring with them. */
  readonly problems: readonly ProblemCode[]
}

/** What an operation answers when it did what it is for. */
export type Answer = {
  readonly description: string
  /** Members of the example that its schema does not give. */
  readonly example?: object
} & (
  | { readonly kind: 'json'; readonly schema: z.ZodMiniType; readonly cacheControl: string }
  | { readonly kind: 'page' | 'document' | 'nothing' }
)

/** The groups of operations, in the order of the document. */
export const TAGS = {
  Enrollment: 'Turning MFA on: a secret is set up, and verified with the first code.',
  Challenge: 'Proving the second factor, at a login or before something that matters.',
  Management: 'What a user does with their own second factor. While MFA is on, changes need a proof in the body.',
  Administration: 'What help desks do, with a scope in their access token.',
  Service: 'What needs no access token: keys, health, and this documentation.',
} as const

/** One of {@link TAGS}. */
export type Tag = keyof typeof TAGS
