// What the tests that hold our code against V8 share: random values, JSON texts
// in odd spellings, the refusals that a text deserves, and the conversation
// with a program of ours (v8_frames.h).

import { spawn } from 'node:child_process';

// The refusals of canonical_writer.h.
export const NOT_JSON = 1;
export const BAD_UTF8 = 2;
export const DUPLICATE_KEYS = 3;
export const TOO_DEEP = 4;
export const NUMBER_RANGE = 5;
export const DIGITS_LOST = 6;

// xorshift128+ would do; this is splitmix32, of which every seed is good.
let state = 0;
export const seedRandom = (seed) => {
  state = seed >>> 0;
};
export const random32 = () => {
  state = (state + 0x9e3779b9) >>> 0;
  let z = state;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
};
export const random = (n) => random32() % n;
export const pick = (list) => list[random(list.length)];

const float = new DataView(new ArrayBuffer(8));
export const anyDouble = () => {
  for (;;) {
    float.setUint32(0, random32());
    float.setUint32(4, random32());
    const value = float.getFloat64(0);
    if (Number.isFinite(value)) return value;
  }
};

export const hardNumbers = [
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
export const spell = (value) => {
  switch (random(5)) {
    case 0: return String(value);
    case 1: return value.toExponential();
    case 2: return value.toPrecision(17);
    case 3: return value.toExponential(random(20));
    default:
      return Math.abs(value) < 1e21 ? value.toFixed(random(12)) : String(value);
  }
};

export const pieces = [
  'a', 'Zoë', '🎉', '\\"', '\\\\', '\\/', '/', '\\b', '\\f', '\\n', '\\r', '\\t',
  '\\u0000', '\\u001F', '\\u001f', '\\u000A', '\\u007f', '\x7f', '\u2028',
  '\\u2028', '\u2029', '\ufeff', '\\uD83D\\uDE00', '\\ud83d', '\\uDE00',
  '\\ud83d\\ud83d', '\\ude00\\ud83d', '\\ud83dx', '\\u00e9', '\\u0041', '\\uffff',
  ' ', '</script>',
];
export const text = () => {
  let pieced = '"';
  for (let i = random(6); i > 0; i -= 1) pieced += pick(pieces);
  return `${pieced}"`;
};

export const blank = () => (random(3) ? '' : pick([' ', '\n', '\r', '\t', ' \r\n\t']));

const noise = Buffer.from('{}[]",:\\/0123456789.eE+-tfnu \n\x00\x0c\x1f\x7f');
export const mutated = (bytes) => {
  const at = random(bytes.length + 1);
  const byte = random(4) ? noise[random(noise.length)] : random(256);
  return Buffer.concat([
    bytes.subarray(0, at), Buffer.from(random(3) ? [byte] : []),
    bytes.subarray(at + random(2))]);
};

// A decimal's digits without zeros around them: with its size, all it says.
const digitsOf = (decimal) =>
  decimal.replace(/[eE].*$/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '');

// The refusal that a number deserves; 0 for none.
export const numberRefusal = (token) => {
  const double = Number(token);
  if (!Number.isFinite(double) || (double === 0 && digitsOf(token) !== '')) {
    return NUMBER_RANGE;
  }
  const lost = Math.abs(double) >= 2 ** 53 &&
    digitsOf(token) !== digitsOf(String(double));
  return lost ? DIGITS_LOST : 0;
};

// The refusals that a JSON text deserves, found out without our reader. Numbers
// and keys are looked at as they are spelt, outside of strings.
export const deserved = (source) => {
  const found = new Set();
  let depth = 0;
  const names = [];
  let expectKey = false;
  const tokens = source.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],]/gs);
  for (const [token] of tokens) {
    switch (token[0]) {
      case '{':
      case '[':
        depth += 1;
        names.push(token === '{' ? new Set() : null);
        expectKey = token === '{';
        if (depth > 64) found.add(TOO_DEEP);
        break;
      case '}':
      case ']':
        depth -= 1;
        names.pop();
        expectKey = false;
        break;
      case ',':
        expectKey = names.length > 0 && names.at(-1) !== null;
        break;
      case '"': {
        if (!expectKey) break;
        const name = token.includes('\\') ? JSON.parse(token) : token.slice(1, -1);
        // What is too deep is not searched.
        if (names.at(-1).has(name) && depth <= 64) found.add(DUPLICATE_KEYS);
        names.at(-1).add(name);
        expectKey = false;
        break;
      }
      default: {
        const refusal = numberRefusal(token);
        if (refusal) found.add(refusal);
      }
    }
  }
  return found;
};

// A program of ours that answers each frame with a frame. Nothing is waited
// for: while it works on what it was asked, more can be made up.
export class Dump {
  constructor(program) {
    this.child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = []; // What was asked and not answered: count, resolve, reject.
    this.parts = [];
    this.size = 0;
    this.needed = 4;
    this.answers = [];
    this.child.stdout.on('data', (part) => this.take(part));
    const fail = (why) => {
      const error = new Error(`${program}: ${why}`);
      for (const { reject } of this.waiting.splice(0)) reject(error);
    };
    this.child.on('error', fail);
    this.child.on('close', (code, signal) => fail(signal ?? `exit code ${code}`));
    this.child.stdin.on('error', () => {}); // 'close' says it.
  }

  // The answers to the frames, in their order.
  ask(frames) {
    const lengths = Buffer.alloc(4 * frames.length);
    const parts = frames.flatMap((frame, i) => {
      const waitedFor = i === frames.length - 1 ? 2 ** 31 : 0;
      lengths.writeUInt32LE(frame.length + waitedFor, 4 * i);
      return [lengths.subarray(4 * i, 4 * i + 4), frame];
    });
    this.child.stdin.write(Buffer.concat(parts));
    return new Promise((resolve, reject) => {
      this.waiting.push({ count: frames.length, resolve, reject });
    });
  }

  take(part) {
    this.parts.push(part);
    this.size += part.length;
    if (this.size < this.needed) return;
    const bytes = Buffer.concat(this.parts);
    let at = 0;
    this.needed = 4;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readUInt32LE(at);
      if (end > bytes.length) {
        this.needed = end - at;
        break;
      }
      this.answers.push(bytes.subarray(at + 4, end));
      at = end;
    }
    this.parts = [bytes.subarray(at)];
    this.size = bytes.length - at;
    while (this.waiting.length && this.answers.length >= this.waiting[0].count) {
      const { count, resolve } = this.waiting.shift();
      resolve(this.answers.splice(0, count));
    }
  }

  end() {
    this.child.stdin.end();
  }
}

// Makes `count` frames, asks the dump about them in portions and has each
// looked at with its answer; one portion is answered while the next is made.
export const askAll = async (dump, count, make, lookAt, portion = 5000) => {
  let before = Promise.resolve();
  for (let done = 0; done < count; done += portion) {
    const size = Math.min(portion, count - done);
    const questions = Array.from({ length: size }, make);
    const answers = dump.ask(questions.map(({ frame }) => frame));
    await before;
    before = answers.then((all) =>
      all.forEach((answer, i) => lookAt(questions[i], answer)));
  }
  await before;
};
