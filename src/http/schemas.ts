import * as z from 'zod/mini'

const CODE_MESSAGE = 'must be a string of 6 digits'
const NAME_MESSAGE = 'must be a string of 1 to 64 characters without control characters'
/** Control characters, and those that turn the direction of text around (UAX #9). */
const UNSAFE_IN_NAME = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/u
const LONGEST_NAME = 64

/** A TOTP code: 6 ASCII digits; spaces and hyphens between them do not matter. */
export const code = z.pipe(
  z.pipe(z.string(CODE_MESSAGE), z.transform((value: string) => value.replaceAll(/[ -]/g, ''))),
  z.string().check(z.regex(/^[0-9]{6}$/, CODE_MESSAGE)),
)

/** The name of an authenticator. */
export const authenticatorName = z.string(NAME_MESSAGE).check(
  z.refine((value) => isNameLong(value) && !UNSAFE_IN_NAME.test(value), NAME_MESSAGE),
)

function isNameLong(value: string): boolean {
  const { length } = [...value]
  return length >= 1 && length <= LONGEST_NAME
}
