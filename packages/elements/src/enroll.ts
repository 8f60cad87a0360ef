import { faultView, loadingView } from './common-views.ts'
import { actions, alertBox, button, h, heading } from './dom.ts'
import { EdgeMfaElement } from './element.ts'
import { enroll } from './enrollment.ts'
import { faultText } from './fault-text.ts'
import type { Host, View } from './host.ts'
import { renewal } from './proof-view.ts'
import { type Fault, retryAfterOf } from './service.ts'

/** `<edge-mfa-enroll>`: turns MFA on, from the first explanation to the saved backup codes. */
export class EdgeMfaEnroll extends EdgeMfaElement {
  protected override start(host: Host): void {
    host.show(loadingView(host))
    void begin(host)
  }
}

/** @param told what the person has to know about why it begins again */
async function begin(host: Host, told?: string): Promise<void> {
  const outcome = await host.ask('status', (client, call) => client.status(call))
  if (outcome === undefined) return
  if (!outcome.ok) {
    const again = () => restart(host)
    return host.show(faultView(host, { title: 'enrollTitle', fault: outcome.problem, again }))
  }
  host.show(outcome.value.enabled ? onView(host) : introView(host, told))
}

function restart(host: Host, told?: string): void {
  host.show(loadingView(host))
  void begin(host, told)
}

function introView(host: Host, told?: string): View {
  return () => {
    const { texts } = host
    const error = alertBox(told ?? '')
    const start = button(
      texts.enrollStart,
      () => start.ariaDisabled !== 'true' && void setUp(host, { start, error }),
      'primary',
    )
    return [heading(texts.enrollTitle), error, h('p', {}, texts.enrollIntro), actions(start)]
  }
}

async function setUp(host: Host, view: { readonly start: HTMLElement; readonly error: HTMLElement }): Promise<void> {
  view.start.ariaDisabled = 'true'
  view.error.textContent = ''
  const outcome = await host.ask('setup', (client, call) => client.setup({}, call))
  if (outcome === undefined) return
  if (outcome.ok) {
    const expired = () => restart(host, host.texts.expired)
    const finished = () => finish(host)
    return enroll(host, { setup: outcome.value, finished, expired, cancelled: () => restart(host) })
  }
  // Somebody has turned it on meanwhile, perhaps in another window.
  if (outcome.problem.name === 'proof-required') return restart(host)
  refused(host, { ...view, fault: outcome.problem })
}

function refused(
  host: Host,
  view: { readonly start: HTMLElement; readonly error: HTMLElement; readonly fault: Fault },
): void {
  const { fault } = view
  if (retryAfterOf(fault) !== undefined) {
    host.show(faultView(host, { title: 'enrollTitle', fault, again: () => restart(host) }))
  } else {
    view.start.ariaDisabled = 'false'
    view.error.textContent = faultText(host.texts, fault)
  }
}

function finish(host: Host): void {
  host.show(() => [heading(host.texts.doneTitle), h('p', {}, host.texts.doneText)])
  host.emit('edge-mfa-enrolled', {})
}

/** It is on already: all that may be missing are the backup codes of an enrollment whose end was not seen. */
function onView(host: Host): View {
  return () => {
    const { texts } = host
    const renew = button(texts.regenerate, () =>
      host.show(renewal(host, { finished: () => finish(host), cancel: () => host.show(onView(host)) })),
    )
    return [
      heading(texts.enrollOn),
      h('p', {}, texts.enrollOnText),
      h('p', { class: 'muted' }, texts.enrollOnLost),
      actions(renew),
    ]
  }
}
