import * as z from 'zod/mini'
import { EVENT_TYPES } from '../src/core/events.ts'

/*
 * The schemas of the responses. The Worker does not validate its own responses; the tests validate every response that
 * they receive against the document.
 */

const SECRET_EXAMPLE = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const MOMENT_EXAMPLE = '2026-11-24T09:30:00.000Z'
const ID_EXAMPLE = '4f0c7e0a-6d1c-4b52-9a55-1f1f0a2f9f10'
const BACKUP_CODE_EXAMPLES = [
  '7ZQ4-H2MX-9K3D-VB8T-6RWE-1JNC',
  'C0VN-4T7A-XE2P-83GK-RJ9M-5WQD',
  'M6KD-QW1F-0R8Y-2ZHC-T4NX-9GVB',
  '2XJE-B9RS-7MVA-K05W-DC3Q-HT8P',
  'T3WP-0GZC-5NKX-QY6R-8BAM-V2ED',
  '9HBR-M4QE-1T0J-XD7V-NW2S-6KCF',
  'E8YV-3C6N-ZPTG-4MWK-A1XR-Q7H0',
  'Q1FA-R7XK-8DJM-W9CT-0ZVE-3BNY',
  'W5NG-2KVH-CB4Q-1FRX-Y7TD-M0ZA',
  '0DTM-8ZEY-6WGN-RA3J-5KPB-X4CQ',
]

const success = described(z.boolean(), 'Always true. Failures are problems.', true)
const message = (...examples: readonly string[]) =>
  described(z.string(), 'The result, as text for people.', ...examples)
const moment = (description: string) => described(z.iso.datetime(), `${description} (RFC 3339, UTC).`, MOMENT_EXAMPLE)
const count = (description: string, example: number) =>
  described(z.int().check(z.minimum(0), z.maximum(1_000_000)), description, example)
const id = (description: string) => described(z.string(), description, ID_EXAMPLE)

const backupCode = z
  .string()
  .check(z.regex(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/), example(BACKUP_CODE_EXAMPLES[0]))
const backupCodes = (description: string) => described(z.array(backupCode), description, BACKUP_CODE_EXAMPLES)

/** An active authenticator. */
export const authenticator = z.object({
  id: id('The ID of the authenticator in the path of its operations.'),
  name: described(z.string(), 'The name of the authenticator.', 'Authenticator'),
  created_at: moment('Set up at'),
  last_used_at: z.nullable(moment('The last time that one of its codes was accepted')),
})

const statusMembers = {
  enabled: described(z.boolean(), 'Whether MFA is on. Display it only; do not base access decisions on it.', true),
  enabled_at: z.nullable(moment('MFA was turned on at')),
  pending: described(
    z.nullable(z.object({ expires_at: moment('The pending secret expires at') })),
    'The secret that waits for its first code, or null.',
    null,
  ),
  authenticators: described(z.array(authenticator), 'The active authenticators, at most five.'),
  backup_codes: described(
    z.object({
      total: count('The number of backup codes in the current set.', 10),
      remaining: count('The number of unused ones.', 9),
    }),
    'The number of backup codes. The codes themselves are shown only once.',
  ),
}

/** The MFA status of the caller. */
export const status = z.object(statusMembers)

/** The MFA status of a user, with the state of the throttle. */
export const administratorStatus = z.object({
  ...statusMembers,
  throttle: z.object({
    state: described(
      z.enum(['open', 'waiting', 'blocked']),
      'Whether TOTP codes are evaluated: now (`open`), after a wait (`waiting`), or only after a backup code was used or an administrator unlocked the user (`blocked`).',
      'open',
    ),
    failures: count('The number of wrong TOTP codes in a row.', 0),
    retry_at: z.nullable(moment('The wait ends at')).check(example(null)),
    unlocked_at: z.nullable(moment('The last time that an administrator unlocked the user')).check(example(null)),
  }),
})

/** A pending secret. */
export const pendingEnrollment = z.object({
  success,
  message: message('Scan the QR code, then verify a code'),
  secret: described(
    z.string().check(z.regex(/^[A-Z2-7]{32}$/)),
    'The secret for manual entry: 160 bits in base32 without padding (RFC 4648 §6).',
    SECRET_EXAMPLE,
  ),
  otpauth_uri: described(
    z.string().check(z.startsWith('otpauth://totp/')),
    'The key URI. A phone opens it in an authenticator app.',
    `otpauth://totp/Edge%20MFA:alice%40example.com?secret=${SECRET_EXAMPLE}&issuer=Edge%20MFA&algorithm=SHA1&digits=6&period=30`,
  ),
  qr_code: described(
    z.string().check(z.startsWith('data:image/svg+xml;base64,')),
    'The key URI as a QR code: the data URI of an SVG, black on white, with its quiet zone. Use it as the `src` of an `img`.',
    'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
  ),
  expires_at: moment('The secret expires at'),
})

