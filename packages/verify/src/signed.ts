import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { readClaims, type StepUpClaims } from './claims.ts'
import { StepUpError, type StepUpErrorCode } from './errors.ts'

const TYPE = 'mfa-stepup+jwt'
const ALGORITHM = 'ES256'

/** What to say of a registered claim that jose refuses. */
const CLAIM_CODES: Readonly<Record<string, StepUpErrorCode>> = {
  iss: 'wrong-issuer',
  aud: 'wrong-audience',
  nbf: 'not-yet-valid',
}

/** The issuer and the audience of the tokens. */
type Signed = { readonly issuer: string; readonly audience: string; readonly findKey: JWTVerifyGetKey }

/**
 * The claims of a token with the right type, algorithm, signature, issuer and audience that has not expired. Throws a
 * StepUpError otherwise.
 * @see RFC 8725 §3.1, §3.11
 */
export async function verifySigned(token: string, { issuer, audience, findKey }: Signed): Promise<StepUpClaims> {
  assertHeader(token)
  return readClaims(await payloadOf(token, { issuer, audience, findKey }))
}

/** An access token in the place of a step-up token is refused before a key is looked up. */
function assertHeader(token: string): void {
  if (typeof token !== 'string' || token === '') throw new StepUpError('missing-token')
  const { typ, alg } = headerOf(token)
  if (typ !== TYPE) throw new StepUpError('wrong-type')
  if (alg !== ALGORITHM) throw new StepUpError('wrong-algorithm')
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw new StepUpError('malformed-token', { cause })
  }
}

async function payloadOf(token: string, { issuer, audience, findKey }: Signed): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, findKey, { algorithms: [ALGORITHM], typ: TYPE, issuer, audience })
    return payload
  } catch (cause) {
    if (cause instanceof StepUpError) throw cause
    throw new StepUpError(codeOf(cause), { cause })
  }
}

function codeOf(error: unknown): StepUpErrorCode {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'invalid-signature'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) return CLAIM_CODES[error.claim] ?? 'malformed-token'
  return 'malformed-token'
}
