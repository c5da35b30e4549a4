// A small gateway for work on the page without the real one: serves the built page with its Content-Security-Policy
// and speaks the frames of protocol 3 or 4. Its state is a JSON file, so that it can be restarted in the middle.
// node test/fake-gateway.mjs --port 18790 --token secret --state /tmp/state.json [--protocol 3] [--pair] [--model local/demo]
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '18790' }, token: { type: 'string', default: 'secret' }, state: { type: 'string' },
    protocol: { type: 'string', default: '4' }, pair: { type: 'boolean', default: false },
    model: { type: 'string', default: 'local/demo' }, assets: { type: 'string' },
  },
});
const PROTOCOL = Number(options.protocol);
const ASSETS = resolve(options.assets ?? join(dirname(fileURLToPath(import.meta.url)), '../../assets/ui'));
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html dompurify";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8' };
const TICK_MS = 30_000;
const STEP_MS = 90;
const [PROVIDER, MODEL] = options.model.split('/');

const state = options.state && existsSync(options.state) ? JSON.parse(readFileSync(options.state, 'utf8')) : { sessions: {}, keys: {}, pending: [], approved: [] };
const save = () => { if (options.state) writeFileSync(options.state, JSON.stringify(state)); };
const peers = new Set();
const runs = new Map();

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://x').pathname;
  const file = join(ASSETS, path === '/' || !extname(path) ? 'index.html' : path.slice(1));
  const headers = { 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-cache' };
  if (!file.startsWith(ASSETS) || !existsSync(file)) return response.writeHead(404, headers).end('Not Found');
  return response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
});

new WebSocketServer({ server, maxPayload: 25 * 1024 * 1024 }).on('connection', (socket) => {
  const peer = { socket, nonce: randomUUID(), ready: false, subscribed: false };
  const event = (name, payload) => socket.send(JSON.stringify({ type: 'event', event: name, payload }));
  peer.event = event;
  event('connect.challenge', { nonce: peer.nonce, ts: Date.now() });
  socket.on('close', () => peers.delete(peer));
  socket.on('message', (data) => {
    const { id, method, params } = JSON.parse(data);
    const answer = (payload) => socket.send(JSON.stringify({ type: 'res', id, ok: true, payload }));
    const refuse = (error, code) => {
      socket.send(JSON.stringify({ type: 'res', id, ok: false, error }));
      if (code) socket.close(code, error.message);
    };
    if (!peer.ready) return connect(peer, method, params, answer, refuse);
    const handler = METHODS[method];
    return handler ? handler(params, answer, refuse, peer) : refuse({ code: 'INVALID_REQUEST', message: `unknown method: ${method}` });
  });
});

function connect(peer, method, params, answer, refuse) {
  if (method !== 'connect') return refuse({ code: 'INVALID_REQUEST', message: 'invalid handshake: first request must be connect' }, 1008);
  const given = params.auth?.token ?? params.auth?.password;
  const unauthorized = (code, authReason) => refuse({ code: 'INVALID_REQUEST', message: `unauthorized: ${authReason}`, details: { code, authReason } }, 1008);
  if (!given) return unauthorized('AUTH_TOKEN_MISSING', 'token_missing');
  if (given !== options.token) return unauthorized('AUTH_TOKEN_MISMATCH', 'token_mismatch');
  const fault = deviceFault(peer, params);
  if (fault) return refuse({ code: 'INVALID_REQUEST', message: fault, details: { code: 'DEVICE_AUTH_INVALID', reason: fault } }, 1008);
  if (options.pair && !state.approved.includes(params.device.id)) {
    const requestId = 'a1b2c3d4';
    // `touch STATE.approve` approves.
    if (!existsSync(`${options.state}.approve`)) return refuse({ code: 'NOT_PAIRED', message: 'pairing required', details: { code: 'PAIRING_REQUIRED', requestId, reason: 'not-paired' } }, 1008);
    state.approved.push(params.device.id);
  }
  peer.ready = true;
  peers.add(peer);
  return answer({
    type: 'hello-ok', protocol: PROTOCOL, server: { version: '0.1.0-fake', connId: randomUUID() }, features: { methods: Object.keys(METHODS), events: ['chat', 'agent'] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 1, health: 1 }, uptimeMs: 1, sessionDefaults: { defaultAgentId: 'main', mainKey: 'main', mainSessionKey: 'agent:main:main' } },
    auth: { role: 'operator', scopes: params.scopes }, policy: { maxPayload: 26214400, maxBufferedBytes: 52428800, tickIntervalMs: TICK_MS },
  });
}

/** What is wrong with the device's proof. */
function deviceFault(peer, { device, client, role, scopes, auth }) {
  if (!device) return 'device identity required';
  const raw = Buffer.from(device.publicKey, 'base64url');
  if (createHash('sha256').update(raw).digest('hex') !== device.id) return 'device identity mismatch';
  if (device.nonce !== peer.nonce) return 'device nonce mismatch';
  if (Math.abs(Date.now() - device.signedAt) > 120_000) return 'device signature expired';
  const text = ['v3', device.id, client.id, client.mode, role, scopes.join(','), device.signedAt, auth?.token ?? '', device.nonce, client.platform.trim().toLowerCase(), ''].join('|');
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, Buffer.from(device.signature, 'base64url')) ? undefined : 'device signature invalid';
}