const stepUpMembers = {
  token: described(
    z.string(),
    'The step-up token: a JWT that other services verify with the keys of `/.well-known/jwks.json`. This service never accepts it.',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6Im1mYS1zdGVwdXArand0In0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl',
  ),
  token_type: z.literal('Bearer'),
  expires_in: count('The lifetime of the token in seconds.', 300),
  acr: described(z.string(), 'The authentication context class of the token.', 'urn:edge-mfa:acr:mfa'),
  amr: described(
    z.array(z.string()),
    'The authentication methods (RFC 8176). After a backup code, `mfa` only, or none for a service.',
    ['otp', 'mfa'],
  ),
}

/** The response of `verify` (contract, part A). */
export const verification = z.object({
  success,
  message: message('MFA enabled', 'Authenticator added'),
  backup_codes: backupCodes(
    'Ten one-time backup codes when this request turned MFA on; show them once. Empty for a further authenticator.',
  ),
  step_up: z.optional(
    z
      .object(stepUpMembers)
      .check(z.describe('With `step_up: true`: a step-up token, as `challenge` returns it. A repeat returns none.')),
  ),
})

/** A step-up token. */
export const stepUp = z.object({
  success,
  message: message('Second factor verified'),
  ...stepUpMembers,
  backup_codes_remaining: count('The number of unused backup codes.', 10),
  failed_attempts: count('The number of wrong TOTP codes since the last successful challenge.', 0),
})

/** A new set of backup codes. */
export const newBackupCodes = z.object({
  success,
  message: message('Backup codes regenerated'),
  backup_codes: backupCodes('Ten new backup codes; show them once. The previous set is void.'),
})

/** The response of operations that return no data. */
export const done = z.object({
  success,
  message: message('MFA disabled', 'Authenticator removed', 'MFA reset', 'TOTP unlocked'),
})

/** Which users have MFA on. */
export const bulkStatus = z.object({
  success,
  message: message('Status read'),
  users: described(
    z.array(
      z.object({
        sub: described(z.string(), 'The `sub` as in the request.', 'alice'),
        enabled: described(z.boolean(), 'Whether MFA is on.', true),
        enabled_at: z.nullable(moment('MFA was turned on at')),
      }),
    ),
    'One entry for each requested `sub`, in the same order.',
  ),
})

const event = z.object({
  id: id('The ID of the event, the same in webhooks.'),
  type: described(z.enum(EVENT_TYPES), 'The type of the event.', 'mfa.enabled'),
  at: moment('Occurred at'),
  authenticator_id: z.nullable(id('The authenticator that the event is about.')),
  country: described(z.nullable(z.string()), 'The country of the request (ISO 3166-1 alpha-2), if known.', 'DE'),
  by: z.optional(
    described(z.enum(['administrator', 'service']), 'Present when an administrator or a service caused the event.'),
  ),
  failed_attempts: z.optional(count('For `challenge.passed`: the number of wrong TOTP codes before it.', 0)),
})

/** A page of events. */
export const eventPage = z.object({
  events: described(z.array(event), 'Newest first.'),
  next_cursor: described(z.nullable(z.string()), 'The `cursor` of the next page, or null on the last page.', null),
})

/** The JWK Set of the step-up tokens. */
export const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: described(z.string(), 'The x coordinate, in base64url.', 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'),
      y: described(z.string(), 'The y coordinate, in base64url.', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
      kid: described(
        z.string(),
        'The thumbprint of the key (RFC 7638). The header of a token names it.',
        'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
      ),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
    }),
  ),
})

/** The response of the health check. */
export const health = z.object({ status: z.literal('ok') })

function described<Schema extends z.ZodMiniType>(schema: Schema, description: string, ...examples: unknown[]): Schema {
  return schema.check(z.meta({ description, ...(examples.length > 0 && { examples }) }))
}

function example(...examples: unknown[]) {
  return z.meta({ examples })
}
