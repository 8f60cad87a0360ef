/* Signs tokens with jose and verifies them through the installed package. */

import { deepStrictEqual } from 'node:assert'
import { createStepUpVerifier, memoryStore, StepUpError } from '@edge-mfa/verify'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key' }] }
const [issuer, audience, iss, sub] = ['https://mfa.example.com', 'https://api.example.com', 'https://issuer', 'alice']
const now = Math.floor(Date.now() / 1000)
const claims = { sub_iss: iss, auth_time: now, acr: 'urn:edge-mfa:acr:mfa', amr: ['otp', 'mfa'] }
const token = await new SignJWT(claims)
  .setProtectedHeader({ alg: 'ES256', typ: 'mfa-stepup+jwt', kid: 'key' })
  .setIssuer(issuer)
  .setAudience(audience)
  .setSubject(sub)
  .setIssuedAt(now)
  .setExpirationTime(now + 300)
  .setJti('1')
  .sign(privateKey)

const { verify } = createStepUpVerifier({ jwks, issuer, audience, maxAge: 300, singleUse: memoryStore() })
deepStrictEqual((await verify(token, { iss, sub })).jti, '1')
deepStrictEqual(await codeOf(verify(token, { iss, sub })), 'replayed')
deepStrictEqual(await codeOf(verify(token, { iss, sub: 'mallory' })), 'wrong-user')

// The adapters need no framework to be imported.
for (const adapter of ['hono', 'express', 'fastify', 'web']) {
  const { requireStepUp } = await import(`@edge-mfa/verify/${adapter}`)
  deepStrictEqual(typeof requireStepUp, 'function')
}
console.log('ok')

async function codeOf(verified) {
  return verified.then(
    () => 'accepted',
    (error) => error instanceof StepUpError && error.code,
  )
}
