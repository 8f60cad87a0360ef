import type { JSONWebKeySet } from 'jose'
import type { StepUpClaims } from './claims.ts'
import { StepUpError, type StepUpErrorCode } from './errors.ts'
import { createKeyFinder, type KeySource } from './keys.ts'
import { verifySigned } from './signed.ts'
import { memoryStore, type SingleUseStore, takeOnce } from './single-use.ts'

export type { SingleUseStore, StepUpClaims, StepUpErrorCode }
export { memoryStore, StepUpError }

/** The `acr` of a token whose user also passed a first factor, and of one that a service requested. */
const MFA_ACR = 'urn:edge-mfa:acr:mfa'
const FACTOR_ACR = 'urn:edge-mfa:acr:factor'
/** Seconds by which the clock of Edge MFA may be ahead. */
const LEEWAY_SECONDS = 5

/** Which step-up tokens are accepted. */
export type StepUpVerifierOptions = (
  | {
      /** The setting `PUBLIC_URL` of Edge MFA, such as `https://mfa.example.com`; its key set is fetched and cached. */
      readonly serviceUrl: string | URL
      /** The setting `STEP_UP_ISSUER`. Default: `serviceUrl`. */
      readonly issuer?: string
    }
  | {
      /** The public keys of Edge MFA, in place of fetching them. */
      readonly jwks: JSONWebKeySet
      readonly issuer: string
    }
) & {
  /** The setting `STEP_UP_AUDIENCE`. */
  readonly audience: string
  /** Seconds since the second factor was verified. Tokens live for 300, so more has no effect. */
  readonly maxAge: number
  /** Accepts each token once, remembered in this store. Without it, only tokens with a `txn` are single-use. */
  readonly singleUse?: SingleUseStore
  /** Also accepts tokens that a service requested for the user, which prove no first factor. Default: false. */
  readonly allowService?: boolean
}

/** What a token must match. */
export type Expected = {
  /** `iss` and `sub` of the verified access token that the step-up token accompanies. */
  readonly iss: string
  readonly sub: string
  /** The transaction that the user must have approved. Without it, a token that is bound to a transaction is refused. */
  readonly txn?: string
  /** Seconds, in place of the verifier's. */
  readonly maxAge?: number
}

/** Verifies step-up tokens. Keep one for the life of the process: it caches the key set. */
export type StepUpVerifier = {
  /** Seconds. */
  readonly maxAge: number
  /** Resolves to the claims of an accepted token, and rejects with a {@link StepUpError} otherwise. */
  readonly verify: (token: string, expected: Expected) => Promise<StepUpClaims>
}

/** A verifier of the step-up tokens of one Edge MFA. Throws a TypeError for options that it cannot work with. */
export function createStepUpVerifier(options: StepUpVerifierOptions): StepUpVerifier {
  assertOptions(options)
  const { audience, maxAge, singleUse, allowService = false } = options
  const { issuer, source } = sourceOf(options)
  const findKey = createKeyFinder(source)
  return {
    maxAge,
    async verify(token, expected) {
      assertExpected(expected, singleUse)
      const claims = await verifySigned(token, { issuer, audience, findKey })
      assertTimes(claims, expected.maxAge ?? maxAge)
      if (claims.sub !== expected.sub || claims.sub_iss !== expected.iss) throw new StepUpError('wrong-user')
      assertContext(claims, allowService)
      if (claims.txn !== expected.txn) throw new StepUpError('wrong-txn')
      if (singleUse !== undefined) await takeOnce(singleUse, claims)
      return claims
    },
  }
}

function assertOptions({ audience, maxAge, singleUse }: StepUpVerifierOptions): void {
  if (typeof audience !== 'string' || audience === '') throw new TypeError('audience must be a non-empty string.')
  if (!isSeconds(maxAge)) throw new TypeError('maxAge must be a positive number of seconds.')
  if (singleUse !== undefined && typeof singleUse.insertIfAbsent !== 'function')
    throw new TypeError('singleUse must be a store with the method insertIfAbsent.')
}

function sourceOf(options: StepUpVerifierOptions): { readonly issuer: string; readonly source: KeySource } {
  if ('jwks' in options) {
    if (!options.issuer) throw new TypeError('issuer is required beside jwks.')
    return { issuer: options.issuer, source: { jwks: options.jwks } }
  }
  const serviceUrl = new URL(options.serviceUrl)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(serviceUrl.hostname)
  if (serviceUrl.protocol !== 'https:' && !(serviceUrl.protocol === 'http:' && isLoopback))
    throw new TypeError('serviceUrl must use https, except on the loopback interface.')
  return { issuer: options.issuer ?? serviceUrl.href.replace(/\/$/, ''), source: { serviceUrl } }
}

/** A value that is missing by mistake must not turn into a check that is left out. */
function assertExpected(expected: Expected, store: SingleUseStore | undefined): void {
  if (!expected.iss || !expected.sub) throw misconfigured('verify needs iss and sub of the access token.')
  if ('maxAge' in expected && !isSeconds(expected.maxAge))
    throw misconfigured('maxAge must be a positive number of seconds.')
  if (!('txn' in expected)) return
  if (!expected.txn) throw misconfigured('txn must be a non-empty string where it is given.')
  if (store === undefined) throw misconfigured('A txn is accepted once: give the verifier a store as singleUse.')
}

function misconfigured(message: string): StepUpError {
  return new StepUpError('misconfigured', { message })
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function assertTimes({ iat, auth_time }: StepUpClaims, maxAge: number): void {
  const now = Date.now() / 1000
  if (Math.max(iat, auth_time) > now + LEEWAY_SECONDS) throw new StepUpError('not-yet-valid')
  if (now - auth_time > maxAge) throw new StepUpError('too-old')
}

function assertContext({ acr, client_id }: StepUpClaims, allowService: boolean): void {
  const isOfService = acr === FACTOR_ACR && client_id !== undefined
  if (!isOfService && (acr !== MFA_ACR || client_id !== undefined)) throw new StepUpError('wrong-acr')
  if (isOfService && !allowService) throw new StepUpError('service-token')
}
