import { codeOf } from './phone.ts'
import { PROFILE, type Service } from './service.ts'

/** Sets up a pending secret and answers it. */
export async function setUp(service: Service, token: string, body: object = {}): Promise<string> {
  const { status, body: answer, text } = await service.call(`POST ${PROFILE}/setup`, { token, body })
  if (status !== 200) throw new Error(`setup answered ${status}: ${text}`)
  return String(answer['secret'])
}

/** Turns MFA on; answers the secret and the backup codes. */
export async function enroll(
  service: Service,
  token: string,
): Promise<{ secret: string; backupCodes: readonly string[] }> {
  const secret = await setUp(service, token)
  const { status, body, text } = await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
  if (status !== 200) throw new Error(`verify answered ${status}: ${text}`)
  return { secret, backupCodes: body['backup_codes'] as readonly string[] }
}
