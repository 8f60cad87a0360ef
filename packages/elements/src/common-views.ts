import { countDown } from './countdown.ts'
import { actions, alertBox, button, fill, h, heading, statusBox } from './dom.ts'
import { duration, faultText } from './fault-text.ts'
import type { Host, View } from './host.ts'
import type { Messages } from './messages.ts'
import { type Fault, retryAfterOf } from './service.ts'

/** While an answer is awaited that decides what to show. */
export function loadingView(host: Host): View {
  return () => [statusBox(host.texts.loading)]
}

/** A failure that only trying again can cure, after the wait that the service asked for. */
export function faultView(
  host: Host,
  options: { readonly title: keyof Messages; readonly fault: Fault; readonly again: () => void },
): View {
  return () => {
    const { texts } = host
    const { fault } = options
    const wait = h('p', { class: 'status', role: 'timer' })
    const retry = button(texts.retry, () => retry.ariaDisabled === 'true' || options.again(), 'primary')
    const seconds = retryAfterOf(fault)
    if (seconds !== undefined) {
      retry.ariaDisabled = 'true'
      countDown(seconds, {
        signal: host.viewLife,
        show: (left) => {
          wait.textContent = fill(texts.waitCode, { time: duration(texts, left) })
        },
        end: () => {
          wait.textContent = ''
          retry.ariaDisabled = 'false'
        },
      })
    }
    return [heading(texts[options.title]), alertBox(faultText(texts, fault)), wait, actions(retry)]
  }
}
