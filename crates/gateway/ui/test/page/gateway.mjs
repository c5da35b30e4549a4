// The real gateway for the page's test: on a port and a state folder of its own, with the test's model server.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TOKEN = 'page-test-token';

/** Prepares a gateway that is not started yet; `gateway` is that section of its config. */
export async function prepareGateway(binary, modelUrl, gateway = {}) {
  const state = await mkdtemp(join(tmpdir(), 'page-gateway-'));
  const port = await freePort();
  const workspace = join(state, 'workspace');
  await mkdir(workspace);
  await writeFile(join(workspace, 'notes.md'), 'The first line of the notes.\n\u001b[31mred\u001b[0m and \u202ehidden\n');
  await writeFile(join(state, 'openclaw.json'), JSON.stringify({ gateway, ...config(modelUrl, workspace) }), { mode: 0o600 });
  const log = [];
  let child;

  const start = async (more = []) => {
    child = spawn(binary, ['gateway', 'run', '--port', String(port), ...more], {
      env: { PATH: process.env.PATH, HOME: state, OPENCLAW_STATE_DIR: state, OPENCLAW_GATEWAY_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => log.push(String(piece)));
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) throw new Error(`the gateway ended:\n${log.join('')}`);
      if (await fetch(`http://127.0.0.1:${port}/health`).then((answer) => answer.ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`the gateway did not become ready:\n${log.join('')}`);
  };
  const stop = async (signal = 'SIGTERM') => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    state, port, log, start, stop,
    base: `http://127.0.0.1:${port}/`,
    url: `http://127.0.0.1:${port}/#token=${TOKEN}`,
    /** All lines of all transcripts. */
    transcript: async (sessionId) => (await readFile(join(state, 'agents/main/sessions', `${sessionId}.jsonl`), 'utf8')).trim().split('\n').map((line) => JSON.parse(line)),
    remove: async () => {
      if (child && child.exitCode === null && child.signalCode === null) await stop('SIGKILL');
      await rm(state, { recursive: true, force: true });
    },
  };
}

function config(modelUrl, workspace) {
  const cost = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3 };
  const model = (id, more = {}) => ({ id, contextWindow: 128_000, maxTokens: 4096, cost, ...more });
  return {
    models: {
      mode: 'replace',
      providers: {
        test: {
          baseUrl: modelUrl, apiKey: 'k', api: 'openai-completions',
          models: [model('large', { name: 'Large', reasoning: true, input: ['text', 'image'] }), model('small', { name: 'Small' })],
        },
      },
    },
    agents: { defaults: { model: { primary: 'test/large' }, workspace } },
  };
}

/** A port that nobody listens on. */
export async function freePort() {
  for (;;) {
    // Below the ports that the system gives to connections: one of those may be taken again at any moment.
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
