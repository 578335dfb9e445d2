// Holds verdicts and events against JavaScript: a delivery verifies when V8's
// JSON.stringify(JSON.parse(body)), or the body itself, is what was signed, and
// the event says what V8 reads there, by the table of docs/events.md.
//
//   node delivery_v8_test.mjs DUMP [DELIVERIES [SEED]]
//
// DUMP is delivery_v8_dump; by default there are 20,000 deliveries under a seed
// of the day, which is printed for coming back.

import { createHmac } from 'node:crypto';

import {
  DUPLICATE_KEYS, Dump, TOO_DEEP, askAll, blank, deserved, hardNumbers, pick,
  random, seedRandom, text,
} from './v8_support.mjs';

const [program, deliveries, seed] = process.argv.slice(2);
const deliveryCount = Number(deliveries ?? 20_000);
const firstSeed = Number(seed ?? Math.floor(Date.now() / 86_400_000));
seedRandom(firstSeed);
const canonicalBytesMax = 64 * 1024;

// The types of docs/events.md: a value, or undefined for another type.
const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const readText = (value) =>
  (typeof value === 'string' ? value.toWellFormed() : undefined);
const readBoolean = (value) => (typeof value === 'boolean' ? value : undefined);
const readCount = (value) =>
  (Number.isInteger(value) && value >= 0 && value <= 2 ** 53
    ? String(BigInt(value)) : undefined);
const readTexts = (value) =>
  (Array.isArray(value) && value.every((entry) => typeof entry === 'string')
    ? value.map(readText) : undefined);
