import { h } from '../packages/elements/src/dom.ts'
import type {
  EdgeMfaChallenge,
  EdgeMfaEnroll,
  EdgeMfaEvents,
  EdgeMfaSettings,
} from '../packages/elements/src/edge-mfa.ts'
import { watchedFetch, writeEvent } from './exchange.ts'
import { maskJson } from './mask.ts'
import { type SignedIn, showSignIn } from './sign-in.ts'
import { tabs } from './tabs.ts'

const EVENTS: readonly (keyof EdgeMfaEvents)[] = [
  'edge-mfa-enrolled',
  'edge-mfa-verified',
  'edge-mfa-changed',
  'edge-mfa-problem',
]

const place = { signIn: byId('sign-in'), elements: byId('elements'), log: byId('log') }
const watched = watchedFetch(place.log)

for (const name of EVENTS) {
  place.elements.addEventListener(name, (event) => {
    const text = maskJson(JSON.stringify(event.detail))
    const claims = name === 'edge-mfa-verified' ? `\n\nThe claims of the token:\n${claimsOf(event.detail)}` : ''
    writeEvent(place.log, { name, text: text + claims })
  })
}
showSignIn(place.signIn, { fetch: watched, signedIn, signedOut })

function signedIn({ token }: SignedIn): void {
  const all = [h('edge-mfa-enroll'), h('edge-mfa-challenge'), h('edge-mfa-settings')] as const
  for (const element of all) {
    element.fetch = watched
    element.token = () => token
  }
  const [enroll, challenge, settings] = all
  followChanges([enroll, challenge, settings])
  const panels = [
    { name: 'enroll', label: 'Enroll', panel: enroll },
    { name: 'challenge', label: 'Challenge', panel: challenge, selected: () => challenge.reload() },
    { name: 'settings', label: 'Settings', panel: settings },
  ]
  place.elements.replaceChildren(...tabs('Elements', panels))
  place.elements.hidden = false
}

function signedOut(): void {
  place.elements.replaceChildren()
  place.elements.hidden = true
  place.log.replaceChildren()
}

/** What one element changes, the others have to see. */
function followChanges(all: readonly (EdgeMfaEnroll | EdgeMfaChallenge | EdgeMfaSettings)[]): void {
  for (const element of all) {
    element.addEventListener('edge-mfa-changed', () => {
      for (const other of all) if (other !== element) other.reload()
    })
  }
}

function claimsOf(detail: EdgeMfaEvents[keyof EdgeMfaEvents]): string {
  const payload = 'token' in detail ? detail.token.split('.')[1] : undefined
  if (payload === undefined) return ''
  const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
  return JSON.stringify(JSON.parse(text), null, 2)
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no #${id}.`)
  return found
}
