import { decodeJwt } from 'jose'
import { createStepUpVerifier, memoryStore } from '../../packages/verify/src/verify.ts'
import { type Example, ISSUER, KEY_ID, step } from './harness.ts'
import { issuerApp } from './issuer.ts'
import { createUser } from './user.ts'

/** Pattern A: a login that ends in an access token of the application only after a second factor. */
export const login: Example = async ({ url, settings }, keys) => {
  const audience = settings['STEP_UP_AUDIENCE'] ?? ''
  const verifier = createStepUpVerifier({ serviceUrl: url, audience, maxAge: 120, singleUse: memoryStore() })
  const checkPassword = async (_user: string, password: string) => password === 'correct horse'
  const app = issuerApp({ issuer: ISSUER, keyId: KEY_ID, keys, checkPassword, verifier })

  async function post(path: string, body: object): Promise<{ status: number; body: Record<string, string> }> {
    const response = await app.request(path, { method: 'POST', body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }
  const logIn = async (user: string) =>
    (await post('/login', { user, password: 'correct horse' })).body['mfa_token'] ?? ''
  const finish = (mfaToken: string, stepUpToken: string) =>
    post('/login/mfa', { mfa_token: mfaToken, step_up_token: stepUpToken })

  const wrong = await post('/login', { user: 'alice', password: 'a guess' })
  step('a wrong password: no token at all', wrong.status === 401)
  const mfaToken = await logIn('alice')
  step('the password: a token for Edge MFA, and for nothing else', decodeJwt(mfaToken).aud === 'edge-mfa')

  const alice = createUser(url)
  await alice.enroll(mfaToken)
  const proof = await alice.challenge(mfaToken)
  const done = await finish(mfaToken, proof)
  step('password and code: a token of the application', decodeJwt(done.body['access_token'] ?? '').sub === 'alice')

  step('refused: the password alone', (await finish(mfaToken, mfaToken)).status === 401)
  step('refused: the same proof a second time', (await finish(mfaToken, proof)).status === 401)
  const mallorysToken = await logIn('mallory')
  const mallory = createUser(url)
  await mallory.enroll(mallorysToken)
  const foreign = await mallory.challenge(mallorysToken)
  step('refused: the proof of somebody else', (await finish(await logIn('alice'), foreign)).status === 401)
}
