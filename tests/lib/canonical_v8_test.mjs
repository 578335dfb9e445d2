// Holds our canonical form against V8's JSON.stringify(JSON.parse(text)): it is
// the same to the byte, or there is none and for the right reason.
//
//   node canonical_v8_test.mjs DUMP [VALUES [DOUBLES [SEED]]]
//
// DUMP is canonical_v8_dump; by default there are 50,000 values and 20,000
// doubles under a seed of the day, which is printed for coming back.

import { spawnSync } from 'node:child_process';

const [dump, values, doubles, seed] = process.argv.slice(2);
const valueCount = Number(values ?? 50_000);
const doubleCount = Number(doubles ?? 20_000);
const firstSeed = Number(seed ?? Math.floor(Date.now() / 86_400_000));
const chunk = 10_000;

// The refusals of canonical_writer.h.
const NOT_JSON = 1;
const BAD_UTF8 = 2;
const DUPLICATE_KEYS = 3;
const TOO_DEEP = 4;
const NUMBER_RANGE = 5;
const DIGITS_LOST = 6;

// xorshift128+ would do; this is splitmix32, of which every seed is good.
let state = firstSeed >>> 0;
const random32 = () => {
  state = (state + 0x9e3779b9) >>> 0;
  let z = state;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
};
const random = (n) => random32() % n;
const pick = (list) => list[random(list.length)];

const float = new DataView(new ArrayBuffer(8));
const anyDouble = () => {
  for (;;) {
    float.setUint32(0, random32());
    float.setUint32(4, random32());
    const value = float.getFloat64(0);
    if (Number.isFinite(value)) return value;
  }
};

const hardNumbers = [
  '0', '-0', '0.0', '-0e5', '1', '1.0', '1e0', '1E+2', '100e-2', '0.1e1',
  '0.000001', '1e-7', '0.0000001', '123e-20', '1e20', '1e21', '1e22',
  '999999999999999900000', '999999999999999999999', '5e-324', '4.9e-324',
  '2e-324', '2.2250738585072014e-308', '2.225073858507201e-308',
  '1.7976931348623157e308', '1.7976931348623158e308', '1.8e308', '1e400',
  '-1e400', '1e-400', '-1e-400', '0e400', '0.0e-400', '9007199254740991',
  '9007199254740992', '9007199254740993', '-9007199254740993',
  '9007199254740994', '9007199254740992.5', '9007199254740993e0',
  '18446744073709551615', '18446744073709551616', '18446744073709552000',
  '9223372036854775807', '9223372036854775808', '9223372036854776000',
  '123456789012345680', '123456789012345678', '1e100', '12345e300',
  '0.1', '0.30000000000000004', '0.1000000000000000055511151231257827',
  '4.35', '1.005', '2.5e-5', `1${'0'.repeat(400)}`, `0.${'0'.repeat(400)}1`,
  `1${'0'.repeat(30)}e-30`, `0.${'0'.repeat(30)}1e31`,
];

// A number spelt in one of the ways that its double can be.
const spell = (value) => {
  switch (random(5)) {
    case 0: return String(value);
    case 1: return value.toExponential();
    case 2: return value.toPrecision(17);
    case 3: return value.toExponential(random(20));
    default: {
      const text = Math.abs(value) < 1e21 ? value.toFixed(random(12)) : String(value);
      return text;
    }
  }
};
const number = () => {
  switch (random(4)) {
    case 0: return pick(hardNumbers);
    case 1: return String(random32() - 2 ** 31);
    case 2: return String(BigInt(2 ** 53) + BigInt(random(64)) - 32n);
    default: return spell(anyDouble());
  }
};

const pieces = [
  'a', 'Zoë', '🎉', '\\"', '\\\\', '\\/', '/', '\\b', '\\f', '\\n', '\\r', '\\t',
  '\\u0000', '\\u001F', '\\u001f', '\\u000A', '\\u007f', '\x7f', '\u2028',
  '\\u2028', '\ufeff', '\\uD83D\\uDE00', '\\ud83d', '\\uDE00', '\\ud83d\\ud83d',
  '\\ude00\\ud83d', '\\ud83dx', '\\u00e9', '\\u0041', '\\uffff', ' ', '</script>',
];
const text = () =>
  `"${Array.from({ length: random(6) }, () => pick(pieces)).join('')}"`;

const keys = [
  '"a"', '"b"', '""', '"é"', '"__proto__"', '"constructor"', '"toJSON"',
  '"length"', '"0"', '"1"', '"2"', '"10"', '"01"', '"-1"', '"1.0"', '"1e3"',
  '"4294967294"', '"4294967295"', '"4294967296"', '"9007199254740993"',
  '"\\u0031"', '"\\u0061"', '"\\ud83d"', '"\\u00e9"', '" 1"', '"99999999999"',
];
const key = () => (random(3) ? pick(keys) : random(3) ? text() : `"${random(3000)}"`);
const blank = () => (random(3) ? '' : pick([' ', '\n', '\r', '\t', ' \r\n\t']));

