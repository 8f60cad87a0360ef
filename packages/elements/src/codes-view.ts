import { copyButton } from './copy.ts'
import { actions, alertBox, button, fill, h, heading } from './dom.ts'
import type { Host, View } from './host.ts'

/** Backup codes, shown once: to copy, to download, to print, and to say that they are saved before going on. */
export function codesView(
  host: Host,
  options: { readonly codes: readonly string[]; readonly finished: () => void },
): View {
  return () => {
    const { texts } = host
    guardLeaving(host)
    const saved = h('input', { type: 'checkbox', part: 'checkbox' })
    const error = alertBox('')
    const goOn = () => {
      if (saved.checked) return options.finished()
      error.textContent = texts.codesUnsaved
      saved.focus()
    }
    saved.addEventListener('change', () => {
      error.textContent = ''
    })
    const copy = copyButton(host, { label: texts.copy, text: options.codes.join('\n') })
    return [
      heading(texts.codesTitle),
      h('p', {}, texts.codesText),
      h('ul', { class: 'codes', dir: 'ltr' }, ...options.codes.map((code) => h('li', {}, code))),
      actions(
        copy.button,
        button(texts.codesDownload, () => download(host, options.codes)),
        button(texts.codesPrint, () => print()),
      ),
      copy.status,
      h('label', { class: 'check' }, saved, texts.codesSaved),
      error,
      actions(button(texts.next, goOn, 'primary')),
    ]
  }
}

/** Asks before the page is left, and lets paper have the codes alone, until the view goes. */
function guardLeaving(host: Host): void {
  const signal = host.viewLife
  addEventListener('beforeunload', (event) => event.preventDefault(), { signal })
  host.showsCodes(true)
  signal.addEventListener('abort', () => host.showsCodes(false), { once: true })
}

/** The file never exists anywhere but in the memory of this page and where the person puts it. */
function download({ texts }: Host, codes: readonly string[]): void {
  const title = fill(texts.codesFileTitle, { site: location.hostname })
  const file = new Blob([`${title}\r\n\r\n${codes.join('\r\n')}\r\n`], { type: 'text/plain;charset=utf-8' })
  const href = URL.createObjectURL(file)
  h('a', { href, download: texts.codesFile }).click()
  // The browser has begun to read it by then; without this the codes would stay in memory with the page.
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
