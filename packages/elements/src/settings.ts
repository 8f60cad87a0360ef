import { faultView, loadingView } from './common-views.ts'
import { EdgeMfaElement } from './element.ts'
import type { Host } from './host.ts'
import type { Settings } from './settings-context.ts'
import { overview } from './settings-overview.ts'

/** `<edge-mfa-settings>`: the state of MFA, its authenticators, backup codes and history, and how to change them. */
export class EdgeMfaSettings extends EdgeMfaElement {
  protected override start(host: Host): void {
    const settings: Settings = { host, home: (told) => home(settings, told) }
    home(settings)
  }
}

/** Reads everything afresh. */
function home(settings: Settings, told?: string): void {
  const { host } = settings
  host.show(loadingView(host))
  void load(settings, told)
}

async function load(settings: Settings, told?: string): Promise<void> {
  const { host } = settings
  const status = await host.ask('status', (client, call) => client.status(call))
  if (status === undefined) return
  const again = () => home(settings)
  if (!status.ok) return host.show(faultView(host, { title: 'settingsTitle', fault: status.problem, again }))
  host.show(overview(settings, { status: status.value, told }))
}
