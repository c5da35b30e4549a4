// The official client and the published contract against a running gateway.
// node check.mjs ws://127.0.0.1:PORT/ TOKEN; ends with 0 when everything that has a schema fits it.
import { GatewayClient } from '@openclaw/gateway-client';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
const schema = JSON.parse(readFileSync('node_modules/@openclaw/gateway-protocol/protocol.schema.json'));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema(schema, 'p');
const [url, token] = process.argv.slice(2);
const events = [];
const results = [];
let bad = 0;
// Recorded from OpenClaw 2026.9.6, which sends more than the contract of 2026.9.1 knows; its own clients read these.
const NEWER = new Set([
  '/auth method', '/snapshot/presence/* clientId', '/models/* local', ' statusIssues',
  ' sessionKey', ' sessionId', ' agentId',
]);
function check(def, value, what) {
  const v = ajv.getSchema(`p#/definitions/${def}`);
  if (!v) { console.log('no schema', def); return; }
  // A tool event carries the session's row, beside it and spread out in it, as 2026.9.6 was recorded.
  const row = new Set(def === 'AgentEvent' && value.session ? ['session', ...Object.keys(value.session)] : []);
  const ofRow = e => e.instancePath === '' && row.size > 0
    && (row.has(e.params.additionalProperty) || value[e.params.additionalProperty] === null);
  const newer = e => ofRow(e) || NEWER.has(`${e.instancePath.replace(/\d+/g, '*')} ${e.params.additionalProperty}`);
  if (!v(value) && !v.errors.every(newer)) { bad++; console.log('INVALID', what, def, v.errors.filter(e => !newer(e)).slice(0, 4).map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join(' | ')); }
  else results.push(what);
}
const client = new GatewayClient({
  url, token, clientName: 'gateway-client', clientVersion: '1.0.0', platform: 'linux', mode: 'backend', role: 'operator',
  scopes: ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'], caps: ['tool-events'],
  minProtocol: 4, maxProtocol: 4, deviceIdentity: null,
  onEvent: e => events.push(e), onConnectError: e => console.log('connect error', e.message),
  onHelloOk: hello => { check('HelloOk', hello, 'hello-ok'); run().catch(e => { console.log('FAILED', e); process.exit(1); }); },
});
client.start();
async function run() {
  const id = 'js-' + Date.now();
  await client.request('sessions.subscribe', {});
  const sent = await client.request('chat.send', { sessionKey: 'agent:main:js', message: 'run tool session_status', idempotencyKey: id });
  console.log('chat.send', JSON.stringify(sent));
  await new Promise((resolve, reject) => { const t = setInterval(() => { if (events.some(e => e.event === 'chat' && e.payload.runId === id && e.payload.state === 'final')) { clearInterval(t); resolve(); } }, 20); setTimeout(() => reject(new Error('no final')), 15000); });
  const table = [['chat.history', { sessionKey: 'agent:main:js' }, null], ['agents.list', {}, 'AgentsListResult'], ['models.list', {}, 'ModelsListResult'], ['channels.status', {}, 'ChannelsStatusResult'],
    ['logs.tail', {}, 'LogsTailResult'], ['commands.list', {}, 'CommandsListResult'], ['system.info', {}, 'SystemInfoResult'],
    ['tools.catalog', {}, 'ToolsCatalogResult'], ['tools.effective', { sessionKey: 'agent:main:js' }, 'ToolsEffectiveResult'],
    ['config.schema', {}, 'ConfigSchemaResponse'], ['config.schema.lookup', { path: 'gateway.auth' }, 'ConfigSchemaLookupResult'],
    ['agents.files.list', { agentId: 'main' }, 'AgentsFilesListResult'], ['agents.files.get', { agentId: 'main', name: 'AGENTS.md' }, 'AgentsFilesGetResult'],
    ['sessions.usage', { key: 'agent:main:js' }, null], ['sessions.usage.timeseries', { key: 'agent:main:js' }, null], ['sessions.usage.logs', { key: 'agent:main:js' }, null], ['usage.cost', {}, null],
    ['agent.identity.get', {}, 'AgentIdentityResult'], ['sessions.resolve', { key: 'agent:main:js' }, 'SessionsResolveResult'],
    ['sessions.create', { key: 'agent:main:jsnew' }, 'SessionsCreateResult'], ['sessions.delete', { key: 'agent:main:jsnew' }, 'SessionsDeleteResult'], ['chat.message.get', null, 'ChatMessageGetResult'],
    ['health', {}, null], ['status', {}, null], ['sessions.list', {}, null], ['sessions.describe', { key: 'agent:main:js' }, null], ['chat.startup', { sessionKey: 'agent:main:js' }, null], ['chat.metadata', {}, null], ['device.pair.list', {}, null], ['node.list', {}, null], ['config.get', {}, null], ['system-presence', {}, null], ['last-heartbeat', {}, null], ['gateway.identity.get', {}, null]];
  let mid;
  for (let [method, params, def] of table) {
    if (method === 'chat.message.get') params = { sessionKey: 'agent:main:js', messageId: mid };
    const r = await client.request(method, params);
    if (method === 'chat.history') { mid = r.messages[0].__openclaw.id; console.log('history', r.messages.length, r.messages.map(m => m.role).join(',')); }
    if (def) check(def, r, method); else results.push(method + ' (no result schema)');
  }
  await decisions();
  await devices();
  await stopped();
  const map = {
    chat: 'ChatEvent', agent: 'AgentEvent', tick: 'TickEvent', 'device.pair.requested': 'DevicePairRequestedEvent', 'device.pair.resolved': 'DevicePairResolvedEvent',
    'question.resolved': 'QuestionResolvedEvent',
  };
  const counts = {};
  for (const e of events) { counts[e.event] = (counts[e.event] ?? 0) + 1; check('EventFrame', e, 'frame ' + e.event); if (map[e.event]) check(map[e.event], e.payload, 'event ' + e.event); }
  console.log('events', JSON.stringify(counts)); console.log('valid', results.length, 'invalid', bad);
  client.stop(); process.exit(bad ? 1 : 0);
}

