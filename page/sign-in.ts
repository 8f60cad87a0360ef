import { button, h } from '../packages/elements/src/dom.ts'

/** Somebody who is signed in; the token is kept in memory alone. */
export type SignedIn = { readonly who: string; readonly token: string }

type Options = {
  readonly fetch: typeof fetch
  readonly signedIn: (session: SignedIn) => void
  readonly signedOut: () => void
}

/** Shows the form for a made-up user. @param told why one has to sign in */
export function showSignIn(place: HTMLElement, options: Options, told = ''): void {
  const input = h('input', { id: 'subject', autocomplete: 'off', spellcheck: 'false', value: `user-${randomSuffix()}` })
  const error = h('p', { role: 'alert' }, told)
  const submit = async () => {
    error.textContent = ''
    const answer = await askToken(options.fetch, input.value)
    if (answer === 'not-offered') return showTokenField(place, options)
    if (answer === undefined) error.textContent = 'That did not work; the exchange shows why.'
    else enter(place, options, { who: input.value, token: answer.token })
  }
  const field = h('div', {}, h('label', { for: 'subject' }, 'Sign in as'), input)
  showForm(place, [h('div', { class: 'row' }, field, h('button', { class: 'primary' }, 'Sign in')), error], submit)
}

/** A service with an issuer of its own signs nobody in: an access token of that issuer does. */
function showTokenField(place: HTMLElement, options: Options): void {
  const input = h('textarea', {
    id: 'access-token',
    rows: '3',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
  })
  const submit = async () => enter(place, options, { who: 'the owner of the token', token: input.value.trim() })
  const text = 'This service signs nobody in. Paste an access token of its issuer; it stays in the memory of this page.'
  const field = h('div', {}, h('label', { for: 'access-token' }, 'Access token'), input)
  const row = h('div', { class: 'row' }, field, h('button', { class: 'primary' }, 'Use it'))
  showForm(place, [h('p', {}, text), row], submit)
  input.focus()
}

function showForm(place: HTMLElement, content: readonly Node[], submit: () => Promise<void>): void {
  const form = h('form', { class: 'card' }, ...content)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
  place.replaceChildren(form)
}

function enter(place: HTMLElement, options: Options, session: SignedIn): void {
  const leave = button('Sign out', () => {
    options.signedOut()
    showSignIn(place, options)
    place.querySelector('input')?.focus()
  })
  const who = h('p', { tabindex: '-1' }, 'Signed in as ', h('strong', {}, session.who))
  place.replaceChildren(h('div', { class: 'row' }, who, leave))
  options.signedIn(session)
  who.focus()
}

async function askToken(
  fetch: Options['fetch'],
  sub: string,
): Promise<{ readonly token: string } | 'not-offered' | undefined> {
  try {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch('/page/token', { method: 'POST', headers, body: JSON.stringify({ sub }) })
    if (response.status === 404) return 'not-offered'
    const body: { readonly access_token?: unknown } = await response.json()
    return typeof body.access_token === 'string' ? { token: body.access_token } : undefined
  } catch {
    return undefined
  }
}

function randomSuffix(): string {
  return [...crypto.getRandomValues(new Uint8Array(2))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
