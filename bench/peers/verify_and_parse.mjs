// What a careful customer's handler in Node does with a delivery: verify the
// bytes as received, then read the event from them.
//
//   node verify_and_parse.mjs BODY_FILE
//
// For each line on stdin, a number of events, does so that often and prints
// the nanoseconds that one event took.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const SECRET = 'whsec_sample_5f0c2a7e9d41';
const COPIES = 64;

class Event {
  constructor(body) {
    const data = body.data ?? {};
    this.type = body.event;
    this.occurredAt = new Date(body.timestamp);
    this.workspaceId = body.workspaceId;
    this.messageId = data.messageId;
    this.phone = data.recipientPhone;
    this.text = data.message;
    this.status = data.status;
    this.lineId = data.lineId;
    this.firstName = data.firstName;
    this.lastName = data.lastName;
    this.attachmentUrls = data.attachmentUrls;
    this.attachmentNames = data.attachmentNames;
    this.idempotencyKey = `${data.messageId}/${body.event}`;
  }
}

function verifyAndParse(body, signature) {
  if (!/^[0-9a-f]{64}$/i.test(signature)) throw new Error('malformed');
  const tag = createHmac('sha256', SECRET).update(body).digest();
  if (!timingSafeEqual(tag, Buffer.from(signature, 'hex'))) {
    throw new Error('mismatch');
  }
  return new Event(JSON.parse(body.toString()));
}

const bodies = Array.from({ length: COPIES },
  () => readFileSync(process.argv[2]));
const signature = createHmac('sha256', SECRET).update(bodies[0]).digest('hex');

for await (const line of createInterface({ input: process.stdin })) {
  const events = Number(line);
  const begin = process.hrtime.bigint();
  for (let i = 0; i < events; ++i) {
    const event = verifyAndParse(bodies[i % COPIES], signature);
    if (event.type !== 'message.reply') throw new Error('not the sample');
  }
  console.log(Number(process.hrtime.bigint() - begin) / events);
}
