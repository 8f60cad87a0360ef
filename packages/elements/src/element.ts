import { createMfaClient, type MfaClient, type RequestOptions, type Result } from '../../client/src/client.ts'
import { h } from './dom.ts'
import type { EdgeMfaEvents, EdgeMfaProblem } from './events.ts'
import type { Host, View } from './host.ts'
import { type Messages, messagesFor, suppliedLanguage } from './messages.ts'
import { type Fault, type Outcome, outcomeOf, requestIdOf, retryAfterOf } from './service.ts'
import { printSheet, sheet } from './styles.ts'

/** Gives the access token of the signed-in person; it is called for every request and its answer is kept nowhere. */
export type TokenSource = () => string | Promise<string>

const CODES_MARK = 'data-edge-mfa-codes'
/** Elements with backup codes on them. */
const showing = new Set<HTMLElement>()
/** Outside a browser, for example while a server renders a page, the module loads and no element can be made. */
const Base: typeof HTMLElement = Object(globalThis).HTMLElement ?? class {}

/** What the three elements have in common: their properties, their life and how a view comes on the screen. */
export abstract class EdgeMfaElement extends Base {
  static readonly observedAttributes: readonly string[] = ['api', 'lang']

  readonly #root = this.attachShadow({ mode: 'open' })
  #token: TokenSource | undefined
  #fetch: typeof fetch = (input, init) => fetch(input, init)
  #messages: Partial<Messages> = {}
  #life: AbortController | undefined
  #viewLife = new AbortController()
  #view: View | undefined
  #asking = 0
  /** Whether the person has done something here: before that, no view takes the focus away from elsewhere. */
  #isInUse = false

  /** Shows the first view. */
  protected abstract start(host: Host): void

  constructor() {
    super()
    this.#root.adoptedStyleSheets = [sheet()]
    const use = () => {
      this.#isInUse = true
    }
    for (const name of ['click', 'submit']) this.#root.addEventListener(name, use)
  }

  /** The address of the service. Default: the origin that this script came from. */
  get api(): string {
    return this.getAttribute('api') ?? new URL(import.meta.url).origin
  }
  set api(address: string) {
    this.setAttribute('api', address)
  }

  /** Where access tokens come from. Nothing is asked before it is set. */
  get token(): TokenSource | undefined {
    return this.#token
  }
  set token(source: TokenSource | undefined) {
    const isFirst = this.#token === undefined
    this.#token = source
    if (isFirst) this.reload()
  }

  /** Texts in place of the supplied ones; those that are missing stay. */
  get messages(): Partial<Messages> {
    return this.#messages
  }
  set messages(own: Partial<Messages>) {
    this.#messages = own
    this.#translate()
  }

  /** What sends the requests, in place of the browser's own `fetch`: to watch them, or to test. */
  get fetch(): typeof fetch {
    return this.#fetch
  }
  set fetch(send: typeof fetch) {
    this.#fetch = send
  }

  /** Starts over, for example after a sign-in: the request under way is dropped, and what was shown goes. */
  reload(): void {
    this.#end()
    this.#isInUse = false
    if (!this.isConnected || this.#token === undefined) return
    this.#life = new AbortController()
    this.start(this.#host(this.#life.signal))
  }

  /** Focuses the field of the view, or its first button. */
  override focus(options?: FocusOptions): void {
    this.#root.querySelector<HTMLElement>('input, button, a')?.focus(options)
  }

  connectedCallback(): void {
    for (const name of ['fetch', 'messages', 'token']) this.#takeEarly(name)
    if (this.#life === undefined) this.reload()
  }

  /** An element that is only moved within the page is connected again at once, and keeps what it shows. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#end()
    })
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || this.#life === undefined) return
    if (name === 'api') this.reload()
    else this.#translate()
  }

  /** A property that was set before the script had come hides the one of the class: set it again. */
  #takeEarly(name: string): void {
    if (!Object.hasOwn(this, name)) return
    const value: unknown = Reflect.get(this, name)
    Reflect.deleteProperty(this, name)
    Reflect.set(this, name, value)
  }

  get #language(): string {
    return this.closest('[lang]')?.getAttribute('lang') || document.documentElement.lang || 'en'
  }

  #host(life: AbortSignal): Host {
    const texts = () => messagesFor(this.#language, this.#messages)
    const language = () => suppliedLanguage(this.#language)
    const viewLife = () => this.#viewLife.signal
    return {
      get texts() {
        return texts()
      },
      get language() {
        return language()
      },
      get viewLife() {
        return viewLife()
      },
      life,
      show: (view) => this.#show(view),
      ask: (operation, call) => this.#ask(operation, { call, life }),
      emit: (name, detail) => this.#emit(name, detail),
      showsCodes: (shows) => this.#showsCodes(shows),
    }
  }

  #show(view: View): void {
    this.#view = view
    this.#render()
    if (this.#isInUse) this.#root.querySelector<HTMLElement>('h2')?.focus()
    else if (this.autofocus) this.focus()
  }

  /** Builds the view again, with other texts; not while it waits for an answer, which would be lost on it. */
  #translate(): void {
    if (this.#asking === 0) this.#render()
  }

  #render(): void {
    if (this.#view === undefined) return
    this.#viewLife.abort()
    this.#viewLife = new AbortController()
    const lang = suppliedLanguage(this.#language)
    this.#root.replaceChildren(h('div', { class: 'view', lang }, ...this.#view()))
  }

  #end(): void {
    this.#life?.abort()
    this.#life = undefined
    this.#viewLife.abort()
    this.#view = undefined
    this.#asking = 0
    this.#showsCodes(false)
    this.#root.replaceChildren()
  }

  async #ask<Value>(
    operation: string,
    options: {
      readonly call: (client: MfaClient, options: RequestOptions) => Promise<Result<Value>>
      readonly life: AbortSignal
    },
  ): Promise<Outcome<Value> | undefined> {
    const { call, life } = options
    this.#asking += 1
    const client = createMfaClient({ url: this.api, fetch: this.#fetch, token: () => this.#token?.() ?? '' })
    const outcome = await outcomeOf((options) => call(client, options), life)
    if (outcome === undefined || life.aborted) return undefined
    this.#asking -= 1
    if (!outcome.ok) this.#emit('edge-mfa-problem', { operation, ...told(outcome.problem) })
    return outcome
  }

  #emit<Name extends keyof EdgeMfaEvents>(name: Name, detail: EdgeMfaEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  #showsCodes(shows: boolean): void {
    this.toggleAttribute(CODES_MARK, shows)
    if (shows) showing.add(this)
    else showing.delete(this)
    const others = document.adoptedStyleSheets.filter((each) => each !== printSheet())
    document.adoptedStyleSheets = showing.size > 0 ? [...others, printSheet()] : others
  }
}

/** What a page may know of a failure: neither the answer nor anything of the request. */
function told(fault: Fault): Pick<EdgeMfaProblem, 'name' | 'requestId' | 'retryAfter'> {
  return { name: fault.name, retryAfter: retryAfterOf(fault), requestId: requestIdOf(fault) }
}
