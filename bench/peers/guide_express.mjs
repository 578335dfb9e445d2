// The handler that a customer would write with Express: verify the bytes as
// received, read them, answer.
//
//   node guide_express.mjs
//
// Prints its port on 127.0.0.1 and serves until stdin ends.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';

// Looked for in NODE_PATH, which import does not.
const express = createRequire(import.meta.url)('express');

const SECRET = 'whsec_sample_5f0c2a7e9d41';

function isGenuine(body, signature) {
  const expected = createHmac('sha256', SECRET).update(body).digest('hex');
  return (
    typeof signature === 'string' &&
    signature.length === expected.length &&
    timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  );
}

const app = express();
app.post(
  '/webhooks/tuco',
  express.raw({ type: 'application/json' }),
  (request, response) => {
    if (!isGenuine(request.body, request.get('X-Tuco-Signature'))) {
      response.status(401).json({ error: 'invalid signature' });
      return;
    }
    const event = JSON.parse(request.body.toString());
    response.json({ status: 'accepted', event: event.event });
  },
);

const server = app.listen(0, '127.0.0.1', () => {
  console.log(server.address().port);
});
process.stdin.resume().on('end', () => process.exit());
