import type { Case } from '../contenders/contender.ts'
import type { LatencyResult, Results } from './results.ts'

/** The distance that the chart tells of. */
const DELAY_MS = 20
const SHOWN: readonly Case[] = ['setup', 'verify', 'challenge', 'challenge-backup-code', 'regenerate', 'status']
const CONTENDERS = [
  { name: 'floor', label: 'the same database calls without any logic', fill: '#94a3b8' },
  { name: 'edge-mfa', label: 'Edge MFA', fill: '#2563eb' },
  { name: 'peer', label: 'Better Auth', fill: '#f59e0b' },
] as const

const WIDTH = 760
const LABEL_WIDTH = 170
const BAR = 12
const GROUP = CONTENDERS.length * BAR + 16
const TOP = 78

/** The medians of each contender as bars; readable on a light and on a dark ground. */
export function chart({ latency }: Pick<Results, 'latency'>): string {
  const shown = SHOWN.flatMap((wanted) => latency.filter((each) => each.case === wanted && each.delayMs === DELAY_MS))
  const longest = Math.max(...shown.flatMap(({ contenders }) => Object.values(contenders).map(({ p50 }) => p50)))
  const scale = (WIDTH - LABEL_WIDTH - 80) / longest
  const height = TOP + shown.length * GROUP + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">Milliseconds of a request with the database ${DELAY_MS} ms away, median</title>
<style>text{font:12px system-ui,sans-serif;fill:#475569}.name{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#cbd5e1}}</style>
<text class="name" x="0" y="18">Milliseconds of a request, the database ${DELAY_MS} ms away (median; shorter is better)</text>
${legend()}
${shown.map((result, index) => group(result, { top: TOP + index * GROUP, scale })).join('\n')}
</svg>
`
}

function legend(): string {
  return CONTENDERS.map(({ label, fill }, index) => {
    const x = [0, 290, 390][index] ?? 0
    return `<rect x="${x}" y="36" width="12" height="12" rx="2" fill="${fill}"/><text x="${x + 18}" y="46">${label}</text>`
  }).join('\n')
}

function group(result: LatencyResult, { top, scale }: { readonly top: number; readonly scale: number }): string {
  const bars = CONTENDERS.map(({ name, fill }, index) => {
    const p50 = result.contenders[name]?.p50
    if (p50 === undefined) return ''
    const y = top + index * BAR
    const width = (p50 * scale).toFixed(1)
    const end = (LABEL_WIDTH + p50 * scale + 6).toFixed(1)
    return `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR - 2}" rx="2" fill="${fill}"/><text x="${end}" y="${y + 9}">${p50.toFixed(0)}</text>`
  })
  return `<text x="0" y="${top + 20}">${result.case.replaceAll('-', ' ')}</text>\n${bars.join('\n')}`
}
