import { type CryptoKey, SignJWT } from 'jose'
import { createStepUpVerifier, memoryStore } from '../../packages/verify/src/verify.ts'
import { protectedApi } from './api.ts'
import { type Example, ISSUER, KEY_ID, step } from './harness.ts'
import { createUser } from './user.ts'

/** Pattern B: an API that requires a step-up token beside the access token for a sensitive operation. */
export const transfer: Example = async ({ url, settings }, { privateKey, publicKey }) => {
  const audience = settings['STEP_UP_AUDIENCE'] ?? ''
  const verifier = createStepUpVerifier({ serviceUrl: url, audience, maxAge: 120, singleUse: memoryStore() })
  const api = protectedApi({ issuer: ISSUER, issuerKey: publicKey, verifier })
  const transfer = (accessToken: string, stepUpToken?: string) =>
    api.request('/transfers', { method: 'POST', headers: headersOf(accessToken, stepUpToken) })

  const token = await signAccessToken(privateKey, 'alice')
  const balance = await api.request('/balance', { headers: headersOf(token) })
  step('the balance, with an access token', balance.status === 200)
  const refused = await transfer(token)
  const challenge = refused.headers.get('WWW-Authenticate') ?? ''
  step('refused: a transfer with an access token alone', refused.status === 401)
  step('the answer says what is missing (RFC 9470)', challenge.includes('acr_values="urn:edge-mfa:acr:mfa"'))

  const alice = createUser(url)
  await alice.enroll(token)
  const proof = await alice.challenge(token)
  const uses = await Promise.all(Array.from({ length: 5 }, () => transfer(token, proof)))
  const accepted = uses.filter(({ status }) => status === 200)
  step('the transfer, with the proof of a code beside it, once of five times at once', accepted.length === 1)
  step('refused: the same proof again', (await transfer(token, proof)).status === 401)

  const mallorysToken = await signAccessToken(privateKey, 'mallory')
  step('refused: the proof of somebody else', (await transfer(mallorysToken, proof)).status === 401)
  step('refused: the proof in the place of the access token', (await transfer(proof, proof)).status === 401)
  step('refused: a proof that was changed', (await transfer(token, `${proof.slice(0, -4)}AAAA`)).status === 401)
}

/** The application's access token; Edge MFA is one of its audiences. */
function signAccessToken(key: CryptoKey, sub: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KEY_ID })
    .setIssuer(ISSUER)
    .setAudience(['https://api.example', 'edge-mfa'])
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('10 minutes')
    .sign(key)
}

function headersOf(accessToken: string, stepUpToken?: string): Record<string, string> {
  return {
    Authorization: `Bearer ${accessToken}`,
    ...(stepUpToken !== undefined && { 'Step-Up-Token': stepUpToken }),
  }
}
