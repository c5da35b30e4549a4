// Makes a state directory with a real OpenClaw: node state.mjs OPENCLAW.mjs STATE_DIR
// A gateway of that program and a model server, both on loopback; a device that pairs; sessions with a tool call, an
// abort, a reset, an edit and a long answer. Writes STATE_DIR/expected.json: what another gateway must show of it.
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createSocket } from 'node:net';

const [program, state] = process.argv.slice(2);
const TOKEN = 'move-token-0123456789';
const LONG = 'A long answer of many words, some of them written again and again. '.repeat(60);
const ANSWERS = [['one', 'First answer.'], ['two', 'Second answer.'], ['other', 'Ümläut 🚪 and "quotes".'], ['long', LONG], ['fresh', 'A fresh start.']];
const late = ms => setTimeout(() => { console.error('gave up after', ms, 'ms'); process.exit(1); }, ms).unref();
late(150_000);

const freePort = () => new Promise(done => { const s = createSocket().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const textOf = m => typeof m.content === 'string' ? m.content : (m.content ?? []).map(p => p.text ?? '').join('\n');

// The model: knows a request by its last user message that says "ask: …".
const model = createServer((request, response) => {
  let body = '';
  request.on('data', d => body += d);
  request.on('end', async () => {
    const messages = JSON.parse(body || '{}').messages ?? [];
    const at = messages.findLastIndex(m => m.role === 'user' && /ask: \w+/.test(textOf(m)));
    const asked = at < 0 ? '' : /ask: (\w+)(?![\s\S]*ask: )/.exec(textOf(messages[at]))[1];
    const hasResult = messages.slice(at + 1).some(m => m.role === 'tool');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (delta, finish_reason = null) => response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'test', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    if (asked === 'tool' && !hasResult) {
      chunk({ role: 'assistant', tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'read', arguments: '{"path":"note.txt"}' } }] });
      chunk({}, 'tool_calls');
    } else if (asked === 'slow') {
      for (let n = 0; n < 400 && !response.destroyed; n++) { chunk({ role: 'assistant', content: `word${n} ` }); await new Promise(r => setTimeout(r, 50)); }
      chunk({}, 'stop');
    } else {
      const answer = asked === 'tool' ? 'It says: The gate is blue.' : ANSWERS.find(([word]) => word === asked)?.[1] ?? 'No fixed answer.';
      for (let n = 0; n < answer.length; n += 700) chunk({ role: 'assistant', content: answer.slice(n, n + 700) });
      chunk({}, 'stop');
    }
    response.end('data: [DONE]\n\n');
  });
});
await new Promise(done => model.listen(0, '127.0.0.1', done));
const port = await freePort();
mkdirSync(`${state}/workspace`, { recursive: true });
writeFileSync(`${state}/workspace/note.txt`, 'The gate is blue.\n');
const one = { id: 'test', name: 'Test', reasoning: false, input: ['text'], cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, contextWindow: 128000, maxTokens: 4096 };
writeFileSync(`${state}/openclaw.json`, '// written by hand\n' + JSON.stringify({
  gateway: { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token: TOKEN } },
  models: { mode: 'merge', providers: { mock: { baseUrl: `http://127.0.0.1:${model.address().port}/v1`, apiKey: 'k', api: 'openai-completions', models: [one] } } },
  agents: { defaults: { model: { primary: 'mock/test' }, workspace: `${state}/workspace`, skipBootstrap: true }, list: [{ id: 'main', default: true }, { id: 'ops' }] },
}, null, 2));
const env = { ...process.env, HOME: state, OPENCLAW_STATE_DIR: state, OPENCLAW_SKIP_CHANNELS: '1', NO_COLOR: '1', OPENCLAW_HIDE_BANNER: '1' };
let said = '';
const gateway = spawn(process.execPath, [program, 'gateway', 'run', '--port', String(port)], { env, cwd: state });
gateway.stdout.on('data', d => said += d); gateway.stderr.on('data', d => said += d);
const ended = new Promise(done => gateway.on('exit', done));
process.on('exit', code => { if (code) { console.error(said.slice(-3000)); gateway.kill('SIGKILL'); } });
const alive = () => fetch(`http://127.0.0.1:${port}/healthz`).then(r => r.ok, () => false);
while (!await alive()) await new Promise(r => setTimeout(r, 200));

