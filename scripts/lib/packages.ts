import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT, runToolWell } from './tool.ts'

/** The folders of `packages/`, each with the folder whose layout its compiled files keep: the elements hold the client. */
const PACKAGES = {
  client: 'packages/client/src',
  elements: 'packages',
  verify: 'packages/verify/src',
} as const

/**
 * Compiles the npm packages into `target`, a folder for each, and packs them there. Their version is the project's.
 * Returns the paths of the tarballs by the name of the folder. Throws when a package would not work once installed.
 */
export async function buildPackages(target: string): Promise<Readonly<Record<keyof typeof PACKAGES, string>>> {
  const { version }: { readonly version: string } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const built = Object.entries(PACKAGES).map(async ([name, rootDir]) => {
    const folder = join(target, name)
    await stage(name, { folder, version })
    await compile(name, { rootDir, outDir: join(folder, 'lib') })
    await runToolWell('publint', ['--strict', folder])
    await npm(['pack', '--pack-destination', target], folder)
    return [name, join(target, `edge-mfa-${name}-${version}.tgz`)]
  })
  return Object.fromEntries(await Promise.all(built))
}

/** Runs npm in a folder. Rejects with what it printed when it fails. */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd })
}

async function stage(
  name: string,
  { folder, version }: { readonly folder: string; readonly version: string },
): Promise<void> {
  const source = join(ROOT, 'packages', name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(join(source, 'README.md'), join(folder, 'README.md'))
  await cp(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  const { name: fullName, ...manifest } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: fullName, version, ...manifest }, undefined, 2))
}

async function compile(
  name: string,
  { rootDir, outDir }: { readonly rootDir: string; readonly outDir: string },
): Promise<void> {
  const emit = ['--noEmit', 'false', '--declaration', '--sourceMap', '--inlineSources']
  const places = ['--rewriteRelativeImportExtensions', '--rootDir', rootDir, '--outDir', outDir]
  await runToolWell('tsc', ['-p', join('packages', name), ...emit, ...places])
}
