// Chromium for the page's test, with a watch on what must never happen, and words for what the steps do.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';

/** What Chromium is started with: it shall ask nobody but the gateway. */
export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/** Starts the browser. `assets` serves a fresh build in place of the embedded one, under the gateway's own headers. */
export async function startBrowser({ executable, shots, assets, base, args = [], ignoreHTTPSErrors = false }) {
  const profile = await mkdtemp(join(tmpdir(), 'page-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: executable, headless: true, ignoreHTTPSErrors, args: [...FLAGS, ...args, ...(assets ? ['--disable-features=LocalNetworkAccessChecks'] : [])], viewport: { width: 1200, height: 780 } });
  context.setDefaultTimeout(10_000);
  const seen = { faults: [], requests: [], down: false };
  if (assets) {
    await context.route(`${base}**`, async (route) => {
      const path = new URL(route.request().url()).pathname;
      const name = extname(path) ? path.slice(1) : 'index.html';
      const answer = await route.fetch();
      const body = await readFile(join(assets, name)).catch(() => undefined);
      return body ? route.fulfill({ response: answer, status: 200, body, headers: { ...answer.headers(), 'content-type': TYPES[extname(name)] ?? 'text/plain' } }) : route.fulfill({ response: answer });
    });
  }
  context.on('page', (page) => watch(page, seen));
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, seen, shots, close };
}

/** Collects what must not happen: errors in the console, refused content, an exception, a dialog of the browser. */
function watch(page, seen) {
  page.on('console', (message) => {
    // While the gateway is down or refuses a secret the browser itself reports the broken socket.
    const broken = /WebSocket connection to|ERR_CONNECTION_REFUSED/.test(message.text());
    if (message.type() === 'error' && !(seen.down && broken)) seen.faults.push(`console: ${message.text()}`);
    if (/Content.Security.Policy/i.test(message.text())) seen.faults.push(`policy: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => { seen.faults.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('websocket', (socket) => seen.requests.push(socket.url()));
}

/** One tab, with the words of the steps. */
export class Tab {
  constructor(page, shots) {
    this.page = page;
    this.shots = shots;
  }

  async shot(name) {
    const heights = () => this.page.evaluate(() => [innerHeight, Math.round(document.querySelector('.frame, oc-gate').getBoundingClientRect().height)]);
    await this.until('the page fills the window', async () => { const [window, page] = await heights(); return window === page && window === this.page.viewportSize().height; });
    if (this.shots) await this.page.screenshot({ path: join(this.shots, `${name}.png`) });
  }

  async open(url) {
    await this.page.goto(url);
    await this.connected();
  }

  connected() {
    return this.page.locator('.connection[data-state=good]').waitFor({ state: 'attached', timeout: 30_000 });
  }

  async write(message) {
    await this.page.locator('#message').fill(message);
    await this.page.locator('#message').press('Enter');
  }

  /** Writes, and waits for the whole answer. */
  async say(message) {
    await this.write(message);
    await this.settled(message);
    return this.answerTo(message);
  }

  async newChat() {
    await this.page.getByRole('button', { name: 'New chat', exact: true }).click();
    await this.page.locator('.blank h2').waitFor();
  }

  mine(message) {
    return this.page.locator('.entry.user .plain').filter({ hasText: new RegExp(`^${escape(message)}$`) });
  }

  answerTo(message) {
    return this.page.locator('oc-entry').filter({ has: this.mine(message) }).locator('xpath=following-sibling::oc-entry[1]').locator('.answer');
  }

  settled(message) {
    return this.answerTo(message).and(this.page.locator('[aria-busy=false]')).waitFor({ timeout: 60_000 });
  }

  begun(message) {
    return this.answerTo(message).locator('oc-markdown').waitFor();
  }

  stop() {
    return this.page.getByRole('button', { name: 'Stop', exact: true });
  }

  session(title) {
    return this.page.locator('.session').filter({ has: this.page.locator('.session-title', { hasText: new RegExp(`^${escape(title)}$`) }) });
  }

  /** Opens the menu of a session and chooses a line. */
  async menu(title, line) {
    const row = this.session(title);
    await row.hover();
    await row.locator('.session-more').click();
    await this.page.getByRole('menuitem', { name: line }).click();
  }

  toast(text) {
    return this.page.locator('.toast', { hasText: text });
  }

  async until(what, check) {
    const end = Date.now() + 15_000;
    while (Date.now() < end) {
      if (await check()) return;
      await this.page.waitForTimeout(25);
    }
    assert.fail(`${what} did not come true`);
  }

  /** The title's key in the address. */
  get key() {
    return new URLSearchParams(new URL(this.page.url()).hash.slice(1)).get('session');
  }

  /** Whether anything is wider than its place. */
  overflows() {
    return this.page.evaluate(() => {
      const scroll = document.querySelector('.scroll, .gate');
      return document.documentElement.scrollWidth > innerWidth || (scroll && scroll.scrollWidth > scroll.clientWidth);
    });
  }

  /** What axe-core finds that is serious. */
  async axe(context) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const bad = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate');
    assert.deepEqual(bad.map(({ id, impact, nodes }) => `${context}: ${impact} ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`), []);
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
