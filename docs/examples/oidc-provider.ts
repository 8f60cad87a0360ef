import express, { type Express } from 'express'
import { createLocalJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
// In your application: '@edge-mfa/verify'.
import type { StepUpClaims, StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What the OpenID provider knows. */
export type Settings = {
  readonly issuer: string
  /** A private ES256 key with a `kid`; Edge MFA has the public part as `AUTH_JWKS`. */
  readonly signingJwk: JWK & { readonly kid: string }
  readonly clients: Configuration['clients']
  readonly checkPassword: (user: string, password: string) => Promise<boolean>
  /** With a store, since a proof opens one login. */
  readonly verifier: StepUpVerifier
}

/** The only audience of the token that proves no more than a password. */
const MFA_AUDIENCE = 'edge-mfa'
const MFA_SECONDS = 120

/**
 * Pattern A with oidc-provider. The interaction takes a password and answers a short token that only Edge MFA accepts; it
 * finishes only with that token and the step-up token.
 */
export function openIdProvider(settings: Settings): Express {
  const provider = new Provider(settings.issuer, configurationOf(settings))
  const app = express()

  app.get('/interaction/:uid', async (request, response) => {
    const { uid, prompt } = await provider.interactionDetails(request, response)
    // Your page asks for the password here, then shows <edge-mfa-challenge> with the token from /login.
    response.json({ uid, prompt: prompt.name })
  })

  app.post('/interaction/:uid/login', express.urlencoded(), async (request, response) => {
    const { uid } = await provider.interactionDetails(request, response)
    const { user, password } = request.body
    if (await settings.checkPassword(user, password))
      response.json({ mfa_token: await signMfaToken(settings, { user, uid }) })
    else response.status(401).json({ error: 'invalid_grant' })
  })

  app.post('/interaction/:uid/mfa', express.urlencoded(), async (request, response) => {
    const { uid } = await provider.interactionDetails(request, response)
    // Whatever fails, an unavailable Edge MFA included, ends here and not in a login.
    const proof = await verifyLogin(settings, { ...request.body, uid }).catch(() => undefined)
    if (proof === undefined) {
      response.status(401).json({ error: 'invalid_grant' })
      return
    }
    const login = { accountId: proof.sub, acr: proof.acr, amr: [...proof.amr] }
    await provider.interactionFinished(request, response, { login })
  })

  return app.use(provider.callback())
}

function configurationOf({ clients, signingJwk }: Settings): Configuration {
  return {
    clients,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...signingJwk, alg: 'ES256', use: 'sig' }] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    claims: { openid: ['sub', 'acr', 'amr'] },
    // The clients are the provider's own, so the user is not asked for consent.
    loadExistingGrant: grantOpenId,
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  }
}

async function signMfaToken({ issuer, signingJwk }: Settings, login: { user: string; uid: string }): Promise<string> {
  return new SignJWT({ uid: login.uid, amr: ['pwd'] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signingJwk.kid })
    .setIssuer(issuer)
    .setAudience(MFA_AUDIENCE)
    .setSubject(login.user)
    .setIssuedAt()
    .setExpirationTime(`${MFA_SECONDS} seconds`)
    .sign(await importJWK(signingJwk, 'ES256'))
}

async function grantOpenId({ oidc: { client, session, provider } }: KoaContextWithOIDC) {
  const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
  grant.addOIDCScope('openid')
  await grant.save()
  return grant
}

/** The proof, if it is of the user who gave the password in this interaction, and younger than that. */
async function verifyLogin(
  { issuer, signingJwk, verifier }: Settings,
  given: { readonly uid: string; readonly mfa_token: string; readonly step_up_token: string },
): Promise<StepUpClaims> {
  const { d: _, ...publicJwk } = signingJwk
  const keys = createLocalJWKSet({ keys: [publicJwk] })
  const options = { issuer, audience: MFA_AUDIENCE, typ: 'at+jwt', requiredClaims: ['sub', 'iat', 'exp'] }
  const { payload } = await jwtVerify(given.mfa_token, keys, options)
  if (payload['uid'] !== given.uid) throw new Error('The password was given in another interaction.')
  const expected = { iss: issuer, sub: payload.sub ?? '', maxAge: MFA_SECONDS }
  const proof = await verifier.verify(given.step_up_token, expected)
  if (proof.auth_time < Number(payload.iat)) throw new Error('The proof is older than the login.')
  return proof
}
