/**
 * The look of the elements. Colours follow the `color-scheme` of the surrounding page, so that a page that is always
 * light keeps light elements; each can be replaced by a custom property. Logical properties turn with the direction.
 */
const CSS = `
:host {
  --c-accent: var(--edge-mfa-accent, light-dark(#4338ca, #a9aeff));
  --c-on-accent: var(--edge-mfa-on-accent, light-dark(#fff, #14163a));
  --c-text: var(--edge-mfa-text, light-dark(#1a1d29, #e6e8f0));
  --c-muted: var(--edge-mfa-muted, light-dark(#545b70, #a3abbf));
  --c-surface: var(--edge-mfa-surface, light-dark(#fff, #171a24));
  --c-field: var(--edge-mfa-field, light-dark(#fff, #0e1017));
  --c-border: var(--edge-mfa-border, light-dark(#e2e5ee, #2a2f3e));
  --c-control: var(--edge-mfa-control, light-dark(#7c8498, #7d859c));
  --c-danger: var(--edge-mfa-danger, light-dark(#a6162c, #ff9dab));
  --c-danger-soft: var(--edge-mfa-danger-soft, light-dark(#fce6e9, #401620));
  --c-soft: var(--edge-mfa-soft, light-dark(#f1f2f8, #242938));
  --radius: var(--edge-mfa-radius, .625rem);
  display: block;
  container-type: inline-size;
  max-inline-size: 34rem;
  color: var(--c-text);
  font: 400 1rem/1.5 var(--edge-mfa-font, system-ui, sans-serif);
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box }
.view {
  padding: clamp(1rem, 5cqi, 1.75rem);
  background: var(--c-surface);
  border: 1px solid var(--c-border);
  border-radius: calc(var(--radius) * 1.4);
  overflow-wrap: anywhere;
}
h2:focus { outline: none }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.3 }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem }
p { margin: 0 0 1rem }
ol.steps { margin: 0; padding: 0; list-style: none; counter-reset: step }
ol.steps > li { counter-increment: step; position: relative; padding-inline-start: 2.25rem; margin-block-start: 1.25rem }
ol.steps > li::before {
  content: counter(step); position: absolute; inset-inline-start: 0; inset-block-start: 0;
  inline-size: 1.5rem; block-size: 1.5rem; border-radius: 50%; background: var(--c-soft); color: var(--c-text);
  font-size: .8125rem; font-weight: 650; line-height: 1.5rem; text-align: center;
}
.muted { color: var(--c-muted); font-size: .875rem }
.muted:last-child { margin-block-end: 0 }
.actions { display: flex; flex-wrap: wrap; gap: .625rem; margin-block-start: 1.25rem }
.button {
  display: inline-flex; align-items: center; justify-content: center; min-block-size: 2.75rem; padding: .5rem 1.125rem;
  border: 1px solid var(--c-control); border-radius: var(--radius); background: transparent; color: var(--c-text);
  font: inherit; font-weight: 550; line-height: 1.3; text-align: center; text-decoration: none; cursor: pointer;
}
button:hover { background: var(--c-soft) }
.primary { background: var(--c-accent); border-color: var(--c-accent); color: var(--c-on-accent) }
.primary:hover { background: var(--c-accent) }
.danger { border-color: var(--c-danger); color: var(--c-danger) }
.danger:hover { background: var(--c-danger-soft) }
.link, .link:hover {
  min-block-size: 1.75rem; padding: .125rem 0; border: 0; color: var(--c-accent); font-size: .9375rem;
  text-align: start; text-decoration: underline; text-underline-offset: .2em;
}
.link:hover { text-decoration-thickness: 2px }
.small { min-block-size: 2.25rem; padding: .25rem .75rem; font-size: .875rem }
button[aria-disabled=true] { opacity: .6; cursor: default }
:is(button, a, input, summary, pre):focus-visible { outline: 3px solid var(--c-accent); outline-offset: 2px }
label { display: block; margin-block-end: .375rem; font-weight: 600 }
input:not([type=checkbox]) {
  inline-size: 100%; min-block-size: 3rem; padding: .5rem .75rem; border: 1px solid var(--c-control);
  border-radius: var(--radius); background: var(--c-field); color: var(--c-text); font: inherit;
}
input.code { max-inline-size: 15rem; font: 500 1.375rem/1.3 var(--edge-mfa-mono, ui-monospace, monospace); letter-spacing: .12em }
input.backup { max-inline-size: none; font-size: 1rem; letter-spacing: .02em }
input[aria-invalid=true] { border-color: var(--c-danger); box-shadow: 0 0 0 1px var(--c-danger) }
.hint { margin: .375rem 0 0; color: var(--c-muted); font-size: .875rem }
.alert, .status { margin: 1rem 0; padding: .625rem .875rem; border-radius: var(--radius); background: var(--c-soft) }
.alert { background: var(--c-danger-soft); color: var(--c-danger); border-inline-start: 4px solid var(--c-danger) }
.status:empty, .alert:empty { position: absolute; margin: 0; padding: 0; border: 0; clip-path: inset(50%) }
.qr { display: inline-block; border: 1px solid var(--c-border); max-inline-size: 100%; margin-block: .25rem .75rem; background: #fff; border-radius: var(--radius); line-height: 0; forced-color-adjust: none }
.qr img { display: block; inline-size: 13.5rem; max-inline-size: 100%; block-size: auto; border-radius: inherit; image-rendering: pixelated }
.key-row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin-block-end: .5rem }
.key-row code { flex: 1 1 12rem; padding: .5rem .75rem; border-radius: var(--radius); background: var(--c-soft) }
code, pre, .codes { font: 500 .9375rem/1.6 var(--edge-mfa-mono, ui-monospace, monospace) }
.codes { margin: 0; padding: .875rem 1rem; border-radius: var(--radius); background: var(--c-soft); list-style: none }
.codes li { padding-block: .125rem }
.check { display: flex; align-items: flex-start; gap: .625rem; margin-block-start: 1.25rem; font-weight: 550 }
.check input { flex: none; inline-size: 1.25rem; block-size: 1.25rem; margin: .125rem 0 0; accent-color: var(--c-accent) }
ul.rows { margin: 0; padding: 0; list-style: none }
ul.rows > li {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem;
  padding-block: .75rem; border-block-start: 1px solid var(--c-border);
}
ul.rows > li > div:first-child { flex: 1 1 10rem }
ul.rows .actions, .phone-first { margin: 0 }
ul.rows strong { display: block; font-weight: 600 }
.badge { display: inline-block; margin-block-end: .25rem; padding: .125rem .625rem; border: 1px solid var(--c-control); border-radius: 1rem; font-size: .875rem; font-weight: 600 }
summary { cursor: pointer; margin-block-start: 1.75rem; font-weight: 650; border-radius: .25rem }
.device { display: none; margin-block-end: 1rem }
@media (pointer: coarse), (max-width: 30rem) { .device { display: block } a { inline-size: 100% } }
@container (max-width: 22rem) {
  ol.steps > li { padding-inline-start: 0 }
  ol.steps > li::before { position: static; display: block; margin-block-end: .375rem }
  .codes { padding-inline: .625rem; font-size: .8125rem }
  .actions > button { flex: 1 1 auto }
}
@media (forced-colors: active) {
  .alert, .status, .codes, .key-row code { border: 1px solid }
  button[aria-disabled=true] { color: GrayText; border-color: GrayText; opacity: 1 }
  ol.steps > li::before { border: 1px solid }
}
@media print {
  :host([data-edge-mfa-codes]) { visibility: visible; position: absolute; inset: 0 0 auto; max-inline-size: none; color: #000 }
  :host([data-edge-mfa-codes]) :is(.actions, .check, .alert, .status) { display: none }
  :host([data-edge-mfa-codes]) .view { border: 0; background: #fff; color: #000 }
  :host([data-edge-mfa-codes]) .codes { background: none; color: #000; font-size: 12pt }
}
`

/** While codes are shown, paper gets them and nothing else of the page; the host's own rule makes it visible again. */
const PAGE_CSS = '@media print { body :not([data-edge-mfa-codes]) { visibility: hidden !important } }'

/** The style of every element, parsed when it is first needed. */
export const sheet = parsedOnce(CSS)

/** What the page needs while backup codes are on it. */
export const printSheet = parsedOnce(PAGE_CSS)

function parsedOnce(css: string): () => CSSStyleSheet {
  let made: CSSStyleSheet | undefined
  return () => {
    if (made !== undefined) return made
    made = new CSSStyleSheet()
    made.replaceSync(css)
    return made
  }
}
