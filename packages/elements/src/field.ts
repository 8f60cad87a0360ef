import { h } from './dom.ts'

/** A text field with its label, its hint and the place where an error about it is said. */
export type Field = {
  readonly input: HTMLInputElement
  readonly nodes: readonly Node[]
  /** Says an error (an empty text takes it back) and marks the field when it is the field's own. */
  readonly complain: (text: string, isOwn?: boolean) => void
}

let made = 0

/** Makes a field. `attributes` are those of the input, beside what ties label, hint and error to it. */
export function field(options: {
  readonly label: string
  readonly hint: string
  readonly attributes: Readonly<Record<string, string | boolean>>
}): Field {
  made += 1
  const id = `field-${made}`
  const described = `${id}-hint ${id}-error`
  const input = h('input', { id, class: 'input', type: 'text', 'aria-describedby': described, ...options.attributes })
  const error = h('p', { id: `${id}-error`, role: 'alert', class: 'alert' })
  const complain = (text: string, isOwn = text !== '') => {
    error.textContent = text
    input.setAttribute('aria-invalid', String(isOwn))
  }
  const label = h('label', { for: id, part: 'label' }, options.label)
  const hint = h('p', { id: `${id}-hint`, class: 'hint' }, options.hint)
  return { input, nodes: [label, input, hint, error], complain }
}
