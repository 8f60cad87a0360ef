/** The secrets of RFC 6238 Appendix B, as long as the hash's output each (its erratum 2866). */
export const RFC6238_SECRETS = {
  SHA1: '12345678901234567890',
  SHA256: '12345678901234567890123456789012',
  SHA512: '1234567890123456789012345678901234567890123456789012345678901234',
} as const

/** RFC 6238 Appendix B: seconds since the epoch, the time step, the mode, and the TOTP value of 8 digits. */
export const RFC6238_VECTORS = [
  { seconds: 59, step: 0x1, algorithm: 'SHA1', code: '94287082' },
  { seconds: 59, step: 0x1, algorithm: 'SHA256', code: '46119246' },
  { seconds: 59, step: 0x1, algorithm: 'SHA512', code: '90693936' },
  { seconds: 1_111_111_109, step: 0x23523ec, algorithm: 'SHA1', code: '07081804' },
  { seconds: 1_111_111_109, step: 0x23523ec, algorithm: 'SHA256', code: '68084774' },
  { seconds: 1_111_111_109, step: 0x23523ec, algorithm: 'SHA512', code: '25091201' },
  { seconds: 1_111_111_111, step: 0x23523ed, algorithm: 'SHA1', code: '14050471' },
  { seconds: 1_111_111_111, step: 0x23523ed, algorithm: 'SHA256', code: '67062674' },
  { seconds: 1_111_111_111, step: 0x23523ed, algorithm: 'SHA512', code: '99943326' },
  { seconds: 1_234_567_890, step: 0x273ef07, algorithm: 'SHA1', code: '89005924' },
  { seconds: 1_234_567_890, step: 0x273ef07, algorithm: 'SHA256', code: '91819424' },
  { seconds: 1_234_567_890, step: 0x273ef07, algorithm: 'SHA512', code: '93441116' },
  { seconds: 2_000_000_000, step: 0x3f940aa, algorithm: 'SHA1', code: '69279037' },
  { seconds: 2_000_000_000, step: 0x3f940aa, algorithm: 'SHA256', code: '90698825' },
  { seconds: 2_000_000_000, step: 0x3f940aa, algorithm: 'SHA512', code: '38618901' },
  { seconds: 20_000_000_000, step: 0x27bc86aa, algorithm: 'SHA1', code: '65353130' },
  { seconds: 20_000_000_000, step: 0x27bc86aa, algorithm: 'SHA256', code: '77737706' },
  { seconds: 20_000_000_000, step: 0x27bc86aa, algorithm: 'SHA512', code: '47863826' },
] as const
