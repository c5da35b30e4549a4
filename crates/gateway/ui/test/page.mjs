// The page in Chromium against the real gateway: `node test/page.mjs --binary target/debug/openclaw [--shots DIR]
// [--assets DIR] [--only WORD] [--all]`: a fresh build instead of the embedded one, one step, all steps in spite of failures. The model is a server of the test (test/page/model.mjs), so no key is needed.
// `cargo xtask ci` runs it.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startBrowser, Tab } from './page/browser.mjs';
import { prepareGateway } from './page/gateway.mjs';
import { startModel } from './page/model.mjs';
import * as door from './page/door.mjs';
import * as chat from './page/chat.mjs';
import * as sessions from './page/sessions.mjs';
import * as keys from './page/keys.mjs';
import * as approvals from './page/approvals.mjs';
import * as tabs from './page/tabs.mjs';
import * as network from './page/network.mjs';
import * as look from './page/look.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { binary: text, shots: text, assets: text, only: text, all: { type: 'boolean', default: false }, chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' } },
});
if (!options.binary) throw new Error('--binary is needed: the openclaw to test');
if (options.shots) await mkdir(options.shots, { recursive: true });

const model = await startModel();
const gateway = await prepareGateway(options.binary, model.url);
let browser;
let steps = 0;
const failed = [];
try {
  await gateway.start();
  browser = await startBrowser({ executable: options.chromium, shots: options.shots, assets: options.assets, base: gateway.base });
  const { context, seen } = browser;
  const cx = { gateway, model, context, seen, tab: new Tab(await context.newPage(), options.shots), newTab: async () => new Tab(await context.newPage(), options.shots), another: () => prepareGateway(options.binary, model.url) };
  /** One step; the console must stay clean in it. */
  cx.step = async (name, run) => {
    if (options.only && !name.includes(options.only) && !name.startsWith('*')) return;
    const began = performance.now();
    try {
      await run();
      assert.deepEqual(seen.faults, [], 'the console must stay clean');
    } catch (error) {
      await cx.tab.shot('failed').catch(() => undefined);
      console.error(`FAILED  ${name}\n${seen.faults.splice(0).join('\n')}`);
      if (!options.all) throw error;
      failed.push(`${name}: ${error.message}`);
      return;
    }
    steps++;
    console.log(`ok  ${name.replace(/^\*/, '')}  (${Math.round(performance.now() - began)} ms)`);
  };
  for (const part of [door, chat, sessions, keys, approvals, tabs, network, look]) await part.steps(cx);
  assert.deepEqual(failed, []);
  console.log(`${steps} steps passed`);
} catch (error) {
  console.error(gateway.log.join('').split('\n').slice(-20).join('\n'));
  throw error;
} finally {
  await browser?.close();
  await gateway.remove();
  model.stop();
}
