import type { BetterAuthPlugin } from 'better-auth'
import { APIError, createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
// In your application: '@edge-mfa/verify'.
import type { StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What the plugin shares with Edge MFA. */
export type SecondFactorOptions = {
  /** `AUTH_ISSUER` and `AUTH_AUDIENCE` of Edge MFA. Nothing else may accept this audience. */
  readonly issuer: string
  readonly audience: string
  /** `AUTH_HS256_SECRET` of Edge MFA, decoded. */
  readonly secret: Uint8Array
  /** Your page with <edge-mfa-challenge>, for sign-ins that end in a redirect. */
  readonly page: string
  /** With a store, since a proof opens one session. */
  readonly verifier: StepUpVerifier
}

const MFA_SECONDS = 120
const COMPLETE = '/second-factor'

/**
 * Pattern A with Better Auth. No sign-in creates a session, whichever plugin handles it: it answers a short token that only
 * Edge MFA accepts, with the user's identifier as `sub`. `POST /second-factor` takes that token and the step-up token, and
 * creates the session.
 */
export function secondFactor(options: SecondFactorOptions) {
  return {
    id: 'edge-mfa',
    init: () => ({ options: { databaseHooks: { session: { create: { before: sessionHook(options) } } } } }),
    endpoints: {
      completeSecondFactor: createAuthEndpoint(COMPLETE, { method: 'POST', body: tokens }, async (ctx) => {
        const userId = await verifySignIn(options, ctx.body).catch(() => undefined)
        const user = userId === undefined ? null : await ctx.context.internalAdapter.findUserById(userId)
        // Whatever fails, an unavailable Edge MFA included, ends here and not in a session.
        if (user === null) throw new APIError('UNAUTHORIZED', { code: 'INVALID_SECOND_FACTOR' })
        const session = await ctx.context.internalAdapter.createSession(user.id)
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ user: { id: user.id } })
      }),
    },
  } satisfies BetterAuthPlugin
}

const tokens = z.object({ mfa_token: z.string(), step_up_token: z.string() })

/** What a database hook sees of the request. */
type Context = {
  readonly path?: string | undefined
  readonly method?: string | undefined
  readonly redirect: (url: string) => Error
} | null

/** Refuses every session but the one of {@link COMPLETE}. A magic link is opened by navigation, so it ends in a redirect. */
function sessionHook(options: SecondFactorOptions) {
  return async ({ userId }: { readonly userId: string }, context: Context): Promise<void> => {
    if (context?.path === COMPLETE) return
    const mfaToken = await signMfaToken(options, userId)
    // In the fragment, which browsers send to no server.
    if (context?.method === 'GET') throw context.redirect(`${options.page}#mfa_token=${mfaToken}`)
    throw new APIError('UNAUTHORIZED', { code: 'SECOND_FACTOR_REQUIRED', mfa_token: mfaToken })
  }
}

function signMfaToken({ issuer, audience, secret }: SecondFactorOptions, userId: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime(`${MFA_SECONDS} seconds`)
    .sign(secret)
}

/** The user whose first factor and second factor were verified, in this order. */
async function verifySignIn(
  { issuer, audience, secret, verifier }: SecondFactorOptions,
  given: z.infer<typeof tokens>,
): Promise<string> {
  const options = { issuer, audience, algorithms: ['HS256'], typ: 'at+jwt', requiredClaims: ['sub', 'iat', 'exp'] }
  const { payload } = await jwtVerify(given.mfa_token, secret, options)
  const expected = { iss: issuer, sub: payload.sub ?? '', maxAge: MFA_SECONDS }
  const proof = await verifier.verify(given.step_up_token, expected)
  if (proof.auth_time < Number(payload.iat)) throw new Error('The proof is older than the sign-in.')
  return proof.sub
}
