import type { Client } from '@libsql/client/http'

/** Pages in use: what the server keeps beside the file, a log of writes, is not counted. */
export async function bytesOf(client: Client): Promise<number> {
  const { rows } = await client.execute(`
    SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`)
  return Number(rows[0]?.[0])
}