/** A second client: who asks does not decide. */
function second() {
  return new Promise((resolve) => {
    const other = new GatewayClient({
      url, token, clientName: 'gateway-client', clientVersion: '1.0.0', platform: 'linux', mode: 'backend', role: 'operator',
      scopes: ['operator.read', 'operator.write', 'operator.approvals', 'operator.questions'], caps: ['approvals'], minProtocol: 4, maxProtocol: 4, deviceIdentity: null,
      onEvent: (event) => events.push(event),
      onHelloOk: () => resolve(other),
    });
    other.start();
  });
}

/** Asks, with the definition that the result must fit. */
async function call(who, method, params, def) {
  const result = await who.request(method, params);
  check(def, result, method);
  return result;
}

/** Waits for an event that has already come or will come. */
async function told(name, fits) {
  for (let tries = 0; tries < 500; tries++) {
    const found = events.find((event) => event.event === name && fits(event.payload));
    if (found) return found.payload;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${name} did not come`);
}

async function decisions() {
  const other = await second();
  const asked = client.request('exec.approval.request', { command: 'echo hi', commandArgv: ['echo', 'hi'], cwd: '/tmp', host: 'gateway', timeoutMs: 20_000 });
  const { id } = await told('exec.approval.requested', () => true);
  await call(other, 'approval.get', { id }, 'ApprovalGetResult');
  await call(other, 'approval.resolve', { id, kind: 'exec', decision: 'deny' }, 'ApprovalResolveResult');
  if ((await asked).decision !== 'deny') throw new Error('another decision');
  await call(other, 'approval.history', {}, 'ApprovalHistoryResult');
  const question = { questionId: 'colour', header: 'Colour', question: 'Which colour?', options: [{ label: 'red' }, { label: 'blue' }] };
  const made = await call(client, 'question.request', { questions: [question], timeoutMs: 20_000 }, 'QuestionRequestResult');
  await call(other, 'question.list', {}, 'QuestionListResult');
  await call(other, 'question.get', { id: made.id }, 'QuestionGetResult');
  const waiting = client.request('question.waitAnswer', { id: made.id });
  await call(other, 'question.resolve', { id: made.id, answers: { answers: { colour: ['blue'] } } }, 'QuestionResolveResult');
  check('QuestionWaitAnswerResult', await waiting, 'question.waitAnswer');
  await told('question.resolved', () => true);
  other.stop();
}

async function devices() {
  // The contract of 2026.9.1 knows entries about runs alone; these are about devices, nodes and decisions.
  const { events: entries, ...page } = await client.request('audit.list', {});
  if (!Array.isArray(entries)) throw new Error('audit.list has no entries');
  check('AuditListResult', { events: [], ...page }, 'audit.list');
  const made = await call(client, 'device.pair.setupCode', { publicUrl: 'wss://claw.example.org' }, 'DevicePairSetupCodeResult');
  await call(client, 'device.pair.setupStatus', { setupId: made.setupId }, 'DevicePairSetupStatusResult');
  const { paired } = await client.request('device.pair.list', {});
  const device = paired.find((one) => one.role === 'operator');
  if (device) await call(client, 'device.token.rotate', { deviceId: device.deviceId, role: 'operator' }, 'DeviceTokenRotateResult');
}

/** A turn that is stopped, so that its events are seen as well. */
async function stopped() {
  const id = `stopped-${Date.now()}`;
  await client.request('chat.send', { sessionKey: 'agent:main:js', message: 'stop me', idempotencyKey: id });
  await client.request('chat.abort', { sessionKey: 'agent:main:js', runId: id });
  await told('chat', (payload) => payload.runId === id && ['aborted', 'final'].includes(payload.state));
}

setTimeout(() => { console.log('timeout'); process.exit(2); }, 60000);
