import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'

/** What checks step-up tokens of one Edge MFA. Throws for anything but a good one: never "MFA not required". */
export type VerifyStepUp = (
  token: string,
  expected: { readonly sub: string; readonly issuer: string; readonly maxAgeSeconds: number },
) => Promise<JWTPayload>

/** A verifier with jose; keep one for the life of the process, since it remembers the keys. */
export function createStepUpVerifier(options: { readonly mfaUrl: string; readonly audience: string }): VerifyStepUp {
  const { mfaUrl, audience } = options
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', mfaUrl), {
    cacheMaxAge: 300_000,
    timeoutDuration: 2_000,
  })
  return async (token, { sub, issuer, maxAgeSeconds }) => {
    const { payload } = await jwtVerify(token, keys, {
      typ: 'mfa-stepup+jwt',
      algorithms: ['ES256'],
      issuer: mfaUrl,
      audience,
      subject: sub,
      requiredClaims: ['exp', 'jti'],
    })
    if (payload['sub_iss'] !== issuer) throw new Error('this is another issuer’s user')
    const age = Date.now() / 1000 - Number(payload['auth_time'])
    if (!(age <= maxAgeSeconds)) throw new Error('the second factor was proved too long ago')
    return payload
  }
}
