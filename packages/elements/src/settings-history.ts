import type { Event as MfaEvent } from '../../client/src/client.ts'
import { alertBox, button, fill, h } from './dom.ts'
import { faultText } from './fault-text.ts'
import type { Host } from './host.ts'
import type { Messages } from './messages.ts'

/** What happened, newest first; it is asked for only when somebody opens it. */
export function history(host: Host): HTMLElement {
  const { texts } = host
  const list = h('ul', { class: 'rows', part: 'events' })
  const error = alertBox('')
  const more = button(texts.eventsMore, () => void load(), 'link')
  const state: { cursor: string | null; isLoading: boolean } = { cursor: null, isLoading: false }
  const load = async () => {
    if (state.isLoading) return
    state.isLoading = true
    const { cursor } = state
    const outcome = await host.ask('events', (client, call) =>
      client.events({ ...(cursor !== null && { cursor }) }, call),
    )
    state.isLoading = false
    if (outcome === undefined) return
    error.textContent = outcome.ok ? '' : faultText(texts, outcome.problem)
    if (!outcome.ok) return
    state.cursor = outcome.value.next_cursor
    more.hidden = state.cursor === null
    list.append(...outcome.value.events.map((event) => row(host, event)))
    if (list.childElementCount === 0) list.append(h('li', { class: 'muted' }, texts.eventsNone))
  }
  more.hidden = true
  const details = h('details', { part: 'history' }, h('summary', {}, texts.events), list, error, more)
  details.addEventListener('toggle', () => {
    if (details.open && list.childElementCount === 0) void load()
  })
  return details
}

function row({ texts, language }: Host, event: MfaEvent): HTMLElement {
  const when = new Date(event.at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })
  const by = event.by === 'administrator' ? [texts.byAdministrator] : []
  const from = event.country === null ? [] : [fill(texts.fromCountry, { country: country(language, event.country) })]
  const text = [when, ...from, ...by].join(', ')
  return h('li', {}, h('div', {}, h('strong', {}, eventName(texts, event.type)), h('span', { class: 'muted' }, text)))
}

/** A type that this version does not know is shown by its own name. */
function eventName(texts: Messages, type: string): string {
  return Object.entries(texts).find(([name]) => name === type)?.[1] ?? type
}

/** The name of a country, or what the edge said where that is no country (`T1`, `XX`). */
function country(language: string, code: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}