const readTime = (value) => {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/
    .exec(value);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const [ahead, aheadMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!exists || hour > 23 || minute > 59 || second > 60) return undefined;
  if (ahead > 23 || aheadMinutes > 59) return undefined;
  const offset = (match[8] === '-' ? -60 : 60) * (ahead * 60 + aheadMinutes);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  if (seconds < -62_135_596_800 || seconds >= 253_402_300_800) return undefined;
  const micros = BigInt((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  return String(BigInt(seconds) * 1_000_000n + micros);
};
const readObjects = (members) => (value) => {
  if (!Array.isArray(value) || !value.every(isObject)) return undefined;
  return value.map((element) => {
    const read = {};
    for (const [key, [name, type]] of Object.entries(members)) {
      const found = Object.hasOwn(element, key) ? type(element[key]) : undefined;
      if (found !== undefined) read[name] = found;
    }
    return read;
  });
};
const readParents = readObjects({
  messageId: ['message_id', readText], message: ['text', readText],
  sentAtUtc: ['sent_at', readTime], batchId: ['batch_id', readText],
  stepIndex: ['step_index', readCount],
});
const readReplies = readObjects({
  messageId: ['message_id', readText], message: ['text', readText],
  receivedAtUtc: ['received_at', readTime],
});

// The table of docs/events.md.
const fields = [
  ['type_name', readText, 'event'],
  ['workspace_id', readText, 'workspaceId data.workspaceId message.workspaceId lead.workspaceId'],
  ['occurred_at', readTime, 'timestamp'],
  ['message.id', readText, 'messageId message._id message.messageId data.messageId data.message_id'],
  ['message.text', readText, 'message message.message data.message data.body'],
  ['message.status', readText, 'message.status data.status status'],
  ['message.channel', readText, 'message.messageType messageType data.messageType'],
  ['message.direction', readText, 'message.direction'],
  ['message.line_id', readText, 'data.lineId fromLineId message.fromLineId data.line_id'],
  ['message.line_phone', readText, 'message.fromLinePhone fromLinePhone'],
  ['message.line_email', readText, 'message.fromLineEmail fromLineEmail'],
  ['message.batch_id', readText, 'message.batchId batchId data.batchId'],
  ['message.step_index', readCount, 'message.stepIndex stepIndex data.stepIndex'],
  ['message.scheduled_at', readTime, 'message.scheduledDate scheduledDate data.scheduledDate'],
  ['message.sent_at', readTime, 'message.sentAt sentAt data.sentAt message.messageSentAtUTC repliedAtUtc data.repliedAtUtc message.respondedAtUtc data.reply.respondedAtUtc'],
  ['message.delivered_at', readTime, 'message.deliveredAt deliveredAt data.deliveredAt'],
  ['message.read_at', readTime, 'message.readAt data.readAt readAt'],
  ['message.created_at', readTime, 'message.createdAt createdAt data.createdAt'],
  ['message.updated_at', readTime, 'message.updatedAt updatedAt data.updatedAt'],
  ['message.created_by_user_id', readText, 'message.createdByUserId createdByUserId'],
  ['message.external_message_id', readText, 'message.externalMessageId externalMessageId data.externalMessageId'],
  ['message.error', readText, 'message.errorMessage data.error errorMessage'],
  ['message.reason', readText, 'data.reason message.reason reason'],
  ['message.checked_addresses', readTexts, 'data.checkedAddresses message.checkedAddresses checkedAddresses'],
  ['message.attachment_urls', readTexts, 'data.attachmentUrls message.attachmentUrls attachmentUrls'],
  ['message.attachment_names', readTexts, 'data.attachmentNames message.attachmentNames attachmentNames'],
  ['message.send_fallback_sms_on_failed', readBoolean, 'message.sendFallbackSmsOnFailed sendFallbackSmsOnFailed data.sendFallbackSmsOnFailed'],
  ['message.in_reply_to', readText, 'originalMessageId message.originalMessageId data.originalMessageId'],
  ['message.original_text', readText, 'originalMessage.message'],
  ['message.parents', readParents, 'parentMessages message.parentMessages data.parentMessages data.reply.parentMessages'],
  ['message.recent_replies', readReplies, 'data.reply.recentReplies recentReplies message.recentReplies data.recentReplies'],
  ['contact.lead_id', readText, 'leadId message.leadId data.reply.leadId lead._id'],
  ['contact.first_name', readText, 'lead.firstName firstName data.firstName'],
  ['contact.last_name', readText, 'lead.lastName lastName data.lastName'],
  ['contact.display_name', readText, 'message.recipientName recipientName data.recipientName message.name data.reply.name'],
  ['contact.phone', readText, 'data.recipientPhone message.recipientPhone data.reply.recipientPhone recipientPhone phone lead.phone'],
  ['contact.email', readText, 'data.recipientEmail message.recipientEmail data.reply.recipientEmail recipientEmail email lead.email'],
  ['contact.list_id', readText, 'lead.listId listId data.listId'],
  ['contact.owner_email', readText, 'contactOwnerEmail data.contactOwnerEmail'],
  ['contact.source', readText, 'lead.source'],
  ['campaign.id', readText, 'campaignId message.campaignId data.campaignId data.campaign_id'],
  ['campaign.name', readText, 'campaignName message.campaignName data.campaignName'],
  ['crm.ghl_contact_id', readText, 'ghlContactId data.ghlContactId'],
  ['crm.ghl_location_id', readText, 'ghlLocationId data.ghlLocationId'],
  ['crm.ghl_conversation_message_id', readText, 'ghlConversationMessageId data.ghlConversationMessageId'],
  ['crm.hs_portal_id', readText, 'hsPortalId data.hsPortalId'],
  ['crm.hs_contact_id', readText, 'hsContactId data.hsContactId'],
].map(([name, read, paths]) => ({ name, read, paths: paths.split(' ').map((path) => path.split('.')) }));

const memberAt = (body, path) => {
  let value = body;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
};
const readAt = (body, read, ...path) => read(memberAt(body, path));
const readField = (body, { read, paths }) => {
  for (const path of paths) {
    const value = readAt(body, read, ...path);
    if (value !== undefined) return value;
  }
  return undefined;
};

const isNested = (body) => {
  if (readAt(body, readText, 'data', 'messageId') !== undefined) return true;
  if (readAt(body, readText, 'messageId') !== undefined) return false;
  return ['message', 'body', 'recipientPhone', 'status', 'lineId', 'line_id',
    'firstName', 'lastName'].some((key) => readAt(body, readText, 'data', key) !== undefined);
};
const shapeOf = (body, id) => {
  if (memberAt(body, ['data', 'test']) === true && id === undefined) return 'TEST';
  if (readAt(body, readText, 'message', '_id') !== undefined) return 'S2';
  if (isObject(memberAt(body, ['message']))) return 'S4';
  if (readAt(body, readText, 'data', 'message_id') !== undefined) return 'S6';
  if (isObject(memberAt(body, ['data', 'reply'])) ||
      readAt(body, readParents, 'parentMessages') !== undefined ||
      readAt(body, readText, 'originalMessageId') !== undefined) return 'S3';
  if (isNested(body)) return 'S1';
  const flat = ['messageId', 'message'].some((key) => readAt(body, readText, key) !== undefined);
  return flat ? 'S5' : 'UNSPECIFIED';
};

// In S6 the phones have members before the others.
const phonesOf = (body, event) => {
  if (event.shape !== 'S6') return;
  const reply = ['message.reply', 'message.replied'].includes(event.type_name);
  const [contact, line] = reply ? ['from', 'to'] : ['to', 'from'];
  event['contact.phone'] = readAt(body, readText, 'data', contact) ?? event['contact.phone'];
  event['message.line_phone'] = readAt(body, readText, 'data', line) ?? event['message.line_phone'];
};

const isIllFormed = (source) =>
  [...source.matchAll(/"(?:[^"\\]|\\.)*"/gs)]
    .some(([token]) => token.includes('\\u') && !JSON.parse(token).isWellFormed());

// What the event in the signed text says; undefined and [] are left out.
const eventOf = (source) => {
  const body = JSON.parse(source);
  const refusals = deserved(source);
  const event = {};
  for (const field of fields) event[field.name] = readField(body, field);
  event.shape = shapeOf(body, event['message.id']);
  phonesOf(body, event);
  event.type_name ??= '';
  const test = [['testMode'], ['data', 'testMode'], ['data', 'test']]
    .some((path) => memberAt(body, path) === true);
  event.flags = [
    test && 'TEST', event.occurred_at === undefined && 'NO_TIMESTAMP',
    refusals.has(DUPLICATE_KEYS) && 'DUPLICATE_KEYS',
    refusals.has(TOO_DEEP) && 'TOO_DEEP', isIllFormed(source) && 'ILL_FORMED_TEXT',
  ].filter(Boolean);
  return event;
};

// Bodies: known members of any type, mostly theirs, and unknown ones.
const times = [
  '2026-04-15T12:00:00Z', '2026-04-15T12:00:00.042Z', '2026-04-15T12:00:60Z',
  '2026-02-29T00:00:00Z', '2024-02-29T23:59:59.9999999+14:00', '0000-12-31T23:59:59-01:00',
  '0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:60Z',
  '2026-04-15t12:00:00z', '2026-04-15 12:00:00Z', '2026-04-15T12:00:00', '2026-4-15T12:00:00Z',
  '2026-04-15T24:00:00Z', '2026-04-15T12:00:00.Z', '2026-04-15T12:00:00-23:59', '',
];
// Those of which the double decides as the text does: a count is read as written.
const oddNumbers = hardNumbers.filter((spelt) => readCount(Number(spelt)) === undefined);
const counts = [
  '0', '7', '1.0', '1e0', '70e-1', '12e-1', '0.5', '-1', '-0', '0e9', '9007199254740992',
  '9007199254740994', '1e21', '1e400', '5e-324',
];
const respelt = (string) =>
  JSON.stringify(string).replace(/[a-zA-Z]/g, (letter) =>
    (random(60) ? letter : `\\u00${letter.charCodeAt(0).toString(16)}`));
const list = (make) => {
  const items = Array.from({ length: random(4) }, () => `${blank()}${make()}${blank()}`);
  return `[${items.join(',')}]`;
};
const object = (names, make) => {
  const members = names.map((name) =>
    `${blank()}${respelt(name)}${blank()}:${blank()}${make(name)}${blank()}`);
  return `{${members.join(',')}}`;
};
const some = (names, share) => names.filter(() => random(share) === 0);
const relatedKeys = ['messageId', 'message', 'sentAtUtc', 'receivedAtUtc', 'batchId', 'stepIndex', 'x'];
const relatedTypes = {
  sentAtUtc: readTime, receivedAtUtc: readTime, stepIndex: readCount,
};
const related = () =>
  object(some(relatedKeys, 2), (name) => valueOf(relatedTypes[name] ?? readText));
const makers = new Map([
  [readText, text],
  [readTime, () => respelt(pick(times))],
  [readCount, () => pick(counts)],
  [readBoolean, () => pick(['true', 'false'])],
  [readTexts, () => list(random(9) ? text : () => valueOf(readText))],
  [readParents, () => list(random(9) ? related : text)],
  [readReplies, () => list(random(9) ? related : text)],
]);
const types = [...makers.keys()];
const valueOf = (type) => {
  if (random(12) === 0) return pick(['null', '{}', '[]', pick(oddNumbers)]);
  return makers.get(random(8) ? type : pick(types))();
};

// The members of each object that is looked into, and their types.
const objects = new Map();
const typesOf = (path) => {
  const name = path.join('.');
  if (!objects.has(name)) objects.set(name, new Map());
  return objects.get(name);
};
for (const { read, paths } of fields) {
  for (const path of paths) typesOf(path.slice(0, -1)).set(path.at(-1), read);
}
for (const key of ['test', 'testMode']) typesOf(['data']).set(key, readBoolean);
for (const key of ['from', 'to']) typesOf(['data']).set(key, readText);
typesOf([]).set('testMode', readBoolean);

const within = { '': ['data', 'message', 'lead', 'originalMessage'], data: ['reply'] };
const makeObject = (path) => {
  const known = typesOf(path);
  const share = 2 + random(8);
  const names = some([...known.keys()], share);
  for (const inner of within[path.join('.')] ?? []) if (random(2)) names.push(inner);
  if (random(4) === 0) names.push(pick(['x', '0', '17', '__proto__', 'hasOwnProperty']));
  if (names.length && random(40) === 0) names.push(pick(names));
  names.sort(() => random(3) - 1);
  return object(names, (name) => {
    const isInner = (within[path.join('.')] ?? []).includes(name);
    if (isInner && random(6)) return makeObject([...path, name]);
    return valueOf(known.get(name) ?? pick(types));
  });
};
const makeBody = () => {
  const body = makeObject([]);
  if (random(3)) return body;
  // The names that mean something, in front.
  const event = pick(['message.sent', 'message.reply', 'message.replied', 'x', '']);
  const rest = body === '{}' ? '' : ',';
  return `{"event":${respelt(event)}${rest}${body.slice(1)}`;
};

const tagOf = (signed) => createHmac('sha256', 'whsec_v8').update(signed).digest('hex');
const makeDelivery = () => {
  const arrived = `${blank()}${makeBody()}${blank()}`;
  const canonical = JSON.stringify(JSON.parse(arrived));
  // Some arrive as they were sent.
  const body = random(5) ? arrived : canonical;
  const signed = [body, canonical, canonical, `${canonical} `][random(4)];
  let expected = { verdict: 'SIGNATURE_MISMATCH' };
  if (signed === body) {
    expected = { verdict: 'RAW', ...eventOf(body) };
  } else if (signed === canonical && deserved(body).size === 0 &&
             Buffer.byteLength(body) <= canonicalBytesMax) {
    expected = { verdict: 'CANONICAL', ...eventOf(canonical) };
  }
  return { expected, frame: Buffer.from(tagOf(signed) + body) };
};

// Both as sorted members, without what has no value.
const members = (said) => JSON.stringify(
  Object.entries(said).filter(([, value]) => value !== undefined &&
      !(Array.isArray(value) && value.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1)));

let failed = 0;
const verdicts = { RAW: 0, CANONICAL: 0, SIGNATURE_MISMATCH: 0 };
const seen = new Set();
const lookAt = ({ expected, frame }, answer) => {
  verdicts[expected.verdict] += 1;
  for (const [name, value] of Object.entries(expected)) {
    if (value !== undefined) seen.add(name === 'shape' ? value : name);
  }
  const said = JSON.parse(answer.toString());
  if (members(said) === members(expected)) return;
  failed += 1;
  if (failed > 5) return;
  console.log(`differs: ${JSON.stringify(frame.toString().slice(0, 5000))}`);
  for (const name of new Set([...Object.keys(said), ...Object.keys(expected)])) {
    const [ours, theirs] = [said[name], expected[name]].map((value) => JSON.stringify(value));
    if (ours !== theirs) console.log(`  ${name}: ours ${ours}, expected ${theirs}`);
  }
};

console.log(`seed ${firstSeed}`);
const dump = new Dump(program);
await askAll(dump, deliveryCount, makeDelivery, lookAt);
dump.end();
console.log(Object.entries(verdicts).map(([name, count]) => `${count} ${name}`).join(', '));
console.log(`${failed} differ`);
// What does not happen is not tested.
const wanted = [...fields.map(({ name }) => name),
  'TEST', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'UNSPECIFIED'];
const missing = wanted.filter((name) => !seen.has(name));
if (missing.length) console.log(`never seen: ${missing.join(', ')}`);
const rare = Object.values(verdicts).some((count) => count < deliveryCount / 10);
process.exit(failed > 0 || missing.length > 0 || rare ? 1 : 0);
