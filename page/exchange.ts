import { h } from '../packages/elements/src/dom.ts'
import { maskAuthorization, maskJson } from './mask.ts'

const LONGEST_LOG = 50

/** A `fetch` that also writes each request and its answer into a list, newest first. */
export function watchedFetch(log: HTMLElement): typeof fetch {
  return async function watchedFetch(input, init) {
    const request = new Request(input, init)
    const sent = { at: performance.now(), text: await describeRequest(request.clone()) }
    const { method } = request
    const { pathname, search } = new URL(request.url)
    try {
      const response = await fetch(request)
      const took = Math.round(performance.now() - sent.at)
      const text = `${sent.text}\n\n${await describeResponse(response.clone())}`
      const mark = h('span', { class: response.ok ? 'good' : 'bad' }, String(response.status))
      write(log, { title: `${method} ${pathname}${search}`, mark, note: `${took} ms`, text })
      return response
    } catch (error) {
      const mark = h('span', { class: 'bad' }, 'no answer')
      write(log, { title: `${method} ${pathname}${search}`, mark, note: '', text: `${sent.text}\n\n${error}` })
      throw error
    }
  }
}

/** Writes an event of an element into the list. */
export function writeEvent(log: HTMLElement, event: { readonly name: string; readonly text: string }): void {
  write(log, { title: event.name, mark: h('span', { class: 'muted' }, 'event'), note: '', text: event.text })
}

function write(
  log: HTMLElement,
  entry: { readonly title: string; readonly mark: Node; readonly note: string; readonly text: string },
): void {
  const { title, mark, note, text } = entry
  const summary = h(
    'summary',
    {},
    h('span', {}, title),
    mark,
    note === '' ? undefined : h('span', { class: 'muted' }, note),
  )
  const open = note !== ''
  // The newest exchange stands open, in place of the one before.
  if (open) for (const shown of log.querySelectorAll('details')) shown.open = false
  log.prepend(h('li', {}, h('details', { open }, summary, h('pre', { tabindex: '0' }, text))))
  while (log.childElementCount > LONGEST_LOG) log.lastElementChild?.remove()
}

async function describeRequest(request: Request): Promise<string> {
  const { pathname, search } = new URL(request.url)
  const headers = [...request.headers].map(([name, value]) => line(name, value))
  const body = await request.text()
  return [`${request.method} ${pathname}${search}`, ...headers, ...(body === '' ? [] : ['', maskJson(body)])].join('\n')
}

async function describeResponse(response: Response): Promise<string> {
  const headers = [...response.headers].map(([name, value]) => line(name, value))
  const body = await response.text()
  const status = `${response.status} ${response.statusText}`.trim()
  return [status, ...headers, ...(body === '' ? [] : ['', maskJson(body)])].join('\n')
}

function line(name: string, value: string): string {
  return `${name}: ${name === 'authorization' ? maskAuthorization(value) : value}`
}
