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
// A server that renders the page has no registry.
const registry: CustomElementRegistry | undefined = globalThis.customElements
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (registry?.get(name) === undefined) registry?.define(name, element)
}

export type { TokenSource } from './element.ts'
export type { Change, EdgeMfaEventMap, EdgeMfaEvents, EdgeMfaProblem, Verified } from './events.ts'
export type { Messages } from './messages.ts'
export { EdgeMfaChallenge, EdgeMfaEnroll, EdgeMfaSettings }
