// OpenClaw's own Control UI, served by this gateway: `node test/official.mjs --binary target/debug/openclaw --root
// DIR [--name WORD] [--shots DIR]`, where DIR is the folder dist/control-ui of an installed openclaw package. Only
// what is the same in its versions is looked for. `cargo xtask interop` runs it for each version that it installs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startFront } from './page/front.mjs';
import { freePort, prepareGateway, TOKEN } from './page/gateway.mjs';
import { startModel } from './page/model.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { binary: text, root: text, name: { ...text, default: 'official' }, shots: text, chromium: { ...text, default: process.env.CHROMIUM ?? '/usr/bin/chromium' } },
});
if (!options.binary || !options.root) throw new Error('--binary and --root are needed');
if (options.shots) await mkdir(options.shots, { recursive: true });

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** What these pages fetch and do without: a picture that no agent has, and icons that are not served here. */
const OPTIONAL = /\/avatar\/|\/__openclaw__\/|\/api\//;

/** Runs the steps against a gateway and a browser of their own. */
async function story(basePath, steps, more = {}) {
  const model = await startModel();
  const gateway = await prepareGateway(options.binary, model.url, { controlUi: { root: options.root, basePath, ...more } });
  const profile = await mkdtemp(join(tmpdir(), 'official-browser-'));
  let context;
  try {
    await gateway.start();
    context = await chromium.launchPersistentContext(profile, { executablePath: options.chromium, headless: true, args: FLAGS, viewport: { width: 1280, height: 860 } });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const faults = watch(page, [gateway.base, ...(more.allowedOrigins ?? [])]);
    const step = async (name, run) => {
      const began = performance.now();
      try {
        await run();
        assert.deepEqual(faults, []);
      } catch (error) {
        if (options.shots) await page.screenshot({ path: join(options.shots, `${options.name}-failed.png`) }).catch(() => undefined);
        console.error(`FAILED  ${options.name}: ${name}`);
        throw error;
      }
      console.log(`ok  ${options.name}: ${name}  (${Math.round(performance.now() - began)} ms)`);
    };
    await steps({ page, gateway, step, address: `${gateway.base.slice(0, -1)}${basePath}` });
  } catch (error) {
    console.error(gateway.log.join('').split('\n').slice(-20).join('\n'));
    throw error;
  } finally {
    await context?.close();
    await gateway.remove();
    await rm(profile, { recursive: true, force: true });
    model.stop();
  }
}

/** What must never happen: an exception, refused content, a request to another host, a file that is missing. */
function watch(page, bases) {
  const faults = [];
  const own = [...bases, ...bases.map((base) => base.replace('http', 'ws')), 'data:', 'blob:'];
  const asked = (url) => { if (!own.some((start) => url.startsWith(start))) faults.push(`asked another host: ${url}`); };
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => { if (/Content.Security.Policy/i.test(message.text())) faults.push(`policy: ${message.text()}`); });
  page.on('request', (request) => asked(request.url()));
  page.on('websocket', (socket) => asked(socket.url()));
  page.on('response', (response) => { if (response.status() >= 400 && !OPTIONAL.test(response.url())) faults.push(`${response.status()} ${response.url()}`); });
  return faults;
}

const composer = (page) => page.locator('textarea[placeholder^="Message"]');
const stop = (page) => page.getByRole('button', { name: 'Stop generating' });

async function say(page, message) {
  await composer(page).fill(message);
  await composer(page).press('Enter');
}

const said = (page) => page.locator('body').innerText();

/** Waits for words. */
function shows(page, words) {
  return page.waitForFunction((words) => document.body.innerText.includes(words), words);
}

await story('', async ({ page, gateway, step, address }) => {
  const shot = async (name) => { if (options.shots) await page.screenshot({ path: join(options.shots, `${options.name}-${name}.png`) }); };
  await step('it connects with the token of the fragment, which leaves the address', async () => {
    await page.goto(gateway.url);
    await composer(page).waitFor();
    await page.waitForFunction(() => !document.querySelector('textarea[placeholder^="Message"]')?.disabled);
    assert.ok(!page.url().includes(TOKEN), page.url());
    await shot('connected');
  });
  await step('an answer is shown while it comes, and can be stopped', async () => {
    // So long that it cannot be over before it is stopped.
    await say(page, 'slow 900');
    await stop(page).waitFor();
    await shows(page, 'word-9 ');
    await shot('answering');
    await stop(page).click();
    await stop(page).waitFor({ state: 'hidden' });
    assert.ok(!(await said(page)).includes('word-899'));
  });
  await step('an answer is shown to its end', async () => {
    await say(page, 'are you there');
    await shows(page, 'You said: are you there');
    await stop(page).waitFor({ state: 'hidden' });
  });
  await step('a tool is called', async () => {
    await say(page, 'tool read {"path":"notes.md"}');
    await shows(page, 'The tool said: The first line of the notes');
    await stop(page).waitFor({ state: 'hidden' });
    await shot('tool');
  });
  await step('a reload shows it all again', async () => {
    await page.reload();
    await composer(page).waitFor();
    await shows(page, 'The tool said: The first line of the notes');
    const all = await said(page);
    for (const words of ['slow 900', 'word-9 ', 'You said: are you there']) assert.ok(all.includes(words), `${words}: ${all}`);
    await shot('reloaded');
  });
  await step('the sessions are listed', async () => {
    await page.goto(`${address}/sessions`);
    await shows(page, 'agent:main:main');
    await shot('sessions');
  });
});

