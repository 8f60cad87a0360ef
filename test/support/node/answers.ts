import { createServer } from 'node:http'
import { listen } from './loopback.ts'

/** What a foreign server answers on a path. */
export type Answer = {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A foreign server on loopback: the same answer to whatever is asked of a path, 404 on others. */
export async function startAnswers(answers: Readonly<Record<string, Answer>>) {
  const server = createServer((request, response) => {
    const { status, body = {}, headers = {} } = answers[request.url ?? ''] ?? { status: 404 }
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  })
  return listen(server)
}
