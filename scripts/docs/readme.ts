import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROBLEM_CODES, PROBLEM_GUIDE } from '../../openapi/problem-guide.ts'
import { PROBLEMS } from '../../src/core/problems.ts'
import { replaceMarked } from '../lib/markers.ts'
import { ROOT } from '../lib/tool.ts'
import {
  type Contract,
  contractText,
  operationsOf,
  type PlacedOperation,
  problemsOf,
  resolveSchema,
  type Schema,
} from './contract.ts'
import { SETTINGS } from './settings.ts'

const README = 'README.md'
const PROFILE = '/api/user/profile/mfa'
/** Members of every response to a POST, which the README names once. */
const COMMON = ['success', 'message']

/** Returns the README with up-to-date tables between its markers. */
export async function readmeFiles(): Promise<Readonly<Record<string, string>>> {
  const tables = { operations: operationsTable(), problems: problemsTable(), settings: settingsTable() }
  const text = await readFile(join(ROOT, README), 'utf8')
  return { [README]: Object.entries(tables).reduce(replaceTable, text) }
}

function replaceTable(text: string, [name, content]: readonly [string, string]): string {
  return replaceMarked(text, { path: README, name, content })
}

function operationsTable(): string {
  const contract: Contract = JSON.parse(contractText(''))
  const rows = operationsOf(contract).map((operation) => {
    const { method, path, summary } = operation
    const address = code(`${method.toUpperCase()} ${path.replace(PROFILE, '…')}`)
    return [address, summary, takes(contract, operation), answers(contract, operation)]
  })
  return table(['operation', 'what', 'takes', 'returns'], rows)
}

function takes(contract: Contract, operation: PlacedOperation): string {
  const query = (operation.parameters ?? []).flatMap((each) => (each.in === 'query' ? `?${each.name}` : []))
  const body = operation.requestBody ? namesIn(contract, operation.requestBody.content) : []
  const isProof = problemsOf(contract, operation).includes('proof-required')
  const isFactor = body.includes('code') && body.includes('backup_code')
  const members = isFactor ? body.filter((name) => name !== 'code' && name !== 'backup_code') : body
  const scopes = operation.security.flatMap(({ accessToken }) => accessToken)
  const words = [...query, ...members].map(code)
  if (isFactor) words.push(isProof ? 'proof' : '`code` or `backup_code`')
  if (scopes.length > 0) words.push(`scope ${scopes.map(code).join(' or ')}`)
  return words.join(', ')
}

function answers(contract: Contract, { responses }: PlacedOperation): string {
  const content = responses['200']?.content
  if (content === undefined) return '204'
  if (content['text/html']) return 'a page'
  const names = namesIn(contract, content).filter((name) => !COMMON.includes(name))
  return names.map(code).join(', ')
}

function namesIn(
  contract: Contract,
  content: Readonly<Record<string, { readonly schema: Schema }>>,
): readonly string[] {
  const schema = content['application/json']?.schema
  return schema === undefined ? [] : memberNames(contract, schema)
}

function memberNames(contract: Contract, schema: Schema): readonly string[] {
  const { properties, anyOf, oneOf } = resolveSchema(contract, schema)
  const alternatives = (anyOf ?? oneOf ?? []).flatMap((each) => memberNames(contract, each))
  return [...new Set([...Object.keys(properties ?? {}), ...alternatives])]
}

function problemsTable(): string {
  const rows = PROBLEM_CODES.map((name) => {
    const { status, detail } = PROBLEMS[name]
    const { solution, members } = PROBLEM_GUIDE[name]
    const extra = Object.keys(members ?? {}).map(code)
    const added = extra.length > 0 ? ` Adds ${extra.join(' and ')}.` : ''
    return [code(name), String(status), detail + added, solution.split(/(?<=\.) /)[0] ?? '']
  })
  return table(['name', 'status', 'detail', 'what to do'], rows)
}

function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { needed, what }]) => [code(name), needed, what])
  return table(['name', 'needed', 'what'], rows)
}

function code(text: string): string {
  return `\`${text}\``
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `|${cells.map(cellOf).join('|')}|\n`
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...rows.map(line)].join('')
}

/** Escapes `<` outside of code, which Markdown would read as a tag. */
function cellOf(text: string): string {
  return text === '' ? ' ' : ` ${text.replace(/(`[^`]*`)|</g, (_, inCode) => inCode ?? '&lt;')} `
}
