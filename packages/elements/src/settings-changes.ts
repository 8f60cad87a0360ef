import type { Authenticator } from '../../client/src/client.ts'
import { faultView, loadingView } from './common-views.ts'
import { actions, button, fill, h, heading } from './dom.ts'
import { enroll } from './enrollment.ts'
import type { Change } from './events.ts'
import { faultText } from './fault-text.ts'
import { field } from './field.ts'
import { type Proven, proofView, renewal } from './proof-view.ts'
import type { Fault } from './service.ts'
import type { Settings } from './settings-context.ts'

/** Turns MFA off. */
export function disable(settings: Settings): void {
  const { texts } = settings.host
  askProof(settings, {
    title: 'disable',
    text: 'disableText',
    operation: 'disable',
    isDangerous: true,
    call: (client, proof, call) => client.disable(proof, call),
    done: () => changed(settings, { change: 'disabled', told: texts.disabled }),
  })
}

/** Takes an authenticator away. */
export function remove(settings: Settings, { id, name }: Authenticator): void {
  const { texts } = settings.host
  askProof(settings, {
    title: 'removeOf',
    name,
    text: 'removeText',
    operation: 'remove-authenticator',
    isDangerous: true,
    call: (client, proof, call) => client.removeAuthenticator(id, proof, call),
    done: () => changed(settings, { change: 'authenticator-removed', told: texts.removed }),
  })
}

/** Makes new backup codes, and shows them. */
export function regenerate(settings: Settings): void {
  const { host, home } = settings
  const handle = (fault: Fault) => overtaken(settings, fault)
  host.show(renewal(host, { finished: () => home(), handle, cancel: () => home() }))
}

/** Adds an authenticator; the first one turns MFA on and needs no proof. */
export function add(settings: Settings, { isFirst }: { readonly isFirst: boolean }): void {
  const { host } = settings
  const { texts } = host
  if (isFirst) return void addFirst(settings)
  askProof(settings, {
    title: 'addAuthenticator',
    text: 'addText',
    operation: 'setup',
    call: (client, proof, call) => client.setup(proof, call),
    done: (setup) =>
      enroll(host, {
        setup,
        finished: () => settings.home(texts.addedTitle),
        expired: () => settings.home(texts.expired),
        cancelled: settings.home,
      }),
  })
}

async function addFirst(settings: Settings): Promise<void> {
  const { host, home } = settings
  const { texts } = host
  host.show(loadingView(host))
  const outcome = await host.ask('setup', (client, call) => client.setup({}, call))
  if (outcome === undefined) return
  // It was turned on meanwhile, perhaps in another window.
  if (!outcome.ok && outcome.problem.name === 'proof-required') return home()
  if (!outcome.ok) {
    return host.show(faultView(host, { title: 'enrollTitle', fault: outcome.problem, again: () => home() }))
  }
  const finished = () => {
    home(texts.doneText)
    host.emit('edge-mfa-enrolled', {})
  }
  enroll(host, { setup: outcome.value, finished, expired: () => home(texts.expired), cancelled: () => home() })
}

/** Gives an authenticator another name, for which no proof is needed. */
export function rename(settings: Settings, { id, name }: Authenticator): void {
  const { host, home } = settings
  host.show(() => {
    const { texts } = host
    const typed = field({
      label: texts.nameLabel,
      hint: texts.nameHint,
      attributes: { autocomplete: 'off', dir: 'auto' },
    })
    typed.input.value = name
    const submit = h('button', { class: 'button primary' }, texts.save)
    const cancel = button(texts.cancel, () => home())
    const form = h('form', { novalidate: true, part: 'form' }, ...typed.nodes, actions(submit, cancel))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      if (submit.ariaDisabled !== 'true') void save(settings, { id, typed, submit })
    })
    return [heading(fill(texts.renameOf, { name })), form]
  })
}

async function save(
  settings: Settings,
  form: { readonly id: string; readonly typed: ReturnType<typeof field>; readonly submit: HTMLElement },
): Promise<void> {
  const { host } = settings
  const { id, typed, submit } = form
  const name = typed.input.value.trim()
  submit.ariaDisabled = 'true'
  typed.complain('')
  const outcome = await host.ask('rename-authenticator', (client, call) => client.renameAuthenticator(id, name, call))
  submit.ariaDisabled = 'false'
  if (outcome === undefined) return
  if (outcome.ok) return changed(settings, { change: 'authenticator-renamed', told: host.texts.renamed })
  const isMalformed = outcome.problem.name === 'invalid-request'
  typed.complain(isMalformed ? host.texts.nameMalformed : faultText(host.texts, outcome.problem))
  typed.input.focus()
}

function askProof<Value>(settings: Settings, options: Proven<Value>): void {
  const { host, home } = settings
  host.show(proofView(host, { ...options, handle: (fault) => overtaken(settings, fault), cancel: () => home() }))
}

/** Failures after which the overview is not what it was, or may not be. */
function overtaken({ host, home }: Settings, fault: Fault): boolean {
  switch (fault.name) {
    case 'unreachable':
    case 'unavailable':
    case 'internal':
      home(host.texts.uncertain)
      return true
    case 'mfa-not-enabled':
    case 'last-authenticator':
    case 'too-many-authenticators':
    case 'not-found':
      home(faultText(host.texts, fault))
      return true
    default:
      return false
  }
}

function changed({ host, home }: Settings, told: { readonly change: Change; readonly told: string }): void {
  home(told.told)
  host.emit('edge-mfa-changed', { change: told.change })
}
