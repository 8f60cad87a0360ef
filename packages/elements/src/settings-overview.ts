import type { Authenticator, Status } from '../../client/src/client.ts'
import { actions, button, fill, h, heading, statusBox } from './dom.ts'
import type { Host, View } from './host.ts'
import { add, disable, regenerate, remove, rename } from './settings-changes.ts'
import type { Settings } from './settings-context.ts'
import { history } from './settings-history.ts'

/** Everything at a glance, with a button for each change. */
export function overview(
  settings: Settings,
  given: { readonly status: Status; readonly told: string | undefined },
): View {
  const { host } = settings
  return () => {
    const { texts } = host
    const { status, told } = given
    const say = statusBox(told ?? '')
    return [heading(texts.settingsTitle), say, ...(status.enabled ? whenOn(settings, status) : whenOff(settings))]
  }
}

function whenOff(settings: Settings): readonly Node[] {
  const { texts } = settings.host
  return [
    h('p', { class: 'badge', part: 'state' }, texts.stateOff),
    h('p', {}, texts.stateOffText),
    actions(button(texts.enrollStart, () => add(settings, { isFirst: true }), 'primary')),
    history(settings.host),
  ]
}

function whenOn(settings: Settings, status: Status): readonly Node[] {
  const { host } = settings
  const { texts } = host
  const { total, remaining } = status.backup_codes
  const rows = status.authenticators.map((each) => authenticatorRow(settings, each))
  return [
    h('p', { class: 'badge', part: 'state' }, fill(texts.stateOn, { date: date(host, status.enabled_at) })),
    h('h3', { part: 'subheading' }, texts.authenticators),
    h('ul', { class: 'rows', part: 'authenticators' }, ...rows),
    actions(button(texts.addAuthenticator, () => add(settings, { isFirst: false }))),
    h('h3', { part: 'subheading' }, texts.backupCodes),
    h('p', {}, fill(texts.backupCount, { remaining, total })),
    actions(button(texts.regenerate, () => regenerate(settings))),
    history(host),
    actions(button(texts.disable, () => disable(settings), 'danger')),
  ]
}

function authenticatorRow(settings: Settings, each: Authenticator): HTMLElement {
  const { host } = settings
  const { texts } = host
  const { name } = each
  const used =
    each.last_used_at === null ? texts.neverUsed : fill(texts.lastUsed, { date: date(host, each.last_used_at) })
  const text = `${fill(texts.added, { date: date(host, each.created_at) })}, ${used}`
  const change = button(texts.rename, () => rename(settings, each))
  const drop = button(texts.remove, () => remove(settings, each))
  for (const small of [change, drop]) small.classList.add('small')
  change.ariaLabel = fill(texts.renameOf, { name })
  drop.ariaLabel = fill(texts.removeOf, { name })
  return h(
    'li',
    { part: 'authenticator' },
    h('div', {}, h('strong', { dir: 'auto' }, name), h('span', { class: 'muted' }, text)),
    actions(change, drop),
  )
}

function date({ language }: Host, moment: string | null): string {
  return moment === null ? '' : new Date(moment).toLocaleDateString(language, { dateStyle: 'medium' })
}