// A device of its own, as a phone or a page has one.
const key = generateKeyPairSync('ed25519');
const raw = key.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const deviceId = createHash('sha256').update(raw).digest('hex');
const client = { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' };
const scopes = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];
let socket; let hello; const waiting = new Map(); const events = [];
async function connect(versions) {
  socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const nonce = await new Promise((done, fail) => {
    socket.onclose = e => fail(new Error(`closed ${e.code} ${e.reason}`));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === 'res') { const w = waiting.get(frame.id); waiting.delete(frame.id); frame.ok ? w?.done(frame.payload) : w?.fail(new Error(JSON.stringify(frame.error))); }
      else if (frame.event === 'connect.challenge') done(frame.payload.nonce);
      else events.push(frame);
    };
  });
  const signedAt = Date.now();
  const payload = ['v3', deviceId, client.id, client.mode, 'operator', scopes.join(','), signedAt, TOKEN, nonce, client.platform, ''].join('|');
  const device = { id: deviceId, publicKey: raw.toString('base64url'), signature: sign(null, Buffer.from(payload), key.privateKey).toString('base64url'), signedAt, nonce };
  hello = await call('connect', { minProtocol: versions[0], maxProtocol: versions[1], client, role: 'operator', scopes, caps: [], auth: { token: TOKEN }, device });
}
let ids = 0;
function call(method, params) {
  const id = `q${++ids}`;
  socket.send(JSON.stringify({ type: 'req', id, method, params }));
  return new Promise((done, fail) => waiting.set(id, { done, fail: e => fail(new Error(`${method}: ${e.message}`)) }));
}
// 2026.9.6 listens before it lets anyone in.
for (;;) {
  const refused = await connect([3, 4]).then(() => null, e => e);
  if (!refused) break;
  if (!/UNAVAILABLE|closed/.test(refused.message)) throw refused;
  await new Promise(r => setTimeout(r, 500));
}
console.log('connected, protocol', hello.protocol);
let runs = 0;
async function turn(sessionKey, message) {
  const idempotencyKey = `move-${++runs}`;
  await call('chat.send', { sessionKey, message, idempotencyKey });
  const result = await call('agent.wait', { runId: idempotencyKey, timeoutMs: 60000 });
  if (result.status !== 'ok') throw new Error(`${message}: ${JSON.stringify(result)}`);
}
await turn('agent:main:main', 'ask: one');
await turn('agent:main:main', 'ask: tool');
await turn('agent:main:main', 'ask: two');
await turn('agent:main:side', 'ask: long');
await call('sessions.patch', { key: 'agent:main:side', label: 'Side talk' });
await turn('agent:ops:main', 'ask: other');
await call('chat.send', { sessionKey: 'agent:main:slow', message: 'ask: slow', idempotencyKey: 'move-slow' });
while (!events.some(e => e.event === 'chat' && e.payload.runId === 'move-slow' && e.payload.state === 'delta')) await new Promise(r => setTimeout(r, 50));
await call('chat.abort', { sessionKey: 'agent:main:slow', runId: 'move-slow' });
await call('agent.wait', { runId: 'move-slow', timeoutMs: 30000 });
await turn('agent:main:again', 'ask: one');
await call('sessions.reset', { key: 'agent:main:again' });
await turn('agent:main:again', 'ask: fresh');

const list = await call('sessions.list', {});
const expected = { protocol: hello.protocol, token: TOKEN, sessions: {}, device: { id: deviceId, publicKey: raw.toString('base64url'), privateKeyPem: key.privateKey.export({ format: 'pem', type: 'pkcs8' }), token: hello.auth?.deviceToken, scopes: hello.auth?.scopes, client } };
for (const session of list.sessions) {
  const history = await call('chat.history', { sessionKey: session.key });
  expected.sessions[session.key] = { sessionId: session.sessionId, label: session.label ?? null, messages: history.messages.map(m => ({ role: m.role, text: textOf(m) })) };
}
writeFileSync(`${state}/expected.json`, JSON.stringify(expected, null, 1));
console.log(list.sessions.length, 'sessions;', Object.values(expected.sessions).map(s => s.messages.length).join(' '), 'messages');
socket.onclose = null; socket.close();
gateway.kill('SIGTERM');
console.log('gateway ended', await ended);
model.closeAllConnections(); model.close();
