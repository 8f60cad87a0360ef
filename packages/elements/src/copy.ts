import { button, statusBox } from './dom.ts'
import type { Host } from './host.ts'

/** A button that copies a text, and the place where it says whether it did. */
export function copyButton(host: Host, options: { readonly label: string; readonly text: string }) {
  const { texts } = host
  const status = statusBox('')
  const copy = async () => {
    // Without a secure context there is no clipboard at all.
    const copied = await Promise.resolve(options.text)
      .then((text) => navigator.clipboard.writeText(text))
      .then(() => true)
      .catch(() => false)
    status.textContent = copied ? texts.copied : texts.copyFailed
  }
  return { button: button(options.label, () => void copy()), status }
}