const value = (depth) => {
  const kind = random(depth > 5 ? 3 : 7);
  if (kind === 0) return pick(['null', 'true', 'false']);
  if (kind === 1) return number();
  if (kind === 2) return text();
  const size = random(random(8) ? 6 : 20);
  const members = new Set();
  const items = Array.from({ length: size }, () => {
    const item = `${blank()}${value(depth + 1)}${blank()}`;
    if (kind < 5) return item;
    let name = key();
    // Mostly different, so that there is something to compare.
    while (members.has(JSON.parse(name)) && random(200)) name = key();
    members.add(JSON.parse(name));
    return `${blank()}${name}${blank()}:${item}`;
  });
  const body = items.length ? items.join(',') : blank();
  return kind < 5 ? `[${body}]` : `{${body}}`;
};

const noise = Buffer.from('{}[]",:\\/0123456789.eE+-tfnu \n\x00\x0c\x1f\x7f');
const mutated = (bytes) => {
  const at = random(bytes.length + 1);
  const byte = random(4) ? noise[random(noise.length)] : random(256);
  return Buffer.concat([
    bytes.subarray(0, at), Buffer.from(random(3) ? [byte] : []),
    bytes.subarray(at + random(2))]);
};

const wrap = (source) => {
  const levels = 58 + random(10);
  return random(2)
    ? '['.repeat(levels) + source + ']'.repeat(levels)
    : '{"a":'.repeat(levels) + source + '}'.repeat(levels);
};

const makeText = () => {
  const source = `${blank()}${value(0)}${blank()}`;
  const bytes = Buffer.from(random(40) ? source : wrap(source));
  return random(5) ? bytes : mutated(bytes);
};

// A decimal's digits without zeros around them: with its size, all it says.
const digitsOf = (decimal) =>
  decimal.replace(/[eE].*$/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '');

// The refusals that a text deserves, found out without our reader. Numbers and
// keys are looked at as they are spelt, outside of strings.
const deserved = (source) => {
  const found = new Set();
  let depth = 0;
  const names = [];
  let expectKey = false;
  const tokens = source.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]/gsu);
  for (const [token] of tokens) {
    if (token === '{' || token === '[') {
      depth += 1;
      names.push(token === '{' ? new Set() : null);
      expectKey = token === '{';
      if (depth > 64) found.add(TOO_DEEP);
    } else if (token === '}' || token === ']') {
      depth -= 1;
      names.pop();
      expectKey = false;
    } else if (token === ',') {
      expectKey = names.at(-1) !== null && names.length > 0;
    } else if (token === ':') {
      expectKey = false;
    } else if (token[0] === '"') {
      if (expectKey && names.length) {
        const name = JSON.parse(token);
        // What is too deep is not searched.
        if (names.at(-1).has(name) && depth <= 64) found.add(DUPLICATE_KEYS);
        names.at(-1).add(name);
      }
    } else {
      const double = Number(token);
      const zero = digitsOf(token) === '';
      if (!Number.isFinite(double) || (double === 0 && !zero)) {
        found.add(NUMBER_RANGE);
      } else if (Math.abs(double) >= 2 ** 53 &&
                 digitsOf(token) !== digitsOf(String(double))) {
        found.add(DIGITS_LOST);
      }
    }
  }
  return found;
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const isRight = (bytes, line) => {
  let source;
  try {
    source = decoder.decode(bytes);
  } catch {
    return line === `!${BAD_UTF8}` || line === `!${NOT_JSON}`;
  }
  let parsed;
  try {
    parsed = JSON.parse(source);
  } catch {
    return line === `!${NOT_JSON}`;
  }
  const refusals = deserved(source);
  if (refusals.size > 0) return line[0] === '!' && refusals.has(Number(line[1]));
  const form = Buffer.from(JSON.stringify(parsed));
  return line === form.toString('hex');
};

let failed = 0;
let formed = 0;
const compare = (texts) => {
  const run = spawnSync(dump, {
    input: texts.map((bytes) => bytes.toString('hex')).join('\n') + '\n',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`${dump}: ${run.error ?? run.signal}`);
  const lines = run.stdout.toString().split('\n');
  texts.forEach((bytes, i) => {
    if (lines[i][0] !== '!') formed += 1;
    if (isRight(bytes, lines[i])) return;
    failed += 1;
    if (failed > 10) return;
    console.log(`differs: ${JSON.stringify(bytes.toString('latin1'))}`);
    console.log(`  ours: ${lines[i][0] === '!' ? lines[i]
      : JSON.stringify(Buffer.from(lines[i], 'hex').toString())}`);
  });
};
const inChunks = (count, make) => {
  for (let done = 0; done < count; done += chunk) {
    compare(Array.from({ length: Math.min(chunk, count - done) }, make));
  }
};

console.log(`seed ${firstSeed}`);
compare([
  ...hardNumbers, ...pieces.map((piece) => `"${piece}"`),
  `{"b":1,"2":2,"1":{"2":[],"1":{}},"a":3}`, '', ' ', '\ufeff{}', '{} x', '{}{}',
  `"${'x'.repeat(1 << 20)}\\u00e9"`, `[${'1.50,'.repeat(1 << 17)}0]`,
  `{${Array.from({ length: 3000 }, (_, i) => `"${2999 - i}":${i}`).join(',')}}`,
].map((source) => Buffer.from(source)));
inChunks(valueCount, makeText);
inChunks(doubleCount, () => Buffer.from(spell(anyDouble())));
console.log(`${formed} canonical forms, ${failed} differ`);
process.exit(failed > 0 || formed < (valueCount + doubleCount) / 2 ? 1 : 0);
