/* Imports the installed elements outside a browser. */

import { deepStrictEqual } from 'node:assert'
import * as elements from '@edge-mfa/elements'

deepStrictEqual(Object.keys(elements).sort(), ['EdgeMfaChallenge', 'EdgeMfaEnroll', 'EdgeMfaSettings'])
deepStrictEqual('customElements' in globalThis, false)
console.log('ok')
