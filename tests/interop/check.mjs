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
  const map = { chat: 'ChatEvent', agent: 'AgentEvent', tick: 'TickEvent', 'device.pair.requested': 'DevicePairRequestedEvent', 'device.pair.resolved': 'DevicePairResolvedEvent' };
  const counts = {};
  for (const e of events) { counts[e.event] = (counts[e.event] ?? 0) + 1; check('EventFrame', e, 'frame ' + e.event); if (map[e.event]) check(map[e.event], e.payload, 'event ' + e.event); }
  console.log('events', JSON.stringify(counts)); console.log('valid', results.length, 'invalid', bad);
  client.stop(); process.exit(bad ? 1 : 0);
}
setTimeout(() => { console.log('timeout'); process.exit(2); }, 30000);
