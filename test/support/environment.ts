import { exportJWK, generateKeyPair } from 'jose'
import { SECRETS } from './secrets.ts'

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const PRIVATE_JWK = await exportJWK(privateKey)

/** The public half of the signing key in {@link environment}. */
export const PUBLIC_JWK = await exportJWK(publicKey)

/** A private signing key as the setting has it. */
export const SIGNING_KEY = JSON.stringify(PRIVATE_JWK)

/** A set of one public key as the setting has it. */
export const KEY_SET = JSON.stringify({ keys: [PUBLIC_JWK] })

/** The least environment that is a configuration; `undefined` takes a setting out. */
export function environment(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    PUBLIC_URL: 'https://mfa.example',
    TURSO_DATABASE_URL: 'libsql://mfa.turso.io',
    TURSO_AUTH_TOKEN: 'planted-database-token',
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'edge-mfa',
    AUTH_HS256_SECRET: SECRETS.hs256,
    MFA_KEYS: `k1:${SECRETS.master}`,
    MFA_ISSUER: 'Example',
    STEP_UP_PRIVATE_JWK: SIGNING_KEY,
    STEP_UP_AUDIENCE: 'https://api.example',
    ...overrides,
  }
}
