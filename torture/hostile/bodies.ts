import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { CANARY } from '../lib/answers.ts'

/** The size of the largest body, of every operation that has no limit of its own. */
export const LARGEST = 4096

/** Something hostile, and what it is called. */
export type Named<Value> = readonly [name: string, value: Value]

const utf8 = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'))
const bytes = (...values: readonly number[]) => Uint8Array.from(values)
/** A body that is right in all but what it is wrapped in; the code in it must never be looked at. */
const GOOD = `{"code":"123456","name":"${CANARY}","reason":"${CANARY}"}`
const around = (middle: Uint8Array) =>
  Buffer.concat([utf8('{"code":"123456","name":"'), middle, utf8('","reason":"x"}')])
const deep = (open: string, close: string, depth: number) => utf8(open.repeat(depth) + close.repeat(depth))

/** No JSON at all, or no JSON object: refused by every operation that takes a body. */
export const NO_OBJECTS: readonly Named<Uint8Array>[] = [
  ...['null', 'true', 'false', '0', '-0', '1e400', '-1e400', '1E-999', `"${CANARY}"`, '""', '[]', '[{}]'].map(
    (text): Named<Uint8Array> => [`the value ${text}`, utf8(text)],
  ),
  ['an array around it', utf8(`[${GOOD}]`)],
  ['two of them', utf8(GOOD + GOOD)],
  ['two lines of JSON', utf8(`${GOOD}\n${GOOD}`)],
  ['a text sequence (RFC 7464)', utf8(`\u001e${GOOD}\n`)],
  ['cut off', utf8(GOOD.slice(0, -1))],
  ['cut off within a string', utf8(`{"code":"123456","name":"${CANARY}`)],
  ['cut off within an escape', utf8('{"code":"123456","name":"\\u00')],
  ['a trailing comma', utf8(GOOD.replace('}', ',}'))],
  ['a leading comma', utf8(GOOD.replace('{', '{,'))],
  ['a comment', utf8(`/* ${CANARY} */${GOOD}`)],
  ['a line comment', utf8(`${GOOD}// ${CANARY}`)],
  ['a hash comment', utf8(`# ${CANARY}\n${GOOD}`)],
  ['single quotes', utf8(GOOD.replaceAll('"', "'"))],
  ['names without quotes', utf8('{code:"123456",name:"x",reason:"x"}')],
  ['NaN', utf8('{"code":NaN}')],
  ['Infinity', utf8('{"code":Infinity}')],
  ['undefined', utf8('{"code":undefined}')],
  ['a hexadecimal number', utf8('{"code":0x1}')],
  ['a number with a leading zero', utf8('{"code":0123456}')],
  ['a plus sign', utf8('{"code":+1}')],
  ['a raw newline in a string', utf8('{"code":"123\n456"}')],
  ['a raw NUL in a string', utf8('{"code":"123\u0000456"}')],
  ['a raw NUL after it', utf8(`${GOOD}\u0000`)],
  ['an unknown escape', utf8('{"code":"\\x31"}')],
  ['a prefix against hijacking', utf8(`)]}',\n${GOOD}`)],
  ['a form', utf8(`code=123456&name=${CANARY}`)],
  ['XML', utf8(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><code>&e;${CANARY}</code>`)],
  ['YAML', utf8(`code: "123456"\nname: ${CANARY}\n`)],
  ['a byte order mark', Buffer.concat([bytes(0xef, 0xbb, 0xbf), utf8(GOOD)])],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${GOOD}`, 'utf16le')],
  ['UTF-16 little endian', Buffer.from(GOOD, 'utf16le')],
  ['UTF-16 big endian', Buffer.from(GOOD, 'utf16le').swap16()],
  ['UTF-32', Buffer.from(Uint32Array.from(GOOD, (symbol) => symbol.charCodeAt(0)).buffer)],
  ['UTF-7', utf8('+AHsAIgBjAG8AZABlACIAOgAiADEAMgAzADQANQA2ACIAfQ-')],
  ...[10, 100, 1000, 2000].map((depth): Named<Uint8Array> => [`${depth} arrays deep`, deep('[', ']', depth)]),
  ...[10, 100, 4000].map((depth): Named<Uint8Array> => [`${depth} arrays without an end`, deep('[', '', depth)]),
  ['600 objects without an end', deep('{"a":', '', 600)],
  ['form feeds around it', utf8(`\f${GOOD}\f`)],
  ['no-break spaces around it', utf8(`\u00a0${GOOD}`)],
  ['4096 spaces', utf8(' '.repeat(LARGEST))],
  ['a NUL', bytes(0)],
  ['gzip that does not say so', gzipSync(GOOD)],
  ['deflate that does not say so', deflateSync(GOOD)],
  ['brotli that does not say so', brotliCompressSync(GOOD)],
  ...invalidUtf8().map(([name, middle]): Named<Uint8Array> => [name, around(middle)]),
]