const session = (key) => (state.sessions[key] ??= { sessionId: randomUUID(), updatedAt: Date.now(), messages: [] });
const row = (key) => {
  const { sessionId, updatedAt, messages, label } = state.sessions[key];
  const first = messages.find((message) => message.role === 'user');
  const busy = [...runs.values()].some((run) => run.key === key);
  return { key, kind: 'direct', sessionId, updatedAt, label, derivedTitle: first ? textOf(first).slice(0, 60) : undefined, status: busy ? 'running' : 'done', modelProvider: PROVIDER, model: MODEL };
};
const textOf = (message) => (typeof message.content === 'string' ? message.content : message.content.map((block) => block.text ?? '').join(''));

const METHODS = {
  health: (_params, answer) => answer({ ok: true, ts: Date.now() }),
  'sessions.subscribe': (_params, answer, _refuse, peer) => { peer.subscribed = true; answer({ subscribed: true }); },
  'agents.list': (_params, answer) => answer({ defaultId: 'main', mainKey: 'main', scope: 'per-sender', agents: [{ id: 'main', identity: { name: 'Main' }, model: { primary: options.model } }] }),
  'sessions.list': (_params, answer) => answer({ ts: Date.now(), count: 0, defaults: { modelProvider: PROVIDER, model: MODEL }, sessions: Object.keys(state.sessions).map(row) }),
  'chat.history': ({ sessionKey, limit = 200 }, answer) => {
    const found = state.sessions[sessionKey];
    const run = [...runs.values()].find((one) => one.key === sessionKey);
    const waiting = state.pending.filter((one) => one.key === sessionKey && !one.begun);
    answer({
      sessionKey, sessionId: found?.sessionId, messages: (found?.messages ?? []).slice(-limit), thinkingLevel: 'off',
      ...(PROTOCOL >= 4 && run ? { inFlightRun: { runId: run.id, text: run.text } } : {}),
      ...(PROTOCOL >= 4 ? { pendingInputs: { total: waiting.length, items: waiting.map((one) => ({ id: one.id, runId: one.id, acceptedAt: one.at, state: 'queued', message: { role: 'user', content: one.message } })) } } : {}),
    });
  },
  'chat.send': ({ sessionKey, message, idempotencyKey }, answer, refuse) => {
    if (message === 'refuse') return refuse({ code: 'INVALID_REQUEST', message: 'send blocked by session policy' });
    if (state.keys[idempotencyKey]) return answer({ runId: idempotencyKey, status: runs.has(idempotencyKey) ? 'in_flight' : 'ok' });
    state.keys[idempotencyKey] = true;
    state.pending.push({ id: idempotencyKey, key: sessionKey, message, at: Date.now() });
    session(sessionKey);
    save();
    // "lose": the message is accepted, but the answer to it never arrives.
    if (message.startsWith('lose')) for (const peer of peers) peer.socket.terminate();
    else answer({ runId: idempotencyKey, status: 'started' });
    return next(sessionKey);
  },
  'chat.abort': ({ sessionKey, runId }, answer) => {
    const hit = [...runs.values()].filter((run) => run.key === sessionKey && (!runId || run.id === runId));
    for (const run of hit) end(run, 'aborted');
    answer({ ok: true, aborted: hit.length > 0, runIds: hit.map((run) => run.id) });
  },
};

function broadcast(name, payload) {
  for (const peer of peers) if (name !== 'sessions.changed' || peer.subscribed) peer.event(name, payload);
}

function append(key, message, run) {
  const found = session(key);
  const stamped = { ...message, timestamp: Date.now(), __openclaw: { id: randomUUID().slice(0, 8), seq: found.messages.length + 1, ...(PROTOCOL >= 4 && run ? { runId: run } : {}) } };
  if (PROTOCOL >= 4 && run && message.role === 'user') stamped.idempotencyKey = `${run}:user`;
  found.messages.push(stamped);
  found.updatedAt = Date.now();
  save();
}

/** Starts the next waiting message of a session; one run at a time. */
function next(key) {
  if ([...runs.values()].some((run) => run.key === key)) return;
  const waiting = state.pending.find((one) => one.key === key);
  if (!waiting) return;
  const known = state.sessions[key].messages.some((message) => message.__openclaw.run === waiting.id);
  if (!known && !waiting.begun) append(key, { role: 'user', content: [{ type: 'text', text: waiting.message }] }, waiting.id);
  waiting.begun = true;
  save();
  const run = { ...waiting, text: '', seq: 0, steps: script(waiting.message), at: 0 };
  runs.set(run.id, run);
  agent(run, 'lifecycle', { phase: 'start', startedAt: Date.now() });
  broadcast('sessions.changed', { sessionKey: key, phase: 'start', runId: run.id, session: row(key) });
  run.timer = setInterval(() => step(run), STEP_MS);
}

function agent(run, stream, data) {
  broadcast('agent', { runId: run.id, stream, data, sessionKey: run.key, seq: ++run.seq, ts: Date.now() });
}

