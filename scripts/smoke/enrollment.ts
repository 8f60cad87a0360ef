import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { Secret, TOTP } from 'otpauth'
import { CliError } from '../../operator/cli-error.ts'
import { describe, keySetUrl, profile } from './open-steps.ts'
import { request } from './request.ts'

const STEP_MS = 30_000

type Subject = { readonly url: string; readonly token: string }
type Proof = { readonly code: string } | { readonly backup_code: string }

/**
 * A whole enrollment of the token's own subject, removed again at the end whatever happens. Refuses a subject that has
 * MFA on, or is in the middle of turning it on: the token must be of somebody made for this. `note` gets each step that held.
 */
export async function enrollAndRemove(subject: Subject, note: (step: string) => void): Promise<void> {
  await refuseUnlessOff(subject)
  const { secret } = await post(subject, { path: '/setup', body: { name: 'Smoke test' } })
  note('setup: a pending secret')
  const phone = new TOTP({ secret: Secret.fromBase32(String(secret)) })
  const codeAt = (stepsAhead: number) => phone.generate({ timestamp: Date.now() + stepsAhead * STEP_MS })
  const code = codeAt(0)
  // Should the answer have been lost, the same code brings it again: without it nothing could be turned off.
  const again = () => verify(subject, code)
  const codes = await again()
    .catch(again)
    .catch(async (error: unknown) => {
      await dropPending(subject)
      throw error
    })
  note('verify: MFA is on')
  try {
    await challenge(subject, { code: codeAt(1) })
    note('challenge: a step-up token that the published key verifies')
  } finally {
    await disable(subject, codes)
  }
  note('disable: MFA is off again')
}

async function refuseUnlessOff({ url, token }: Subject): Promise<void> {
  const { status, body } = await request(profile(url), { token })
  if (status === 401)
    throw new CliError(
      'the token is refused: its iss, aud and key must be those of AUTH_ISSUER, AUTH_AUDIENCE and the key set, and its ' +
        `time not over. The log says which, under request ${body?.['requestId']}`,
    )
  if (status !== 200) throw new CliError(`the status: ${describe({ status, body })}`)
  if (body?.['enabled'] !== false || body['pending'] !== null)
    throw new CliError('the token’s subject has MFA on, or is turning it on: take a subject made for this')
}

async function verify(subject: Subject, code: string): Promise<readonly string[]> {
  const { backup_codes: codes } = await post(subject, { path: '/verify', body: { code } })
  if (!Array.isArray(codes) || codes.length !== 10) throw new CliError('verify brought no ten backup codes')
  return codes.map(String)
}

async function challenge(subject: Subject, proof: Proof): Promise<void> {
  const { token } = await post(subject, { path: '/challenge', body: proof })
  const keys = createRemoteJWKSet(new URL(keySetUrl(subject.url)))
  const { payload } = await jwtVerify(String(token), keys, { typ: 'mfa-stepup+jwt', algorithms: ['ES256'] })
  if (payload.sub !== decodeJwt(subject.token).sub) throw new CliError('the step-up token names another subject')
}

/** By a backup code: it waits for no throttle, and the next one goes on where an answer was lost. */
async function disable(subject: Subject, codes: readonly string[]): Promise<void> {
  for (const backupCode of codes.slice(0, 3)) {
    const off = await post(subject, { path: '/disable', body: { backup_code: backupCode } }).catch(() => undefined)
    if (off) return
  }
  const { sub } = decodeJwt(subject.token)
  throw new CliError(`MFA of ${sub} could not be turned off again: an administrator must reset it`)
}

async function dropPending({ url, token }: Subject): Promise<void> {
  await request(`${profile(url)}/setup`, { method: 'DELETE', token }).catch(() => undefined)
}

async function post({ url, token }: Subject, options: { readonly path: string; readonly body: object }) {
  const { status, body } = await request(`${profile(url)}${options.path}`, {
    method: 'POST',
    token,
    body: options.body,
  })
  if (status !== 200 || body?.['success'] !== true)
    throw new CliError(`${options.path.slice(1)}: ${describe({ status, body })}`)
  return body
}