/** @see RFC 3629 §3 and §4: every way for bytes to be none. */
function invalidUtf8(): readonly Named<Uint8Array>[] {
  return [
    ['a lone continuation byte', bytes(0x80)],
    ['the last continuation byte', bytes(0xbf)],
    ['two continuation bytes', bytes(0x80, 0xbf)],
    ['an overlong slash of two bytes', bytes(0xc0, 0xaf)],
    ['an overlong NUL', bytes(0xc0, 0x80)],
    ['an overlong quote', bytes(0xc0, 0xa2)],
    ['an overlong slash of three bytes', bytes(0xe0, 0x80, 0xaf)],
    ['an overlong slash of four bytes', bytes(0xf0, 0x80, 0x80, 0xaf)],
    ['a high surrogate', bytes(0xed, 0xa0, 0x80)],
    ['a low surrogate', bytes(0xed, 0xbf, 0xbf)],
    ['a pair of surrogates (CESU-8)', bytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ['beyond U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
    ['five bytes', bytes(0xf8, 0x88, 0x80, 0x80, 0x80)],
    ['six bytes', bytes(0xfc, 0x84, 0x80, 0x80, 0x80, 0x80)],
    ['the byte FE', bytes(0xfe)],
    ['the byte FF', bytes(0xff)],
    ['two bytes cut to one', bytes(0xc3)],
    ['three bytes cut to two', bytes(0xe2, 0x82)],
    ['four bytes cut to three', bytes(0xf0, 0x9f, 0x98)],
    ['Latin-1', bytes(0xe4, 0xf6, 0xfc)],
    ['Shift JIS', bytes(0x83, 0x65, 0x83, 0x58)],
  ]
}

/** Values, as JSON spells them, that no member of any body takes. */
export const NO_VALUES: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '123456', '123456.0', '1.23456e5', '-123456', '1e400', '-1e400', '5e-324'],
  ...['9007199254740993', '123456789012345678901234567890', `1${'0'.repeat(400)}`, `0.${'1'.repeat(400)}`],
  ...['[]', '{}', '["123456"]', '[["123456"]]', '[null]', '{"toString":"123456"}', '{"length":6}', '{"0":"1"}'],
  ...['{"__proto__":"123456"}', '{"constructor":{"name":"String"}}', '{"value":"123456"}', '{"$ne":""}', '{"$gt":""}'],
  ...['""', '"\\u0000"', '"123456\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"123\\ud800456"', '"\\u001b[2J"'],
  ...['"\\n"', '"123456\\n"', '"\\r\\nSet-Cookie: a=b"', '"\\u0085"', '"\\u007f"', `"${'x'.repeat(501)}"`],
  ...[`"${'1'.repeat(3000)}"`, `"${'\\u0000'.repeat(600)}"`, `"${'😀'.repeat(501)}"`, `"${'é'.repeat(1500)}"`],
  `${'['.repeat(1000)}${']'.repeat(1000)}`,
  `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`,
]

/** Further values that look like a code, and are none. */
export const NO_CODES: readonly string[] = [
  ...['"12345"', '"1234567"', '"12345a"', '"0x1234"', '"1e2345"', '"12.456"', '"+12345"', '"-"', '" "', '"12345 "'],
  ...['"１２３４５６"', '"١٢٣٤٥٦"', '"۱۲۳۴۵۶"', '"१२३४५६"', '"𝟏𝟐𝟑𝟒𝟓𝟔"', '"①②③④⑤⑥"', '"ⅠⅡⅢⅣⅤⅥ"', '"12345６"'],
  ...['"123\\u00a0456"', '"123\\u2009456"', '"123\\u2011456"', '"123\\u200b456"', '"\\ufeff123456"', '"123\\t456"'],
  ...['"123456 OR 1=1"', '"123456\'--"', '"%31%32%33456"', '"123456;"', '"123,456"', '"123_456"', '"123/456"'],
]

/** Bodies that are objects, and give no member through what every object has. */
export const WITHOUT_MEMBERS: readonly string[] = [
  '{"__proto__":{"code":"123456","name":"x","reason":"x","backup_code":"000000000000000000000000"}}',
  '{"constructor":{"prototype":{"code":"123456","name":"x","reason":"x"}}}',
  '{"prototype":{"code":"123456","name":"x","reason":"x"}}',
  '{"\\u0000code":"123456","name\\u0000":"x"," reason":"x"}',
  '{"Code":"123456","NAME":"x","Reason":"x"}',
  '{"code.":"123456","name[]":"x","reason[0]":"x"}',
  '{"":{"code":"123456","name":"x","reason":"x"}}',
  `{"hasOwnProperty":1,"toString":1,"valueOf":1,"then":1,"toJSON":1,"${CANARY}":1}`,
  `{${Array.from({ length: 400 }, (_, index) => `"k${index}":0`).join(',')}}`,
]

/** A well-formed body of exactly so many bytes, which no state of a subject takes. */
export function bodyOfSize(size: number): Uint8Array {
  const frame = '{"code":1,"name":1,"reason":1,"x":""}'
  return utf8(frame.replace('""', `"${'y'.repeat(size - frame.length)}"`))
}
