import { calculateJwkThumbprint, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import type { Factor } from '../core/events.ts'
import type { Issuer } from '../core/issuer.ts'

/** Seconds until a step-up token expires. */
const STEP_UP_SECONDS = 300
/** The authentication context: this service verified a second factor for the holder of an access token. */
const MFA_ACR = 'urn:edge-mfa:acr:mfa'
/** The authentication context of a challenge by a service: a factor alone, since no first factor was seen. */
const FACTOR_ACR = 'urn:edge-mfa:acr:factor'
/** Authentication methods by the factor; `mfa` stands for the access token and the factor together (RFC 8176). */
const MFA_AMR = { otp: ['otp', 'mfa'], backup_code: ['mfa'] } as const satisfies Record<Factor, readonly string[]>
const FACTOR_AMR = { otp: ['otp'], backup_code: [] } as const satisfies Record<Factor, readonly string[]>

const ALGORITHM = 'ES256'
const TYPE = 'mfa-stepup+jwt'

/** What step-up tokens are signed with. */
export type StepUpSettings = {
  /** `iss` of the tokens. */
  readonly issuer: string
  readonly privateJwk: {
    readonly kty: string
    readonly crv: string
    readonly x: string
    readonly y: string
    readonly d: string
  }
  /** Public keys that are published beside the signing key: previous ones and the next one. */
  readonly extraKeys: readonly JWK[]
}

/** A factor that a subject has just proved. */
export type ProvenFactor = {
  readonly sub: string
  /** The issuer of the access token in the request: it names the audience, and its `iss` becomes `sub_iss`. */
  readonly issuer: Pick<Issuer, 'iss' | 'stepUpAudience'>
  readonly factor: Factor
  /** The `jti` of the token. */
  readonly tokenId: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What is being approved, as the client names it (RFC 8417 §2.2). */
  readonly txn?: string | undefined
  /** The `sub` of the service that asked for the subject, which saw no first factor. */
  readonly service?: string | undefined
}

/** A step-up token, and the members of the answer that describe it. */
export type StepUpToken = {
  readonly token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly acr: string
  readonly amr: readonly string[]
}

/** Mints step-up tokens and publishes the keys that verify them; may live as long as the isolate. */
export type StepUpIssuer = {
  /** A token which says that the subject has just proved the factor. */
  readonly mint: (proven: ProvenFactor) => Promise<StepUpToken>
  /** Whether the private key can sign and its public part verifies the signature. */
  readonly isUsable: () => Promise<boolean>
  /** The public keys, as a JWK Set (RFC 7517 §5). */
  readonly publicKeys: () => Promise<{ readonly keys: readonly JWK[] }>
}

/** Creates a step-up issuer. It imports the key and computes its thumbprint (RFC 7638) at first use. */
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
    async mint({ sub, issuer, factor, tokenId, now, txn, service }) {
      const { key, kid } = await signingKey()
      const issuedAt = Math.floor(now / 1000)
      const context =
        service === undefined ? { acr: MFA_ACR, amr: MFA_AMR[factor] } : { acr: FACTOR_ACR, amr: FACTOR_AMR[factor] }
      const named = { ...(txn !== undefined && { txn }), ...(service !== undefined && { client_id: service }) }
      const token = await new SignJWT({ sub_iss: issuer.iss, auth_time: issuedAt, ...context, ...named })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(settings.issuer)
        .setSubject(sub)
        .setAudience(issuer.stepUpAudience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + STEP_UP_SECONDS)
        .setJti(tokenId)
        .sign(key)
      return { token, token_type: 'Bearer', expires_in: STEP_UP_SECONDS, ...context }
    },
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
