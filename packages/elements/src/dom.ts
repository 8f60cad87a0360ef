type Value = string | boolean | undefined | ((event: Event) => void)
type Child = Node | string | undefined

/**
 * Makes an element. A function is a listener of the event that its name says (`onclick`), `true` an empty attribute,
 * `false` and `undefined` none; a class is a part of the same name, too. Texts go in as text, never as HTML.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value)
    if (name === 'class') element.setAttribute('part', String(value))
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** A button that does something; the first one of a view is `primary`. */
export function button(
  text: string,
  onclick: () => void,
  kind: 'primary' | 'secondary' | 'danger' | 'link' = 'secondary',
): HTMLButtonElement {
  return h('button', { type: 'button', class: `button ${kind}`, onclick }, text)
}

/** The heading of a view, which takes the focus when the view comes. */
export function heading(text: string): HTMLHeadingElement {
  return h('h2', { tabindex: '-1', class: 'heading' }, text)
}

/** A row of buttons. */
export function actions(...buttons: readonly (Node | undefined)[]): HTMLElement {
  return h('div', { class: 'actions' }, ...buttons)
}

/** A message that interrupts, because something went wrong. */
export function alertBox(text: string): HTMLElement {
  return h('p', { role: 'alert', class: 'alert' }, text)
}

/** A message that waits its turn. */
export function statusBox(text: string): HTMLElement {
  return h('p', { role: 'status', class: 'status' }, text)
}

/** `text` with its `{name}`s filled in. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
