import { verifyTOTPWithGracePeriod } from '@oslojs/otp'
import { Secret, TOTP } from 'otpauth'
import { verify } from 'otplib'
import { hotp, importOtpKey } from '../../src/core/hotp.ts'
import {
  DRIFT_STEPS,
  matchingSteps,
  TOTP_PARAMETERS as parameters,
  SECRET_BYTES,
  stepAt,
  stepsAround,
} from '../../src/core/totp.ts'
import type { Job, Work } from './job.ts'

/** A person's secret and the code to be judged, and whether it is right. */
type Given = { readonly secret: Uint8Array<ArrayBuffer>; readonly code: string; readonly isRight: boolean }

const WINDOW_SECONDS = DRIFT_STEPS * parameters.stepSeconds

/** From the bytes of a secret and a code to whether it fits one of three steps: each of them makes ready its own key. */
const VERIFIERS: Readonly<Record<string, (given: Given) => Work>> = {
  'Edge MFA':
    ({ secret, code, isRight }) =>
    async () => {
      const steps = stepsAround(stepAt(Date.now(), parameters.stepSeconds), DRIFT_STEPS)
      return (await matchingSteps(secret, { parameters, code, steps })).length > 0 === isRight
    },
  'otpauth 9.5.2':
    ({ secret, code, isRight }) =>
    () => {
      const phone = new TOTP({ secret: new Secret({ buffer: secret.buffer }) })
      return (phone.validate({ token: code, window: DRIFT_STEPS }) !== null) === isRight
    },
  'otplib 13.5.0':
    ({ secret, code, isRight }) =>
    async () =>
      (await verify({ secret, token: code, epochTolerance: WINDOW_SECONDS })).valid === isRight,
  '@oslojs/otp 1.1.0':
    ({ secret, code, isRight }) =>
    () => {
      const { stepSeconds, digits } = parameters
      return verifyTOTPWithGracePeriod(secret, stepSeconds, digits, code, WINDOW_SECONDS) === isRight
    },
}

/** A wrong code makes everybody look at all three steps; at a right one some stop where it fits. */
export const TOTP_JOBS: readonly Job[] = [false, true].flatMap((isRight) =>
  Object.entries(VERIFIERS).map(([by, verifier]) => ({
    what: `verify a TOTP code over three steps, ${isRight ? 'the present one' : 'a wrong one'}`,
    by,
    prepare: async () => verifier(await given(isRight)),
  })),
)

async function given(isRight: boolean): Promise<Given> {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  const present = stepAt(Date.now(), parameters.stepSeconds)
  const key = await importOtpKey(secret, parameters.algorithm)
  const codeAt = async (counter: number) =>
    new TextDecoder().decode(await hotp(key, { counter, digits: parameters.digits }))
  if (isRight) return { secret, code: await codeAt(present), isRight }
  const near = await Promise.all(stepsAround(present, DRIFT_STEPS).map(codeAt))
  const code = ['000000', '000001', '000002', '000003'].find((each) => !near.includes(each)) ?? ''
  return { secret, code, isRight }
}
