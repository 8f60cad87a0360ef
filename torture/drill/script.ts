import { startChild } from '../../scripts/lib/process.ts'
import { ROOT } from '../../scripts/lib/tool.ts'

/** Runs a command of an operator as `npm run` does, in a process of its own, and waits for its end. */
export async function runScript(
  name: string,
  options: { readonly env: Readonly<Record<string, string>>; readonly args?: readonly string[] },
): Promise<{ readonly code: number | null; readonly output: string }> {
  const lines: string[] = []
  const child = startChild(process.execPath, [`${ROOT}/scripts/${name}.ts`, ...(options.args ?? [])], {
    env: options.env,
    onLine: (line) => lines.push(line),
  })
  const code = await new Promise<number | null>((resolve) => child.process.once('close', resolve))
  await child.end()
  return { code, output: lines.join('\n') }
}