function chat(run, state, extra = {}) {
  const message = { role: 'assistant', content: [{ type: 'text', text: run.text }], timestamp: Date.now() };
  broadcast('chat', { runId: run.id, sessionKey: run.key, seq: run.seq, state, ...(state === 'error' ? {} : { message }), ...extra });
}

function step(run) {
  const one = run.steps[run.at++];
  if (one === undefined) return end(run, 'final');
  if (one.fail) return end(run, 'error', one.fail);
  if (one.tool) {
    const id = `call_${run.at}`;
    agent(run, 'tool', { phase: 'start', name: one.tool, toolCallId: id, args: one.args });
    append(run.key, { role: 'assistant', content: [...(run.text.length > (run.stored ?? 0) ? [{ type: 'text', text: run.text.slice(run.stored ?? 0) }] : []), { type: 'toolCall', id, name: one.tool, arguments: one.args }], provider: PROVIDER, model: MODEL, stopReason: 'toolUse' }, run.id);
    run.stored = run.text.length;
    setTimeout(() => {
      const result = { content: [{ type: 'text', text: one.output }] };
      agent(run, 'tool', { phase: 'result', name: one.tool, toolCallId: id, isError: Boolean(one.bad), result });
      append(run.key, { role: 'toolResult', toolCallId: id, toolName: one.tool, ...result, isError: Boolean(one.bad) }, run.id);
    }, STEP_MS / 2);
    return undefined;
  }
  run.text += one;
  agent(run, 'assistant', { text: run.text, delta: one });
  return chat(run, 'delta', PROTOCOL >= 4 ? { deltaText: one } : {});
}

function end(run, state_, errorMessage) {
  clearInterval(run.timer);
  runs.delete(run.id);
  state.pending = state.pending.filter((one) => one.id !== run.id);
  const text = run.text.slice(run.stored ?? 0);
  const extra = state_ === 'aborted' ? { openclawAbort: { aborted: true, runId: run.id } } : {};
  if (state_ === 'error') append(run.key, { role: 'assistant', content: [], provider: PROVIDER, model: MODEL, stopReason: 'error', errorMessage }, run.id);
  else append(run.key, { role: 'assistant', content: [{ type: 'text', text: `${text} ` }], provider: PROVIDER, model: MODEL, stopReason: 'stop', ...extra }, run.id);
  agent(run, 'lifecycle', { phase: state_ === 'error' ? 'error' : 'end', endedAt: Date.now() });
  chat(run, state_, errorMessage ? { errorMessage } : {});
  broadcast('sessions.changed', { sessionKey: run.key, phase: 'end', runId: run.id, session: row(run.key) });
  next(run.key);
}

/** What the model does with a message. */
function script(message) {
  const slow = /^(?:slow|lose) (\d+)/.exec(message);
  if (slow) return Array.from({ length: Number(slow[1]) }, (_, index) => `word-${index} `);
  if (message.startsWith('fail')) return ['Let me ', 'see. ', { fail: 'HTTP 401: the provider refused the key' }];
  if (message.startsWith('tool')) {
    return ['I will look ', 'at the folder. ', { tool: 'exec', args: { command: 'ls -la ~/projects' }, output: 'total 8\ndrwxr-xr-x  2 me me 4096 notes\n-rw-r--r--  1 me me  120 todo.md' },
      { tool: 'read', args: { path: 'missing.md' }, output: 'File not found: missing.md', bad: true }, 'There is a folder `notes` ', 'and a file **todo.md**.'];
  }
  if (message.startsWith('markdown')) return SAMPLE.match(/[\s\S]{1,40}/g);
  return `You said: ${message}`.match(/[\s\S]{1,24}/g);
}

const SAMPLE = `## A plan for the week

Here is what I would do, in *this* order. It keeps the **hard part** first; see [the notes](https://example.org/notes).

1. Read the report and mark what is unclear
2. Ask Ana about the figures
   - revenue by region
   - churn
3. Write the summary

> Short beats complete. Nobody reads page four.

\`\`\`rust
fn main() {
    let total: u64 = (1..=10).sum();
    println!("the total is {total}");
}
\`\`\`

| Region | Q1 | Q2 |
|:--|--:|--:|
| North | 120 | 141 |
| South | 98 | 87 |

- [x] draft
- [ ] review

Use \`cargo run\` to try it, or press <kbd>Ctrl</kbd>+<kbd>C</kbd> to stop.
`;

const ticks = setInterval(() => broadcast('tick', { ts: Date.now() }), TICK_MS);
process.on('SIGTERM', () => {
  clearInterval(ticks);
  for (const run of runs.values()) clearInterval(run.timer);
  broadcast('shutdown', { reason: 'service restart', restartExpectedMs: 1000 });
  for (const peer of peers) peer.socket.close(1012, 'service restart');
  server.close();
  setTimeout(() => process.exit(0), 50);
});
server.listen(Number(options.port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${options.port}/#token=${options.token}`);
  // What was accepted before a restart is answered now.
  for (const key of new Set(state.pending.map((one) => one.key))) next(key);
});
