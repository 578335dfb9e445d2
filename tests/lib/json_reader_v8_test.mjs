// Holds our JSON reader against V8's JSON.parse over mutated texts: both must
// accept or refuse, and what they accept must be the same value, of duplicate
// keys the last one.
//
//   node json_reader_v8_test.mjs <json_reader_v8_dump> <deliveries.ndjson>

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [dump, samples] = process.argv.slice(2);
const count = 20000;

let state = 0x2545f491;
const random = (n) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
};
const pick = (list) => list[random(list.length)];

const scalars = [
  'null', 'true', 'false', '0', '-0', '1.5', '1e400', '1e-400', '1e21',
  '18446744073709551616', '-12.50E+03', '""', '"a"', '"\\ud83d"',
  '"\\ude00\\ud83d"', '"\\ud83d\\ude00"', '"\\u0041\\n"', '"Zoë 🎉"',
];
const keys = [
  '"a"', '"\\u0061"', '"b"', '""', '"é"', '"\\u00e9"', '"\\ud83d"',
  '"\\ud83c"', '"__proto__"', '"1"', '"constructor"', '"\\/"', '"/"',
];
const blank = () => pick(['', '', '', ' ', '\n', '\r', '\t', ' \r\n']);
const build = (depth) => {
  const kind = random(depth > 4 ? 1 : 3);
  if (kind === 0) return pick(scalars);
  const items = Array.from({ length: random(5) }, () => {
    const value = blank() + build(depth + 1) + blank();
    return kind === 1 ? value : `${blank()}${pick(keys)}${blank()}:${value}`;
  });
  return kind === 1 ? `[${items.join(',')}]` : `{${items.join(',')}}`;
};

const noise = Buffer.from('{}[]",:\\/0123456789.eE+-tfnu \n\r\t\x00\x0b\x0c\x1f\x7f');
const mutate = (text) => {
  let bytes = Buffer.from(text);
  for (let edits = random(3); edits > 0; edits -= 1) {
    const at = random(bytes.length + 1);
    const byte = random(4) ? noise[random(noise.length)] : random(256);
    const insert = random(3) ? [byte] : [];
    bytes = Buffer.concat([
      bytes.subarray(0, at), Buffer.from(insert),
      bytes.subarray(at + random(2))]);
  }
  return bytes;
};

const bodies = readFileSync(samples, 'utf8').trim().split('\n')
  .flatMap((line) => [line, JSON.parse(line).body]);
const nested = (n, inner) => '['.repeat(n) + inner + ']'.repeat(n);
const texts = bodies.map((body) => Buffer.from(body));
for (const depth of [63, 64, 65, 66, 1000]) {
  texts.push(Buffer.from(nested(depth, '{"a":[1,"\\ud83d",{}],"b":-0.5e1}')));
  texts.push(Buffer.from(nested(depth, '{"a":[1,],"b":0}')));
}
texts.push(Buffer.from([0xef, 0xbb, 0xbf, 0x31]));
while (texts.length < count) {
  const source = random(4) ? build(0) : pick(bodies);
  texts.push(mutate(random(12) ? source : nested(62, source)));
}

// A string as the reader compares keys: UTF-8, a lone surrogate in 3 bytes.
const keyHex = (key) => [...key].map((c) => {
  const code = c.codePointAt(0);
  return code >= 0xd800 && code <= 0xdfff
    ? Buffer.from([0xed, 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f)])
      .toString('hex')
    : Buffer.from(c).toString('hex');
}).join('');

const same = (value, tokens) => {
  const token = tokens.shift();
  if (token === '[') {
    if (!Array.isArray(value)) return false;
    for (const item of value) if (!same(item, tokens)) return false;
    return tokens.shift() === ']';
  }
  if (token === '{') {
    if (value === null || typeof value !== 'object') return false;
    const byHex = new Map(Object.keys(value).map((k) => [keyHex(k), value[k]]));
    while (tokens[0] !== '}') {
      const key = tokens.shift().slice(1);
      // Taken out, so that a key that comes again is not found.
      if (!byHex.has(key) || !same(byHex.get(key), tokens)) return false;
      byHex.delete(key);
    }
    tokens.shift();
    return byHex.size === 0;
  }
  const text = Buffer.from(token.slice(1), 'hex').toString('utf8');
  if (token[0] === 's') return value?.toWellFormed?.() === text;
  return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
};

const run = spawnSync(dump, {
  input: texts.map((text) => text.toString('hex')).join('\n') + '\n',
  maxBuffer: 1 << 30,
});
const lines = run.stdout.toString().split('\n');
let accepted = 0;
let failed = 0;
texts.forEach((text, i) => {
  let value;
  let valid = true;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    valid = false;
  }
  accepted += valid ? 1 : 0;
  const ok = valid
    ? lines[i] !== 'no' && same(value, lines[i].trim().split(' '))
    : lines[i] === 'no';
  if (!ok && (failed += 1) <= 10) {
    console.log(`V8 ${valid ? 'accepts' : 'refuses'}: ${JSON.stringify(text.toString('latin1'))}\n  ours: ${lines[i]}`);
  }
});
console.log(`${texts.length} texts, ${accepted} valid, ${failed} differ`);
process.exit(run.status !== 0 || failed > 0 || accepted < 2000 ? 1 : 0);