await story('/claw/page', async ({ page, gateway, step, address }) => {
  await step('below a path of its own it connects and answers', async () => {
    await page.goto(gateway.url);
    await composer(page).waitFor();
    assert.ok(page.url().startsWith(`${address}/`), page.url());
    await say(page, 'hello there');
    await shows(page, 'You said: hello there');
  });
  await step('and a view is reached by its address', async () => {
    await page.goto(`${address}/sessions`);
    await shows(page, 'agent:main:main');
    assert.ok(page.url().startsWith(`${address}/sessions`), page.url());
  });
});

/** Our own command line beside the gateway; `home` is whose. */
const environment = (gateway, home) => ({ PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: home, OPENCLAW_GATEWAY_TOKEN: TOKEN, OPENCLAW_GATEWAY_PORT: String(gateway.port) });
const openclaw = (gateway, ...args) => JSON.parse(execFileSync(options.binary, [...args, '--json'], { env: environment(gateway, gateway.state), encoding: 'utf8' }));

/** Asks until there is an answer. */
async function until(ask) {
  for (let tries = 0; tries < 400; tries++) {
    const answer = ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`there was no answer to ${ask}`);
}

// The page lies at another address than the gateway, in front of which something forwards: its browser is a device
// that nobody knows, whatever secret it brings.
const front = { port: await freePort() };
await story('', async ({ page, gateway, step }) => {
  const shot = async (name) => { if (options.shots) await page.screenshot({ path: join(options.shots, `${options.name}-${name}.png`) }); };
  Object.assign(front, await startFront(gateway.port, front.port));
  const home = await mkdtemp(join(tmpdir(), 'official-node-'));
  let host;
  try {
    await step('a browser from elsewhere waits for an operator', async () => {
      await page.goto(`${front.origin}/#token=${TOKEN}`);
      const { pending } = await until(() => { const list = openclaw(gateway, 'devices', 'list'); return list.pending.length > 0 && list; });
      assert.deepEqual(pending.map(({ clientId, role }) => [clientId, role]), [['openclaw-control-ui', 'operator']]);
      await shows(page, 'pairing');
      await shot('waiting');
      openclaw(gateway, 'devices', 'approve', pending[0].requestId);
    });
    await step('once approved it connects', async () => {
      await page.goto(`${front.origin}/chat#token=${TOKEN}`);
      await page.reload();
      await composer(page).waitFor();
      await page.waitForFunction(() => !document.querySelector('textarea[placeholder^="Message"]')?.disabled);
    });
    await step('it lists its device and a node', async () => {
      host = spawn(options.binary, ['node', 'run', '--host', '127.0.0.1', '--port', String(gateway.port), '--display-name', 'kitchen'], { env: environment(gateway, home), stdio: 'ignore' });
      const waiting = await until(() => openclaw(gateway, 'nodes', 'pending').find(({ displayName }) => displayName === 'kitchen'));
      openclaw(gateway, 'nodes', 'approve', waiting.requestId);
      await page.goto(`${front.origin}/${options.name === '2026.3.28' ? 'nodes' : 'settings/devices'}`);
      await shows(page, 'kitchen');
      const { paired } = openclaw(gateway, 'devices', 'list');
      const own = paired.find(({ clientId }) => clientId === 'openclaw-control-ui').deviceId;
      // One page shows ids, the other names.
      await page.waitForFunction((names) => names.some((name) => document.body.innerText.includes(name)), [own.slice(0, 8), 'openclaw-control-ui']);
      await page.getByText('kitchen').locator('visible=true').first().scrollIntoViewIfNeeded();
      await shot('devices');
    });
  } finally {
    host?.kill();
    front.stop?.();
    await rm(home, { recursive: true, force: true });
  }
}, { allowedOrigins: [`http://127.0.0.1:${front.port}`] });
