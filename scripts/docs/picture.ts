/*
 * The picture of the README: who sends what to whom at a login, once for light pages and once for dark ones.
 */

type Colours = {
  readonly text: string
  readonly faint: string
  readonly line: string
  readonly box: string
  readonly border: string
  readonly accent: string
  readonly accentBox: string
}

const THEMES: Readonly<Record<string, Colours>> = {
  light: {
    text: '#1f2328',
    faint: '#59636e',
    line: '#818b98',
    box: '#f6f8fa',
    border: '#d1d9e0',
    accent: '#0550ae',
    accentBox: '#ddf4ff',
  },
  dark: {
    text: '#f0f6fc',
    faint: '#9198a1',
    line: '#7d8590',
    box: '#151b23',
    border: '#3d444d',
    accent: '#79c0ff',
    accentBox: '#0c2d4d',
  },
}

/** Half of what a letter takes in most fonts. */
const HALF_LETTER = 3.4

/** The pictures by their path in the repository. */
export async function pictureFiles(): Promise<Readonly<Record<string, string>>> {
  const pictures = Object.entries(THEMES).map(([name, colours]) => [`docs/images/flow-${name}.svg`, picture(colours)])
  return Object.fromEntries(pictures)
}

function picture(colours: Colours): string {
  const { line, accent } = colours
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 372" width="960" height="372" role="img" aria-labelledby="title" font-family="ui-sans-serif, system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">
  <title id="title">Your issuer answers the password with a short token. Your app sends that token and a code from the phone to Edge MFA, and gets a step-up token. Your issuer checks the step-up token, and only then answers the application token.</title>
  <defs>
${marker('arrow', line)}
${marker('arrow-accent', accent)}
  </defs>
${box(colours, { x: 20, title: 'Your issuer', lines: ['checks the password,', 'and the step-up token'] })}
${box(colours, { x: 385, title: 'Your app', lines: ['page, mobile app', 'or backend'] })}
${box(colours, { x: 750, title: 'Edge MFA', lines: ['checks the code,', 'signs the step-up token'], isAccent: true })}
${arrow(colours, { from: [385, 58], to: 214, step: '1', label: 'password' })}
${arrow(colours, { from: [210, 88], to: 381, label: 'short token' })}
${arrow(colours, { from: [385, 130], to: 214, step: '4', label: 'step-up token', isAccent: true })}
${arrow(colours, { from: [210, 160], to: 381, label: 'application token' })}
${arrow(colours, { from: [575, 72], to: 746, step: '3', label: 'short token, code' })}
${arrow(colours, { from: [750, 144], to: 579, label: 'step-up token', isAccent: true })}
${phone(colours)}
${database(colours)}
</svg>
`
}

function marker(id: string, colour: string): string {
  return `    <marker id="${id}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="${colour}"/></marker>`
}

type Box = {
  readonly x: number
  readonly title: string
  readonly lines: readonly string[]
  readonly isAccent?: boolean
}

function box(colours: Colours, { x, title, lines, isAccent = false }: Box): string {
  const fill = isAccent ? colours.accentBox : colours.box
  const stroke = isAccent ? colours.accent : colours.border
  const texts = lines.map((text, index) => faint(colours, { x: x + 95, y: 114 + index * 20, text }))
  return `  <rect x="${x}" y="36" width="190" height="144" rx="12" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>
  <text x="${x + 95}" y="84" text-anchor="middle" font-size="19" font-weight="600" fill="${isAccent ? colours.accent : colours.text}">${title}</text>
${texts.join('\n')}`
}

type Arrow = {
  readonly from: readonly [number, number]
  /** An arrow is level, so this is where it ends across. */
  readonly to: number
  readonly label: string
  readonly step?: string
  readonly isAccent?: boolean
}

function arrow(colours: Colours, { from: [x1, y1], to: x2, label, step, isAccent = false }: Arrow): string {
  const colour = isAccent ? colours.accent : colours.line
  const marker = isAccent ? 'arrow-accent' : 'arrow'
  const weight = isAccent ? ' font-weight="600"' : ''
  const middle = (x1 + x2) / 2
  // Fonts differ in width: with a number before it, a label grows to the right alone.
  const start = middle - label.length * HALF_LETTER
  const [x, anchor] = step === undefined ? [middle, 'middle'] : [start + 8, 'start']
  const number = step === undefined ? '' : `\n${numberAt(colours, { x: start - 7, y: y1 - 13, step })}`
  return `  <path d="M${x1} ${y1}H${x2}" stroke="${colour}" stroke-width="1.75" fill="none" marker-end="url(#${marker})"/>
  <text x="${round(x)}" y="${y1 - 8}" text-anchor="${anchor}" font-size="14"${weight} fill="${isAccent ? colour : colours.text}">${label}</text>${number}`
}

function numberAt(colours: Colours, { x, y, step }: { x: number; y: number; step: string }): string {
  return `  <circle cx="${round(x)}" cy="${y}" r="9" fill="${colours.text}"/>
  <text x="${round(x)}" y="${y + 4}" text-anchor="middle" font-size="12" font-weight="600" fill="${colours.box}">${step}</text>`
}

function phone(colours: Colours): string {
  return `  <path d="M480 246V186" stroke="${colours.line}" stroke-width="1.75" fill="none" marker-end="url(#arrow)"/>
${numberAt(colours, { x: 500, y: 216, step: '2' })}
  <text x="516" y="221" font-size="14" fill="${colours.text}">code</text>
  <rect x="430" y="248" width="100" height="100" rx="14" fill="${colours.box}" stroke="${colours.border}" stroke-width="1.5"/>
  <path d="M466 260H494" stroke="${colours.border}" stroke-width="3" stroke-linecap="round"/>
  <text x="480" y="306" text-anchor="middle" font-size="18" font-weight="600" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" fill="${colours.text}">492 039</text>
  <text x="546" y="292" font-size="14" fill="${colours.faint}">any authenticator app,</text>
  <text x="546" y="312" font-size="14" fill="${colours.faint}">or a backup code</text>`
}

function database(colours: Colours): string {
  const { box: fill, border, line } = colours
  return `  <path d="M845 250V186" stroke="${line}" stroke-width="1.75" fill="none" marker-start="url(#arrow)" marker-end="url(#arrow)"/>
  <path d="M770 266V328C770 337 803 345 845 345S920 337 920 328V266" fill="${fill}" stroke="${border}" stroke-width="1.5"/>
  <ellipse cx="845" cy="266" rx="75" ry="14" fill="${fill}" stroke="${border}" stroke-width="1.5"/>
  <text x="845" y="304" text-anchor="middle" font-size="15" font-weight="600" fill="${colours.text}">Turso</text>
${faint(colours, { x: 845, y: 325, text: 'sealed secrets' })}`
}

function faint(colours: Colours, { x, y, text }: { x: number; y: number; text: string }): string {
  return `  <text x="${x}" y="${y}" text-anchor="middle" font-size="14" fill="${colours.faint}">${text}</text>`
}

function round(length: number): number {
  return Math.round(length * 10) / 10
}
