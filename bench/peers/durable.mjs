// What a careful customer's handler in Node does before it answers: verify the
// bytes as received, read them, and have them on stable storage.
//
//   node durable.mjs JOURNAL
//
// Appends the bodies to JOURNAL: one write and one fdatasync for all that came
// while the last one ran. Prints its port on 127.0.0.1 and serves until stdin
// ends.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { fdatasync, openSync, write } from 'node:fs';
import { createServer } from 'node:http';

const SECRET = 'whsec_sample_5f0c2a7e9d41';
const NEWLINE = Buffer.from('\n');

const journal = openSync(process.argv[2], 'a');
let queued = [];
let syncing = false;

function flush() {
  const batch = queued;
  queued = [];
  syncing = true;
  const bytes = Buffer.concat(batch.flatMap(({ body }) => [body, NEWLINE]));
  const settle = (error) => {
    syncing = false;
    for (const { response } of batch) answer(response, error ? 503 : 200);
    if (queued.length > 0) flush();
  };
  write(journal, bytes, (error, written) => {
    if (error || written < bytes.length) settle(error ?? new Error('short'));
    else fdatasync(journal, settle);
  });
}

function answer(response, status) {
  const text = status === 200 ? '{"status":"accepted"}' : '{"status":"refused"}';
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': text.length,
  });
  response.end(text);
}

function isGenuine(body, signature) {
  if (!/^[0-9a-f]{64}$/i.test(signature)) return false;
  const tag = createHmac('sha256', SECRET).update(body).digest();
  return timingSafeEqual(tag, Buffer.from(signature, 'hex'));
}

function take(body, request, response) {
  if (!isGenuine(body, request.headers['x-tuco-signature'])) {
    answer(response, 401);
    return;
  }
  const event = JSON.parse(body.toString());
  if (typeof event.event !== 'string') {
    answer(response, 400);
    return;
  }
  queued.push({ body, response });
  if (!syncing) flush();
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    take(body, request, response);
  });
});
// As long as the driver takes between two rounds.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
