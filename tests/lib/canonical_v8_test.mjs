// Holds our canonical form against V8's JSON.stringify(JSON.parse(text)): it is
// the same to the byte, or there is none and for the right reason.
//
//   node canonical_v8_test.mjs DUMP [VALUES [DOUBLES [SEED]]]
//
// DUMP is canonical_v8_dump; by default there are 50,000 values and 50,000
// doubles under a seed of the day, which is printed for coming back.

import {
  BAD_UTF8, DIGITS_LOST, DUPLICATE_KEYS, Dump, NOT_JSON, NUMBER_RANGE, TOO_DEEP,
  anyDouble, askAll, blank, deserved, hardNumbers, mutated, numberRefusal, pick,
  pieces, random, random32, seedRandom, spell, text,
} from './v8_support.mjs';

const [program, values, doubles, seed] = process.argv.slice(2);
const valueCount = Number(values ?? 50_000);
const doubleCount = Number(doubles ?? 50_000);
const firstSeed = Number(seed ?? Math.floor(Date.now() / 86_400_000));
seedRandom(firstSeed);

// Most texts are such that they have a form, or none of the large ones would.
let tame = false;
const anyNumber = () => {
  switch (random(4)) {
    case 0: return pick(hardNumbers);
    case 1: return String(random32() - 2 ** 31);
    case 2: return String(BigInt(2 ** 53) + BigInt(random(64)) - 32n);
    default: return spell(anyDouble());
  }
};
const number = () => {
  let spelt = anyNumber();
  while (tame && numberRefusal(spelt)) spelt = anyNumber();
  return spelt;
};

const keys = [
  '"a"', '"b"', '""', '"é"', '"__proto__"', '"constructor"', '"toJSON"',
  '"length"', '"0"', '"1"', '"2"', '"10"', '"01"', '"-1"', '"-0"', '"1.0"',
  '"1e3"', '"4294967294"', '"4294967295"', '"4294967296"',
  '"9007199254740993"', '"\\u0031"', '"\\u0061"', '"\\ud83d"', '"\\u00e9"',
  '" 1"', '"99999999999"', '"\\u0000"', '"\u2028"', '"\\u2028"',
];
const key = () => (random(3) ? pick(keys) : random(3) ? text() : `"${random(3000)}"`);

const value = (depth) => {
  const kind = random(depth > 4 ? 3 : 7);
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
    while (members.has(JSON.parse(name)) && (tame || random(10))) name = key();
    members.add(JSON.parse(name));
    return `${blank()}${name}${blank()}:${item}`;
  });
  const body = items.length ? items.join(',') : blank();
  return kind < 5 ? `[${body}]` : `{${body}}`;
};

const wrap = (source) => {
  const levels = 58 + random(10);
  return random(2)
    ? '['.repeat(levels) + source + ']'.repeat(levels)
    : '{"a":'.repeat(levels) + source + '}'.repeat(levels);
};

// A string of a mebibyte, as a value or as a key.
const longText = () => {
  const part = Array.from({ length: 300 }, () => pick(pieces)).join('');
  const long = `"${part.repeat(Math.ceil(2 ** 20 / Buffer.byteLength(part)))}"`;
  return random(2) ? `[${long}]` : `{${long}:${blank()}${number()}}`;
};

const makeText = () => {
  tame = random(3) > 0;
  if (random(10_000) === 0) return { frame: Buffer.from(longText()) };
  const source = `${blank()}${value(0)}${blank()}`;
  const bytes = Buffer.from(random(40) ? source : wrap(source));
  return { frame: random(5) ? bytes : mutated(bytes) };
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const isRight = (bytes, refusal, form) => {
  let source;
  try {
    source = decoder.decode(bytes);
  } catch {
    return refusal === BAD_UTF8 || refusal === NOT_JSON;
  }
  let parsed;
  try {
    parsed = JSON.parse(source);
  } catch {
    return refusal === NOT_JSON;
  }
  const refusals = deserved(source);
  if (refusals.size > 0) return refusals.has(refusal);
  return refusal === 0 && form.equals(Buffer.from(JSON.stringify(parsed)));
};

let failed = 0;
const counts = new Map();
const count = (bytes, answer, right) => {
  counts.set(answer[0], (counts.get(answer[0]) ?? 0) + 1);
  if (right) return;
  failed += 1;
  if (failed > 10) return;
  console.log(`differs: ${JSON.stringify(bytes.toString('latin1').slice(0, 5000))}`);
  console.log(`  ours: ${answer[0] ? `refusal ${answer[0]}`
    : JSON.stringify(answer.subarray(1).toString().slice(0, 5000))}`);
};
const lookAtText = ({ frame }, answer) =>
  count(frame, answer, isRight(frame, answer[0], answer.subarray(1)));

// Of a number alone the same is found out sooner.
const makeNumber = () => {
  const spelt = spell(anyDouble());
  return { spelt, frame: Buffer.from(spelt, 'latin1') };
};
const lookAtNumber = ({ spelt, frame }, answer) => {
  const refusal = numberRefusal(spelt);
  const right = answer[0] === refusal &&
    (refusal !== 0 || answer.latin1Slice(1) === JSON.stringify(Number(spelt)));
  count(frame, answer, right);
};

console.log(`seed ${firstSeed}`);
const dump = new Dump(program);
const fixed = [
  ...hardNumbers, ...pieces.map((piece) => `"${piece}"`),
  `{"b":1,"2":2,"1":{"2":[],"1":{}},"a":3}`, '', ' ', '\ufeff{}', '{} x', '{}{}',
  '{"a":1,"\\u0061":2}', '{"1":1,"\\u0031":2}', '{"\\ud83d":1,"\\uD83D":2}',
  `"${'x'.repeat(1 << 20)}\\u00e9"`, `[${'1.50,'.repeat(1 << 17)}0]`,
  `{${Array.from({ length: 3000 }, (_, i) => `"${2999 - i}":${i}`).join(',')}}`,
].map((source) => ({ frame: Buffer.from(source) }));
await askAll(dump, fixed.length, () => fixed.shift(), lookAtText);
await askAll(dump, valueCount, makeText, lookAtText);
await askAll(dump, doubleCount, makeNumber, lookAtNumber, 50_000);
dump.end();

const formed = counts.get(0) ?? 0;
const named = { NOT_JSON, BAD_UTF8, DUPLICATE_KEYS, TOO_DEEP, NUMBER_RANGE, DIGITS_LOST };
for (const [name, refusal] of Object.entries(named)) {
  const refused = counts.get(refusal) ?? 0;
  console.log(`${refused} refused as ${name}`);
  // What happens rarely is not tested.
  if (refused < valueCount / 500) failed += 1;
}
console.log(`${formed} canonical forms, ${failed} differ`);
process.exit(failed > 0 || formed < (valueCount + doubleCount) / 2 ? 1 : 0);
