// What Tuco's own samples for Node do before they compute a signature: read the
// body and spell it again.
//
//   node canonicalise.mjs BODY_FILE
//
// For each line on stdin, a number of events, does so that often and prints
// the nanoseconds that one event took.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const COPIES = 64;

const sample = JSON.parse(readFileSync(process.argv[2]).toString());
const bodies = Array.from({ length: COPIES },
  () => Buffer.from(JSON.stringify(sample, null, 2)));

for await (const line of createInterface({ input: process.stdin })) {
  const events = Number(line);
  const begin = process.hrtime.bigint();
  let bytes = 0;
  for (let i = 0; i < events; ++i) {
    const text = bodies[i % COPIES].toString();
    bytes += Buffer.from(JSON.stringify(JSON.parse(text))).length;
  }
  if (bytes === 0) throw new Error('nothing was spelt');
  console.log(Number(process.hrtime.bigint() - begin) / events);
}
