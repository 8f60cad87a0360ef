import type * as z from 'zod/mini'
import type { ProblemCode } from '../src/core/problems.ts'

/** What the document says about an operation. Responses and problems that follow from its access and body are added. */
export type Operation = {
  readonly id: string
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** The whole path, with parameters as `{name}`. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly description: string
  /** Who may call the operation: anyone, every user, or an access token with one of these scopes. */
  readonly access:
    | 'anyone'
    | 'user'
    | readonly ['mfa:admin']
    | readonly ['mfa:read', 'mfa:admin']
    | readonly ['mfa:challenge']
  readonly query?: z.ZodMiniType
  readonly body?: {
    readonly schema: z.ZodMiniType
    /** Whether an empty body fails validation. */
    readonly required: boolean
    readonly example: object
  }
  readonly answer: Answer
  /** The problems besides those that follow from its access and body. */
  readonly problems: readonly ProblemCode[]
}

/** The successful response of an operation. */
export type Answer = {
  readonly description: string
  /** Members of the example that override those made from the schema. */
  readonly example?: object
} & (
  | { readonly kind: 'json'; readonly schema: z.ZodMiniType; readonly cacheControl: string }
  | { readonly kind: 'page' | 'document' | 'nothing' }
)

/** The groups of operations, in the order of the document. */
export const TAGS = {
  Enrollment: 'Turn MFA on: create a secret, then verify its first code.',
  Challenge: 'Verify the second factor at sign-in or before a sensitive operation.',
  Management: 'Read and change the MFA of the signed-in user. While MFA is on, changes need a proof in the body.',
  Administration: 'Help other users. Needs a scope in the access token.',
  Service: 'Keys, health and this documentation, without an access token.',
} as const

/** One of {@link TAGS}. */
export type Tag = keyof typeof TAGS
