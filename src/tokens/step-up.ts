import { calculateJwkThumbprint, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import type { Factor } from '../core/events.ts'
import type { Subject } from '../core/subject.ts'

/** Seconds for which a step-up token is good. */
const STEP_UP_SECONDS = 300
/** The authentication context that a step-up token vouches for: this service verified a second factor. */
const STEP_UP_ACR = 'urn:edge-mfa:acr:mfa'
/** Authentication methods by what was presented; `mfa` stands for the access token and the factor together (RFC 8176). */
const AMR = { otp: ['otp', 'mfa'], backup_code: ['mfa'] } as const satisfies Record<Factor, readonly string[]>

const ALGORITHM = 'ES256'
const TYPE = 'mfa-stepup+jwt'

/** Who signs step-up tokens, and for whom. */
export type StepUpSettings = {
  readonly issuer: string
  readonly audience: string
  readonly privateJwk: {
    readonly kty: string
    readonly crv: string
    readonly x: string
    readonly y: string
    readonly d: string
  }
  /** Public keys that are published beside the signing one: retired ones, and the next. */
  readonly extraKeys: readonly JWK[]
}

/** What mints step-up tokens and publishes the keys to check them with; lives as long as the isolate. */
export type StepUpIssuer = {
  /** A token that says: `subject` proved this factor just now. @param now milliseconds since the epoch */
  readonly mint: (proven: { subject: Subject; factor: Factor; tokenId: string; now: number }) => Promise<string>
  /** What a client is told about a token without reading it. */
  readonly describe: (factor: Factor) => { expires_in: number; acr: string; amr: readonly string[] }
  /** Whether the private key is one, and the public part beside it is its own. */
  readonly isUsable: () => Promise<boolean>
  /** The public keys, as a JWK Set (RFC 7517 §5). */
  readonly publicKeys: () => Promise<{ readonly keys: readonly JWK[] }>
}

/** A step-up issuer. The key is imported and named (RFC 7638) when it is first needed. */
export function createStepUpIssuer(settings: StepUpSettings): StepUpIssuer {
  let remembered: { key: CryptoKey; kid: string } | undefined

  async function signingKey(): Promise<{ key: CryptoKey; kid: string }> {
    if (remembered) return remembered
    const key = await importJWK({ ...settings.privateJwk }, ALGORITHM)
    if (!(key instanceof CryptoKey)) throw new Error('the signing key is no asymmetric key')
    remembered = { key, kid: await calculateJwkThumbprint(publicPart(settings.privateJwk)) }
    return remembered
  }

  return {
    async mint({ subject, factor, tokenId, now }) {
      const { key, kid } = await signingKey()
      const issuedAt = Math.floor(now / 1000)
      const claims = { sub_iss: subject.issuer, auth_time: issuedAt, acr: STEP_UP_ACR, amr: AMR[factor] }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(settings.issuer)
        .setSubject(subject.sub)
        .setAudience(settings.audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + STEP_UP_SECONDS)
        .setJti(tokenId)
        .sign(key)
    },
    describe: (factor) => ({ expires_in: STEP_UP_SECONDS, acr: STEP_UP_ACR, amr: AMR[factor] }),
    async isUsable() {
      try {
        const { key } = await signingKey()
        const token = await new SignJWT().setProtectedHeader({ alg: ALGORITHM }).sign(key)
        await jwtVerify(token, await importJWK(publicPart(settings.privateJwk), ALGORITHM))
        return true
      } catch {
        return false
      }
    },
    async publicKeys() {
      const keys = [publicPart(settings.privateJwk), ...settings.extraKeys]
      return { keys: await Promise.all(keys.map(publish)) }
    },
  }
}

function publicPart({ kty, crv, x, y }: StepUpSettings['privateJwk']): JWK {
  return { kty, crv, x, y }
}

async function publish(jwk: JWK): Promise<JWK> {
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: 'sig' }
}
