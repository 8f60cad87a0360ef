import type { LocalService } from '../../../scripts/lib/service.ts'
import { signAccessToken } from '../../../scripts/lib/token.ts'
import { phoneOf } from '../phone.ts'

const PROFILE = '/api/user/profile/mfa'

/** What a subject of the local service holds after an enrollment. */
export type Enrolled = {
  readonly token: string
  readonly backupCodes: readonly string[]
  /** The code of the phone, some steps away from now. */
  readonly code: (stepsAhead: number) => string
}

/** Turns MFA on for a subject of the local service, with the code of the present step. */
export async function enroll(service: Pick<LocalService, 'url' | 'settings'>, sub: string): Promise<Enrolled> {
  const token = await signAccessToken(service.settings, { sub, expiresInSeconds: 600 })
  const setup = await call(service.url, { path: '/setup', token, body: {} })
  const code = phoneOf(String(setup.body['secret']))
  const verified = await call(service.url, { path: '/verify', token, body: { code: code(0) } })
  if (verified.status !== 200) throw new Error(`the enrollment was answered ${verified.status}`)
  return { token, code, backupCodes: verified.body['backup_codes'] as readonly string[] }
}

/** One POST of the profile. */
export async function call(url: string, request: { path: string; token: string; body: object }) {
  const headers = { Authorization: `Bearer ${request.token}`, 'Content-Type': 'application/json' }
  const response = await fetch(`${url}${PROFILE}${request.path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(request.body),
  })
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> }
}
