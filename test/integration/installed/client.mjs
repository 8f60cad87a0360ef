/* The life of a second factor through the installed package: `node client.mjs <service> <access token> <otpauth>`. */

import { deepStrictEqual, ok } from 'node:assert'
import { createMfaClient } from '@edge-mfa/client'

const [url = '', token = '', otpauth = ''] = process.argv.slice(2)
const { Secret, TOTP } = await import(otpauth)
const client = createMfaClient({ url, token: () => token })

const setup = await client.setup({ name: 'Phone' })
ok(setup.ok)
const verified = await client.verify(new TOTP({ secret: Secret.fromBase32(setup.value.secret) }).generate())
ok(verified.ok && verified.value.backup_codes.length === 10)
const [first = '', second = ''] = verified.value.backup_codes
const challenged = await client.challenge({ backup_code: first })
deepStrictEqual(challenged.ok && challenged.value.token_type, 'Bearer')
const refused = await client.disable({ code: '12' })
deepStrictEqual(!refused.ok && refused.problem.name, 'invalid-request')
ok((await client.disable({ backup_code: second })).ok)
const status = await client.status()
deepStrictEqual(status.ok && status.value.enabled, false)
console.log('ok')
