import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './lib/process.ts'
import { type ShippedPackage, shippedPackages } from './lib/shipped.ts'
import { ROOT } from './lib/tool.ts'

// A bill of materials of the Worker: the packages of which a deploy uploads something, and no other.
await run(async () => {
  const { name, version, license }: ShippedProject = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, licenses: [{ expression: license }] } },
    components: (await shippedPackages()).map(component),
  }
  console.log(JSON.stringify(bill, undefined, 2))
})

type ShippedProject = { readonly name: string; readonly version: string; readonly license: string }

/** @see https://cyclonedx.org/docs/1.5/json/#components */
function component({ name, locked }: ShippedPackage) {
  const { version = '', license = '', integrity = '' } = locked
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: [{ expression: license }],
  }
}
