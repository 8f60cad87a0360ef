import { h } from '../packages/elements/src/dom.ts'

/** A panel and the text of its tab. */
export type Tab = {
  readonly name: string
  readonly label: string
  readonly panel: HTMLElement
  /** Called whenever the tab is selected, but not for the one that is there first. */
  readonly selected?: () => void
}

/** Tabs by the pattern of the ARIA practices: arrows, Home and End move, and moving selects. */
export function tabs(label: string, all: readonly Tab[]): readonly HTMLElement[] {
  const buttons = all.map(({ name, label }) =>
    h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}` }, label),
  )
  const panels = all.map(({ name, panel }) =>
    h('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}` }, panel),
  )
  const select = (index: number) => {
    for (const [at, button] of buttons.entries()) {
      button.ariaSelected = String(at === index)
      button.tabIndex = at === index ? 0 : -1
    }
    for (const [at, panel] of panels.entries()) panel.hidden = at !== index
  }
  const choose = (index: number) => {
    select(index)
    all[index]?.selected?.()
  }
  for (const [index, button] of buttons.entries()) {
    button.addEventListener('click', () => choose(index))
    button.addEventListener('keydown', (event) => {
      const next = target(event.key, { index, count: buttons.length })
      if (next === undefined) return
      event.preventDefault()
      choose(next)
      buttons[next]?.focus()
    })
  }
  select(0)
  return [h('div', { role: 'tablist', 'aria-label': label }, ...buttons), ...panels]
}

function target(key: string, at: { readonly index: number; readonly count: number }): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at.index + 1) % at.count
    case 'ArrowLeft':
      return (at.index + at.count - 1) % at.count
    case 'Home':
      return 0
    case 'End':
      return at.count - 1
    default:
      return undefined
  }
}
