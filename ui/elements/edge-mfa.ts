import { EdgeMfaChallenge } from './challenge.ts'
import { EdgeMfaEnroll } from './enroll.ts'
import { EdgeMfaSettings } from './settings.ts'

declare global {
  interface HTMLElementTagNameMap {
    'edge-mfa-enroll': EdgeMfaEnroll
    'edge-mfa-challenge': EdgeMfaChallenge
    'edge-mfa-settings': EdgeMfaSettings
  }
}

const ELEMENTS = {
  'edge-mfa-enroll': EdgeMfaEnroll,
  'edge-mfa-challenge': EdgeMfaChallenge,
  'edge-mfa-settings': EdgeMfaSettings,
}

// A page may load two versions of this script, for example as a package and from the service: the first one stays.
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (customElements.get(name) === undefined) customElements.define(name, element)
}

export type { TokenSource } from './element.ts'
export type { Change, EdgeMfaEventMap, EdgeMfaEvents, EdgeMfaProblem, Verified } from './events.ts'
export type { Messages } from './messages.ts'
export { EdgeMfaChallenge, EdgeMfaEnroll, EdgeMfaSettings }
