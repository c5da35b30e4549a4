// The page as Lighthouse judges it, on a phone and on a desk, with an open conversation and without a token:
// `node test/lighthouse.mjs --binary PATH --lighthouse DIR [--chromium PATH]`, where DIR is the folder that the package
// `lighthouse` is installed in. Whatever does not pass for access, good practice or search fails; speed is told.
// `cargo xtask ui --test` installs the package and runs it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { FLAGS, startBrowser, Tab } from './page/browser.mjs';
import { prepareGateway } from './page/gateway.mjs';
import { startModel } from './page/model.mjs';

/** Categories in which everything must pass. */
const STRICT = ['accessibility', 'best-practices', 'seo'];
/** How long Chromium may take to open its debugging port, in milliseconds. */
const PATIENCE_MS = 30_000;

const text = { type: 'string' };
const { values: options } = parseArgs({ options: { binary: text, lighthouse: text, chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' } } });
if (!options.binary || !options.lighthouse) throw new Error('--binary and --lighthouse are needed');
const folder = join(resolve(options.lighthouse), 'node_modules/lighthouse/core');
const load = async (file) => (await import(pathToFileURL(join(folder, file)).href)).default;
const [lighthouse, desktop] = [await load('index.js'), await load('config/desktop-config.js')];

const model = await startModel();
const gateway = await prepareGateway(options.binary, model.url);
let chromium;
try {
  await gateway.start();
  await converse();
  chromium = await startChromium(options.chromium);
  const failed = [];
  for (const [what, url] of [['a conversation', gateway.url], ['the gate', gateway.base]]) {
    for (const [where, config] of [['phone', undefined], ['desk', desktop]]) failed.push(...(await judge(`${what}, ${where}`, url, config)));
  }
  assert.deepEqual(failed, [], 'Lighthouse has something to say');
} finally {
  await chromium?.stop();
  await gateway.remove();
  model.stop();
}

/** Fills the chat that the page opens with: text, code, a table, thoughts, a tool, a failure. */
async function converse() {
  const browser = await startBrowser({ executable: options.chromium, base: gateway.base });
  try {
    const tab = new Tab(await browser.context.newPage());
    await tab.open(gateway.url);
    for (const message of ['tool read {"path":"notes.md"}', 'think 3', 'fail 400', 'markdown']) await tab.say(message);
  } finally {
    await browser.close();
  }
}

/** One run; gives what does not pass. */
async function judge(name, url, config) {
  const { lhr } = await lighthouse(url, { port: chromium.port, logLevel: 'error', onlyCategories: [...STRICT, 'performance'] }, config);
  assert.equal(lhr.runtimeError, undefined, name);
  const scores = Object.values(lhr.categories).map(({ id, score }) => `${id} ${Math.round(score * 100)}`);
  console.log(`${name}: ${scores.join(', ')}`);
  return STRICT.flatMap((category) => lhr.categories[category].auditRefs.flatMap(({ id }) => {
    const audit = lhr.audits[id];
    const passes = audit.scoreDisplayMode !== 'error' && (audit.score === null || audit.score === 1);
    return passes ? [] : [`${name}: ${category}: ${audit.title} (${id}) ${audit.errorMessage ?? JSON.stringify(audit.details?.items ?? [])}`];
  }));
}

/** A browser of its own for Lighthouse, which speaks to it over a port. */
async function startChromium(executable) {
  const profile = await mkdtemp(join(tmpdir(), 'page-lighthouse-'));
  const child = spawn(executable, ['--headless=new', ...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    if (child.exitCode === null && child.kill()) await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  const file = join(profile, 'DevToolsActivePort');
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const port = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (port) return { port, stop };
    await new Promise((done) => setTimeout(done, 50));
  }
  await stop();
  throw new Error('Chromium did not open its debugging port');
}
