import * as z from 'zod/mini'
import { EVENT_TYPES } from '../src/core/events.ts'

/*
 * What the operations answer, for the document and its reader. The Worker carries none of it: that an answer is what
 * stands here is shown by the tests, which hold every answer that they see against the document.
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

const success = described(z.boolean(), 'Always true: a failure is a problem.', true)
const message = (...examples: readonly string[]) => described(z.string(), 'What happened, for a person.', ...examples)
const moment = (description: string) => described(z.iso.datetime(), `${description} (RFC 3339, UTC).`, MOMENT_EXAMPLE)
const count = (description: string, example: number) =>
  described(z.int().check(z.minimum(0), z.maximum(1_000_000)), description, example)
const id = (description: string) => described(z.string(), description, ID_EXAMPLE)

const backupCode = z
  .string()
  .check(z.regex(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/), example(BACKUP_CODE_EXAMPLES[0]))
const backupCodes = (description: string) => described(z.array(backupCode), description, BACKUP_CODE_EXAMPLES)

/** An authenticator of the caller's. */
export const authenticator = z.object({
  id: id('Names the authenticator in the operations on it.'),
  name: described(z.string(), 'What its owner calls it.', 'Authenticator'),
  created_at: moment('When it was set up'),
  last_used_at: z.nullable(moment('When a code of it was last accepted')),
})

const statusMembers = {
  enabled: described(z.boolean(), 'Whether MFA is on. For a person to see: it decides nothing on a server.', true),
  enabled_at: z.nullable(moment('Since when MFA is on')),
  pending: described(
    z.nullable(z.object({ expires_at: moment('When the pending secret expires') })),
    'The secret that waits for its first code, if there is one.',
    null,
  ),
  authenticators: described(z.array(authenticator), 'The active authenticators, five at most.'),
  backup_codes: described(
    z.object({ total: count('Backup codes of the present set.', 10), remaining: count('Those not used yet.', 9) }),
    'How many backup codes there are; none is ever shown again.',
  ),
}

/** What there is of the caller's second factor. */
export const status = z.object(statusMembers)

/** What an administrator sees of a user: the status, and the throttle. */
export const administratorStatus = z.object({
  ...statusMembers,
  throttle: z.object({
    state: described(
      z.enum(['open', 'waiting', 'blocked']),
      'Whether TOTP codes are looked at now: yes, after a wait, or not before a backup code or an administrator helped.',
      'open',
    ),
    failures: count('Wrong TOTP codes in a row.', 0),
    retry_at: z.nullable(moment('Until when the wait lasts')).check(example(null)),
    unlocked_at: z.nullable(moment('When an administrator last cleared the throttle')).check(example(null)),
  }),
})

/** A pending secret. */
export const pendingEnrollment = z.object({
  success,
  message: message('Scan the QR code, then verify a code'),
  secret: described(
    z.string().check(z.regex(/^[A-Z2-7]{32}$/)),
    'The secret for whoever types it: 160 bits in base32 without padding (RFC 4648 §6).',
    SECRET_EXAMPLE,
  ),
  otpauth_uri: described(
    z.string().check(z.startsWith('otpauth://totp/')),
    'The key URI, which a phone can open in its authenticator app.',
    `otpauth://totp/Edge%20MFA:alice%40example.com?secret=${SECRET_EXAMPLE}&issuer=Edge%20MFA&algorithm=SHA1&digits=6&period=30`,
  ),
  qr_code: described(
    z.string().check(z.startsWith('data:image/svg+xml;base64,')),
    'The key URI as a QR code: the data URI of an SVG, black on white, with its quiet zone. Use it as the src of an img.',
    'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
  ),
  expires_at: moment('When the secret is dropped unless a code was verified'),
})

/** Part A of the contract, to the letter. */
export const verification = z.object({
  success,
  message: message('MFA enabled', 'Authenticator added'),
  backup_codes: backupCodes(
    'Ten one-time backup codes when this turned MFA on, to be shown once; none for a further authenticator.',
  ),
})

/** A step-up token. */
export const stepUp = z.object({
  success,
  message: message('Second factor verified'),
  token: described(
    z.string(),
    'The step-up token, a JWT that other services verify with the keys of /.well-known/jwks.json. This service never accepts it.',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6Im1mYS1zdGVwdXArand0In0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl',
  ),
  token_type: z.literal('Bearer'),
  expires_in: count('Seconds for which the token is good.', 300),
  acr: described(z.string(), 'The authentication context that the token vouches for.', 'urn:edge-mfa:acr:mfa'),
  amr: described(z.array(z.string()), 'Methods (RFC 8176); after a backup code `mfa` alone.', ['otp', 'mfa']),
  backup_codes_remaining: count('Backup codes not used yet.', 10),
  failed_attempts: count('Wrong TOTP codes since the last successful challenge.', 0),
})

/** A new set of backup codes. */
export const newBackupCodes = z.object({
  success,
  message: message('Backup codes regenerated'),
  backup_codes: backupCodes('Ten new backup codes, to be shown once. The old set is void.'),
})

/** The answer of what has nothing more to tell. */
export const done = z.object({
  success,
  message: message('MFA disabled', 'Authenticator removed', 'MFA reset', 'TOTP unlocked'),
})

const event = z.object({
  id: id('The same wherever this event shows up, webhooks included.'),
  type: described(z.enum(EVENT_TYPES), 'What happened.', 'mfa.enabled'),
  at: moment('When it happened'),
  authenticator_id: z.nullable(id('The authenticator that it concerns.')),
  country: described(z.nullable(z.string()), 'Where the request came from (ISO 3166-1 alpha-2), where known.', 'DE'),
  by: z.optional(described(z.literal('administrator'), 'Present where an administrator did it.')),
  failed_attempts: z.optional(count('Of `challenge.passed`: the wrong TOTP codes before it.', 0)),
})

/** A page of events. */
export const eventPage = z.object({
  events: described(z.array(event), 'Newest first.'),
  next_cursor: described(z.nullable(z.string()), 'The `cursor` of the next page; null on the last one.', null),
})

/** A JWK Set of public keys. */
export const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: described(
        z.string(),
        'A coordinate of the point, in base64url.',
        'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      ),
      y: described(z.string(), 'The other coordinate.', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
      kid: described(
        z.string(),
        'The thumbprint of the key (RFC 7638); a token names it in its header.',
        'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
      ),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
    }),
  ),
})

/** The service answers. */
export const health = z.object({ status: z.literal('ok') })

function described<Schema extends z.ZodMiniType>(schema: Schema, description: string, ...examples: unknown[]): Schema {
  return schema.check(z.meta({ description, ...(examples.length > 0 && { examples }) }))
}

function example(...examples: unknown[]) {
  return z.meta({ examples })
}
