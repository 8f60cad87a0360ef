import type { Proof } from '../../client/src/client.ts'
import { countDown } from './countdown.ts'
import { actions, button, fill, h } from './dom.ts'
import { duration, faultText } from './fault-text.ts'
import { type Field, field } from './field.ts'
import type { Host } from './host.ts'
import { type Fault, type Outcome, retryAfterOf } from './service.ts'

type Kind = 'code' | 'backup_code'

/** What a form for a code does. */
export type CodeForm = {
  /** The text of the button. */
  readonly submit: string
  /** Whether the look of the button says that something is lost. */
  readonly isDangerous?: boolean
  /** Whether a backup code may be given instead. */
  readonly takesBackupCodes: boolean
  /** Sends what was typed; `undefined` says that the element has gone meanwhile. */
  readonly send: (proof: Proof) => Promise<Outcome<unknown> | undefined>
  /** Takes over a failure that the form has no cure for, and says whether it did. */
  readonly handle?: (fault: Fault) => boolean
  /** Goes back without a code; without it there is no such button. */
  readonly cancel?: () => void
}

/** A form for a code from the app, or for a backup code: it waits, counts down, and says what was wrong. */
export function codeForm(host: Host, options: CodeForm): HTMLFormElement {
  return formFor('code', { host, options })
}

/** `other` is the form for the other kind, once there is one: it goes on counting while it is away. */
function formFor(
  kind: Kind,
  given: { readonly host: Host; readonly options: CodeForm; readonly other?: HTMLFormElement },
): HTMLFormElement {
  const { host, options } = given
  const { texts } = host
  const typed = kind === 'code' ? totpField(host) : backupField(host)
  const wait = h('p', { class: 'status', role: 'timer' })
  const status = h('p', { class: 'status', role: 'status' })
  const look = options.isDangerous ? 'danger' : 'primary'
  const submit = h('button', { class: `button ${look}` }, options.submit)
  const state = { isBusy: false, isWaiting: false }
  const cancel = options.cancel && button(texts.cancel, () => state.isBusy || options.cancel?.())
  const turn = kind === 'code' ? 'backup_code' : 'code'
  const swap = () => {
    if (state.isBusy) return
    typed.input.value = ''
    const other = given.other ?? formFor(turn, { host, options, other: form })
    form.replaceWith(other)
    other.querySelector('input')?.focus()
  }
  const change = button(turn === 'code' ? texts.useCode : texts.useBackup, swap, 'link')
  const form = h('form', { novalidate: true, part: 'form' }, ...typed.nodes, wait, status, actions(submit, cancel))
  if (options.takesBackupCodes) form.append(h('p', { class: 'actions' }, change))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!state.isBusy && !state.isWaiting) void attempt({ host, options, kind, typed, wait, status, submit, state })
  })
  return form
}

type Attempt = {
  readonly host: Host
  readonly options: CodeForm
  readonly kind: Kind
  readonly typed: Field
  readonly wait: HTMLElement
  readonly status: HTMLElement
  readonly submit: HTMLButtonElement
  readonly state: { isBusy: boolean; isWaiting: boolean }
}

async function attempt(form: Attempt): Promise<void> {
  const { host, options, typed, submit, state, status } = form
  const proof = readProof(form.kind, typed.input.value)
  status.textContent = ''
  if (proof === undefined) return complain(form, malformed(form))
  typed.complain('')
  state.isBusy = true
  press(submit, { isOff: true, text: host.texts.codeBusy })
  const outcome = await options.send(proof)
  state.isBusy = false
  if (outcome === undefined) return
  press(submit, { isOff: false, text: options.submit })
  if (outcome.ok) typed.input.value = ''
  else if (options.handle?.(outcome.problem) !== true) refuse(form, outcome.problem)
}

function refuse(form: Attempt, fault: Fault): void {
  const { host, typed, kind } = form
  if (fault.name === 'invalid-code' || fault.name === 'invalid-request') {
    const isBackup = kind === 'backup_code' && fault.name === 'invalid-code'
    const isMalformed = fault.name === 'invalid-request'
    complain(form, isMalformed ? malformed(form) : isBackup ? host.texts.wrongBackup : faultText(host.texts, fault))
    return
  }
  typed.complain(faultText(host.texts, fault), false)
  const seconds = retryAfterOf(fault)
  if (seconds !== undefined) waitFor(form, seconds)
}

/** Counts down where everyone sees it; those who hear are told at the beginning and at the end. */
function waitFor(form: Attempt, seconds: number): void {
  const { host, wait, status, submit, state, options, typed } = form
  const { texts } = host
  const offer = options.takesBackupCodes && form.kind === 'code' ? ` ${texts.waitBackup}` : ''
  state.isWaiting = true
  press(submit, { isOff: true, text: options.submit })
  countDown(seconds, {
    signal: host.viewLife,
    show: (left) => {
      wait.textContent = fill(texts.waitCode, { time: duration(texts, left) }) + offer
    },
    end: () => {
      state.isWaiting = false
      wait.textContent = ''
      typed.complain('')
      status.textContent = texts.waitOver
      press(submit, { isOff: false, text: options.submit })
    },
  })
}

/** `aria-disabled` and not `disabled`: the button keeps the focus of whoever has pressed it. */
function press(button: HTMLButtonElement, state: { readonly isOff: boolean; readonly text: string }): void {
  button.setAttribute('aria-disabled', String(state.isOff))
  button.textContent = state.text
}

function complain({ typed }: Attempt, text: string): void {
  typed.complain(text)
  typed.input.focus()
  typed.input.select()
}

function malformed({ host, kind }: Attempt): string {
  return kind === 'code' ? host.texts.codeMalformed : host.texts.backupMalformed
}

/** What the service would take; spaces and hyphens do not matter, and neither does what a paste brings along. */
function readProof(kind: Kind, text: string): Proof | undefined {
  const symbols = text.replaceAll(/[\s\p{Pd}\p{Cf}]/gu, '')
  if (kind === 'code') return /^[0-9]{6}$/.test(symbols) ? { code: symbols } : undefined
  return /^[0-9a-z]{24}$/i.test(symbols) ? { backup_code: symbols } : undefined
}

function totpField({ texts }: Host): Field {
  const attributes = {
    class: 'input code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    name: 'code',
    dir: 'ltr',
  }
  return field({ label: texts.codeLabel, hint: texts.codeHint, attributes: { ...attributes, ...PLAIN } })
}

function backupField({ texts }: Host): Field {
  const attributes = { class: 'input code backup', autocomplete: 'off', name: 'backup_code', dir: 'ltr' }
  return field({ label: texts.backupLabel, hint: texts.backupHint, attributes: { ...attributes, ...PLAIN } })
}

const PLAIN = { required: true, spellcheck: 'false', autocapitalize: 'off' }
