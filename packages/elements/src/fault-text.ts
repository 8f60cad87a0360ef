import { fill } from './dom.ts'
import type { Messages } from './messages.ts'
import { type Fault, requestIdOf } from './service.ts'

type InvalidCode = Extract<Fault, { readonly name: 'invalid-code' }>

/** What to tell a person about a failure. */
export function faultText(texts: Messages, fault: Fault): string {
  switch (fault.name) {
    case 'invalid-code':
      return invalidCode(texts, fault)
    case 'no-pending-enrollment':
      return texts.expired
    case 'no-token':
    case 'unauthorized':
    case 'invalid-token':
      return texts.signIn
    case 'insufficient-user-authentication':
      return texts.signInRecently
    case 'insufficient-scope':
    case 'self-administration':
      return texts.forbidden
    case 'totp-blocked':
      return texts.blocked
    case 'not-found':
      return texts.notFound
    case 'mfa-not-enabled':
      return texts.notEnabled
    case 'last-authenticator':
      return texts.lastAuthenticator
    case 'too-many-authenticators':
      return texts.tooMany
    case 'too-many-attempts':
      return texts.waitTitle
    case 'unreachable':
      return texts.unreachable
    case 'unavailable':
      return texts.unavailable
    default:
      return fill(texts.unexpected, { id: requestIdOf(fault) ?? fault.name })
  }
}

/** Seconds in words, as rough as a person needs them: "45 s", "2 min". */
export function duration(texts: Messages, seconds: number): string {
  if (seconds < 90) return fill(texts.seconds, { count: seconds })
  return fill(texts.minutes, { count: Math.ceil(seconds / 60) })
}

function invalidCode(texts: Messages, { attemptsRemaining, clockSkewSeconds }: InvalidCode): string {
  const left = attemptsRemaining === undefined ? [] : [fill(texts.attemptsLeft, { count: attemptsRemaining })]
  if (clockSkewSeconds === undefined || clockSkewSeconds === 0) return [texts.wrongCode, ...left].join(' ')
  const skew = clockSkewSeconds > 0 ? texts.skewAhead : texts.skewBehind
  return [fill(skew, { time: duration(texts, Math.abs(clockSkewSeconds)) }), ...left].join(' ')
}
