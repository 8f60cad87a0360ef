import { h } from './dom.ts'
import './edge-mfa.ts'
import type { TokenSource } from './element.ts'
import { type Messages, messagesFor } from './messages.ts'

/** Where the service is, and who is challenged. */
export type ChallengeDialogOptions = {
  /** The address of the service, such as `https://mfa.example.com`. */
  readonly api: string
  /** The access token of the signed-in user. */
  readonly token: TokenSource
  /** Texts in place of the supplied ones. */
  readonly messages?: Partial<Messages>
}

/** The look of the dialog around the element; the class `edge-mfa-dialog` lets a page change it. */
const LOOK = { background: 'Canvas', color: 'CanvasText', border: '1px solid', borderRadius: '1rem', padding: '1rem' }

/**
 * A callback that shows `<edge-mfa-challenge>` in a modal dialog. It resolves to the step-up token, and to undefined when
 * the user cancels. Made for `withStepUp` of `@edge-mfa/client`.
 */
export function challengeDialog(options: ChallengeDialogOptions): () => Promise<string | undefined> {
  return () =>
    new Promise((resolve) => {
      const { element, dialog } = build(options)
      element.addEventListener('edge-mfa-verified', ({ detail }) => {
        resolve(detail.token)
        dialog.close()
      })
      // Escape and the button close the dialog, too; then no token has come before.
      dialog.addEventListener('close', () => {
        resolve(undefined)
        dialog.remove()
      })
      document.body.append(dialog)
      dialog.showModal()
      element.focus()
    })
}

function build({ api, token, messages = {} }: ChallengeDialogOptions) {
  const texts = messagesFor(document.documentElement.lang, messages)
  const element = Object.assign(document.createElement('edge-mfa-challenge'), { api, token, messages })
  const cancel = h('form', { method: 'dialog' }, h('button', {}, texts.cancel))
  const dialog = h('dialog', { class: 'edge-mfa-dialog', 'aria-label': texts.challengeTitle }, element, cancel)
  Object.assign(dialog.style, LOOK)
  return { element, dialog }
}
