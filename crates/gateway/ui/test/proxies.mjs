// The page and the OpenAI-style interface through proxies that people put in front of the gateway, with the files of
// deploy/ as they are but for ports and certificates: `node test/proxies.mjs --binary PATH [--chromium PATH] [--only NAME]`.
// `cargo xtask ui --test` runs it for each proxy that is installed.
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { startBrowser, Tab } from './page/browser.mjs';
import { freePort, prepareGateway, TOKEN } from './page/gateway.mjs';
import { startModel } from './page/model.mjs';
import { NAME, PROXIES } from './page/proxy.mjs';

/** How long nothing may come through before it counts as held back, in milliseconds. */
const SILENCE_MS = 10_000;

const text = { type: 'string' };
const { values: options } = parseArgs({ options: { binary: text, only: { ...text, multiple: true }, chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' } } });
if (!options.binary) throw new Error('--binary is needed: the openclaw to test');

const model = await startModel();
try {
  for (const [name, start] of Object.entries(PROXIES)) if (options.only?.includes(name) ?? true) await behind(name, start);
} finally {
  model.stop();
}

/** Everything that has to work behind one proxy. */
async function behind(name, start) {
  const port = await freePort();
  const origin = `https://${NAME}:${port}`;
  const gateway = await prepareGateway(options.binary, model.url, { controlUi: { allowedOrigins: [origin] } });
  let proxy;
  try {
    await gateway.start();
    proxy = await start(port, gateway.port);
    await until(`${name} answers`, () => ask(port, '/healthz').then(({ status }) => status === 200, () => false));
    for (const [what, check] of [['health is told', health], ['a foreign page is refused', foreign], ['a stream comes piece by piece', streamed], ['the page chats', page]]) {
      await check({ port, origin });
      console.log(`ok  ${name}: ${what}`);
    }
  } catch (error) {
    console.error(`FAILED  ${name}\n${proxy?.log.join('') ?? ''}\n${gateway.log.join('').split('\n').slice(-20).join('\n')}`);
    throw error;
  } finally {
    await proxy?.stop();
    await gateway.remove();
  }
}

async function health({ port }) {
  const { status, body } = await ask(port, '/health');
  assert.deepEqual([status, JSON.parse(body)], [200, { ok: true, status: 'live' }]);
}

async function foreign({ port, origin }) {
  const evil = 'https://evil.example';
  assert.equal((await connect(port, origin)).ok, true);
  assert.equal((await connect(port, evil)).error?.details?.code, 'CONTROL_UI_ORIGIN_NOT_ALLOWED');
  const post = (from) => ask(port, '/v1/chat/completions', { method: 'POST', headers: { origin: from, authorization: `Bearer ${TOKEN}` }, body: '{}' });
  assert.equal((await post(evil)).status, 403);
  assert.equal((await post(origin)).status, 400, 'ours is let in, and told what is missing');
}

/** The model holds its answer back until its beginning has come through. */
async function streamed({ port }) {
  const body = JSON.stringify({ model: 'openclaw', stream: true, messages: [{ role: 'user', content: 'hold' }] });
  const response = await open(port, '/v1/chat/completions', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body });
  let seen = '';
  for await (const piece of response.setEncoding('utf8')) {
    seen += piece;
    if (seen.includes('"content":"begun')) model.release();
  }
  assert.match(seen, /"content":"begun[\s\S]*"content":"done"[\s\S]*data: \[DONE\]/);
}

async function page({ port, origin }) {
  const base = `${origin}/`;
  const browser = await startBrowser({ executable: options.chromium, base, args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`], ignoreHTTPSErrors: true });
  try {
    const tab = new Tab(await browser.context.newPage());
    await tab.open(`${base}#token=${TOKEN}`);
    assert.match(await (await tab.say('hello through a proxy')).innerText(), /You said: hello through a proxy/);
    await tab.write('hold');
    await tab.answerTo('hold').getByText('begun').waitFor();
    model.release();
    await tab.settled('hold');
    const sockets = browser.seen.requests.filter((url) => url.startsWith('ws'));
    assert.deepEqual([...new Set(sockets)], [`wss://${NAME}:${port}/`]);
    assert.deepEqual(browser.seen.faults, [], 'the console must stay clean');
  } finally {
    await browser.close();
  }
}

/** Asks the proxy under its public name; the certificate is nobody's. */
async function open(port, path, { method = 'GET', headers = {}, body } = {}) {
  const asked = request({ host: '127.0.0.1', port, path, method, servername: NAME, rejectUnauthorized: false, agent: false, headers: { host: `${NAME}:${port}`, ...headers } });
  asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`${path}: nothing came through`)));
  asked.end(body);
  const [response] = await once(asked, 'response');
  return response;
}

async function ask(port, path, options) {
  const response = await open(port, path, options);
  let body = '';
  for await (const piece of response.setEncoding('utf8')) body += piece;
  return { status: response.statusCode, body };
}

/** What a program is answered that connects with the right token and says that it is a page of this origin. */
async function connect(port, origin) {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, { origin, headers: { host: `${NAME}:${port}` }, servername: NAME, rejectUnauthorized: false });
  try {
    await once(socket, 'message');
    const client = { id: 'cli', version: '1', platform: 'linux', mode: 'cli' };
    const params = { minProtocol: 4, maxProtocol: 4, client, role: 'operator', scopes: ['operator.read'], auth: { token: TOKEN } };
    socket.send(JSON.stringify({ type: 'req', id: '1', method: 'connect', params }));
    const [answer] = await once(socket, 'message');
    return JSON.parse(String(answer));
  } finally {
    socket.terminate();
  }
}

async function until(what, check) {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: that did not come true`);
}
