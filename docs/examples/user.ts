import { Secret, TOTP } from 'otpauth'

const STEP_MS = 30_000

/** A user with a phone, as far as Edge MFA sees them: enrolled with one access token, and able to prove it again. */
export type User = {
  /** Sets up and verifies, with the code of this moment. */
  readonly enroll: (accessToken: string) => Promise<void>
  /** A step-up token for the code of the next step, since the present one is used up. */
  readonly challenge: (accessToken: string) => Promise<string>
}

/** The part of the client: three calls of Edge MFA. */
export function createUser(mfaUrl: string): User {
  let secret = ''
  return {
    async enroll(accessToken) {
      secret = String((await call(mfaUrl, { path: '/setup', accessToken, body: {} }))['secret'])
      await call(mfaUrl, { path: '/verify', accessToken, body: { code: codeOf(secret, 0) } })
    },
    async challenge(accessToken) {
      const answer = await call(mfaUrl, { path: '/challenge', accessToken, body: { code: codeOf(secret, 1) } })
      return String(answer['token'])
    },
  }
}

/** A POST of Edge MFA. Throws unless it answers 200. */
async function call(
  mfaUrl: string,
  { path, accessToken, body }: { path: string; accessToken: string; body: object },
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${mfaUrl}/api/user/profile/mfa${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Readonly<Record<string, unknown>>
}

function codeOf(secret: string, stepsAhead: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAhead * STEP_MS })
}
