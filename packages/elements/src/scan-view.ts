import type { PendingEnrollment } from '../../client/src/client.ts'
import { codeForm } from './code-form.ts'
import { copyButton } from './copy.ts'
import { h, heading } from './dom.ts'
import type { Host, View } from './host.ts'
import type { Outcome } from './service.ts'

type Scan = {
  readonly setup: PendingEnrollment
  /** When the secret ends, by `performance.now()`. */
  readonly deadline: number
  /** Sends the first code. */
  readonly verify: (code: string) => Promise<Outcome<unknown> | undefined>
  /** There is no pending secret any more. */
  readonly expired: () => void
  readonly cancel: () => void
}

const GROUP = /.{4}(?=.)/g

/** The new secret as a picture, a link and a key, and the field for its first code. */
export function scanView(host: Host, options: Scan): View {
  return () => {
    const { texts } = host
    const { setup, deadline, expired } = options
    const timer = setTimeout(expired, deadline - performance.now())
    host.viewLife.addEventListener('abort', () => clearTimeout(timer), { once: true })
    const form = codeForm(host, {
      submit: texts.codeSubmit,
      takesBackupCodes: false,
      send: (proof) => options.verify('code' in proof ? proof.code : ''),
      handle: (fault) => {
        if (fault.name !== 'no-pending-enrollment') return false
        expired()
        return true
      },
      cancel: options.cancel,
    })
    return [
      heading(texts.scanTitle),
      linkForPhones(host, setup),
      h('ol', { class: 'steps' }, h('li', {}, ...picture(host, setup)), h('li', {}, ...code(host, form))),
    ]
  }
}

/** Comes first where the screen is likely that of the phone with the app. */
function linkForPhones({ texts }: Host, { otpauth_uri }: PendingEnrollment): HTMLElement {
  const link = h('a', { class: 'button primary', href: otpauth_uri }, texts.scanOpen)
  return h('div', { class: 'device' }, h('p', {}, texts.scanPhone), link)
}

function picture(host: Host, { qr_code, secret }: PendingEnrollment): readonly Node[] {
  const { texts } = host
  const copy = copyButton(host, { label: texts.keyCopy, text: secret })
  const key = h('code', { part: 'key', dir: 'ltr' }, secret.replaceAll(GROUP, '$& '))
  return [
    h('p', {}, texts.scanStep),
    h('span', { class: 'qr' }, h('img', { src: qr_code, alt: texts.scanAlt, part: 'qr-image' })),
    h('p', { class: 'muted', id: 'manual' }, texts.scanManual),
    h('div', { class: 'key-row', role: 'group', 'aria-label': texts.keyLabel }, key, copy.button),
    copy.status,
  ]
}

function code({ texts }: Host, form: HTMLFormElement): readonly Node[] {
  return [h('p', {}, texts.scanCode), form]
}
