import { Hono } from 'hono'
import * as z from 'zod/mini'
import { createEnrollment } from '../../core/enrollment.ts'
import { Problem } from '../../core/problems.ts'
import type { Services } from '../../services.ts'
import type { AccessToken } from '../../tokens/access-token.ts'
import type { HttpEnv } from '../env.ts'
import { bearer } from '../middleware/bearer.ts'
import { timestamp } from '../present.ts'
import { qrDataUri } from '../qr.ts'
import { authenticatorName } from '../schemas.ts'
import { validateBody } from '../validate.ts'

const setupBody = z.object({ name: z._default(authenticatorName, 'Authenticator') })
const ACCOUNT_CLAIMS = ['email', 'preferred_username', 'sub']

/** `POST …/setup` hands out a pending secret, `DELETE …/setup` drops it. */
export const setup = new Hono<HttpEnv>()
  .post('/', bearer(), validateBody(setupBody), async (c) => {
    const { config, store, keyring, random } = c.env
    const accessToken = c.get('accessToken')
    const { subject } = accessToken
    const now = c.env.now()
    await assertRecentSignIn(c.env, { accessToken, now })
    const { name } = c.req.valid('json')
    const account = accountName(accessToken, config.MFA_ACCOUNT_CLAIM)
    const enrollment = await createEnrollment(subject, { name, issuer: config.MFA_ISSUER, account, now, keyring, random })
    if (!(await store.startEnrollment(subject, enrollment.authenticator))) throw new Problem('proof-required')
    return c.json({
      success: true,
      message: 'Scan the QR code, then verify a code',
      secret: enrollment.secret,
      otpauth_uri: enrollment.otpauthUri,
      qr_code: qrDataUri(enrollment.otpauthUri),
      expires_at: timestamp(enrollment.authenticator.expiresAt),
    })
  })
  .delete('/', bearer(), async (c) => {
    await c.env.store.cancelEnrollment(c.get('accessToken').subject)
    return c.body(null, 204)
  })

/** Demands a recent sign-in for turning MFA on, where the configuration asks for it (RFC 9470 §3). */
async function assertRecentSignIn(services: Services, options: { accessToken: AccessToken; now: number }): Promise<void> {
  const maxAge = services.config.ENROLL_MAX_AGE_SECONDS
  const { authTime, subject } = options.accessToken
  if (maxAge === undefined || (authTime !== undefined && options.now / 1000 - authTime <= maxAge)) return
  const { enabledAt } = await services.store.readStatus(subject, { now: options.now, keyIds: services.keyring.keyIds })
  if (enabledAt !== null) throw new Problem('proof-required')
  throw new Problem('insufficient-user-authentication', { challenge: { max_age: maxAge } })
}

/** How the account is called in the authenticator app. */
function accountName({ claims, subject }: AccessToken, configured: string | undefined): string {
  const names = configured === undefined ? ACCOUNT_CLAIMS : [configured, 'sub']
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : subject.sub
}
