// The end-to-end check of the page in a real browser, against any gateway:
//   node test/page.mjs --url 'http://127.0.0.1:18789/#token=..' --restart 'COMMAND' [--stop 'COMMAND' --start 'COMMAND']
// playwright-core is not a dependency: give its folder with --playwright or PLAYWRIGHT. Commands run in a shell and must
// return when done. --slow is a message whose answer streams for some seconds, --tool one that calls a tool, --fail one
// whose run fails, --markdown one that is answered with Markdown and code; without them those steps are left out.
// --shots DIR keeps pictures.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: {
    url: text, restart: text, stop: text, start: text, slow: text, tool: text, fail: text, markdown: text, shots: text,
    playwright: { type: 'string', default: process.env.PLAYWRIGHT }, chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  },
});
if (!options.url || !options.playwright) throw new Error('--url and --playwright (or PLAYWRIGHT) are needed');
const { chromium } = createRequire(resolve(options.playwright, 'package.json'))('playwright-core');
const shell = (command) => promisify(execFile)('/bin/sh', ['-c', command]);
const address = new URL(options.url);
const token = new URLSearchParams(address.hash.slice(1)).get('token');
const bare = `${address.origin}${address.pathname}`;
const stamp = Date.now().toString(36);
const profile = await mkdtemp(join(tmpdir(), 'page-check-'));
if (options.shots) await mkdir(options.shots, { recursive: true });

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const context = await chromium.launchPersistentContext(profile, { executablePath: options.chromium, headless: true, args: FLAGS, viewport: { width: 1200, height: 780 } });
context.setDefaultTimeout(20_000);
const faults = [];
const requests = [];
let down = false;
watch(await context.newPage());
let page = context.pages().at(-1);

/** Collects what must not happen: errors in the console, refused content, a token in a request. */
function watch(one) {
  one.on('console', (message) => {
    // While the gateway is down or refuses a token the browser itself reports the broken socket.
    const broken = /WebSocket connection to|ERR_CONNECTION_REFUSED/.test(message.text());
    if (message.type() === 'error' && !(down && broken)) faults.push(`console: ${message.text()}`);
    if (/Content.Security.Policy/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  one.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  one.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  one.on('request', (request) => requests.push(request.url()));
  one.on('websocket', (socket) => requests.push(socket.url()));
}

let steps = 0;
async function step(name, run) {
  await run();
  assert.deepEqual(faults, [], `${name}: the console must stay clean`);
  steps++;
  console.log(`ok  ${name}`);
}
const shot = async (name) => { if (options.shots) await page.screenshot({ path: join(options.shots, `${name}.png`) }); };
const connected = () => page.locator('.connection[data-state=good]').waitFor();
const write = async (message) => {
  await page.locator('#message').fill(message);
  await page.locator('#message').press('Enter');
};
const mine = (message) => page.locator('.entry.user .plain').filter({ hasText: message });
const answerTo = (message) => page.locator('oc-entry').filter({ has: mine(message) }).locator('xpath=following-sibling::oc-entry[1]').locator('.answer');
const settled = (answer) => answer.and(page.locator('[aria-busy=false]')).waitFor({ timeout: 60_000 });
const stop = () => page.getByRole('button', { name: 'Stop', exact: true });
const until = async (what, check) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`${what} did not come true`);
};

try {
  await step('the token leaves the address at once and is kept for the tab only', async () => {
    await page.goto(options.url);
    await connected();
    assert.ok(!page.url().includes(token), page.url());
    const kept = await page.evaluate(() => ({ tab: JSON.stringify(sessionStorage), all: JSON.stringify(localStorage), cookie: document.cookie }));
    assert.ok(kept.tab.includes(token));
    assert.ok(!kept.all.includes(token) && !kept.cookie.includes(token));
    assert.ok(requests.every((url) => !url.includes(token)), 'no request may carry the token');
    await page.locator('.blank h2, .entry').first().waitFor();
    await shot('01-start');
  });

  await step('a message is answered, and stands there once', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    await write(`hello ${stamp}`);
    await settled(answerTo(`hello ${stamp}`));
    await until('the message is shown once', async () => (await mine(`hello ${stamp}`).count()) === 1);
    assert.ok(((await answerTo(`hello ${stamp}`).innerText()).length) > 0);
    assert.equal(await page.locator('#message').inputValue(), '');
    await shot('02-answer');
  });

  await step('what looks like markup stays text', async () => {
    const bad = `x-${stamp} <img src=x onerror="window.broken=1"><script>window.broken=1</script> [a](javascript:window.broken=1) ![b](https://example.invalid/${stamp}.png) <a href="javascript:1">c</a> <svg onload="window.broken=1">`;
    await write(bad);
    await settled(answerTo(`x-${stamp}`));
    const found = await page.evaluate(() => ({
      broken: window.broken, nodes: document.querySelectorAll('oc-markdown script, oc-markdown svg, oc-markdown img, oc-markdown [onerror], oc-markdown [style]').length,
      links: [...document.querySelectorAll('oc-markdown a[href]')].map((link) => link.protocol).filter((scheme) => !['http:', 'https:', 'mailto:'].includes(scheme)),
    }));
    assert.deepEqual(found, { broken: undefined, nodes: 0, links: [] });
    assert.ok(!requests.some((url) => url.includes('example.invalid')));
  });

  if (options.markdown) {
    await step('Markdown and code are shown, and code can be copied', async () => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: address.origin });
      await write(`${options.markdown} ${stamp}`);
      const answer = answerTo(`${options.markdown} ${stamp}`);
      await settled(answer);
      const code = answer.locator('.code').first();
      await code.locator('.copy').click();
      await code.getByText('Copied').waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await code.locator('code').textContent());
      await shot('03-markdown');
    });
  }

  if (options.tool) {
    await step('a tool call is one folded line', async () => {
      await write(`${options.tool} ${stamp}`);
      const answer = answerTo(`${options.tool} ${stamp}`);
      await settled(answer);
      const fold = answer.locator('details.tool').first();
      assert.equal(await fold.getAttribute('open'), null);
      await fold.locator('summary').click();
      await fold.locator('pre').first().waitFor();
      await shot('04-tool');
    });
  }

  if (options.fail) {
    await step('a run that fails says so in the chat', async () => {
      await write(`${options.fail} ${stamp}`);
      await answerTo(`${options.fail} ${stamp}`).locator('.run-error').waitFor();
      await shot('05-failed');
    });
  }

  if (options.slow) {
    await step('a run is stopped by the button and by Escape', async () => {
      for (const how of ['button', 'escape']) {
        const message = `${options.slow} ${how} ${stamp}`;
        await write(message);
        await answerTo(message).locator('oc-markdown').waitFor();
        if (how === 'button') await shot('06-streaming');
        if (how === 'button') await stop().click();
        else await page.locator('#message').press('Escape');
        await answerTo(message).locator('.stopped').waitFor();
        await stop().waitFor({ state: 'hidden' });
        await until('the answer is there once', async () => (await answerTo(message).locator('.stopped').count()) === 1);
      }
      await shot('07-stopped');
    });

    await step('a second message waits its turn, visibly', async () => {
      await write(`${options.slow} first ${stamp}`);
      await answerTo(`${options.slow} first ${stamp}`).locator('oc-markdown').waitFor();
      await write(`second ${stamp}`);
      await mine(`second ${stamp}`).waitFor();
      await shot('08-queued');
      await settled(answerTo(`second ${stamp}`));
      assert.equal(await page.getByRole('button', { name: 'To the newest message' }).count(), 0, 'the newest text stays in sight');
      for (const message of [`${options.slow} first ${stamp}`, `second ${stamp}`]) assert.equal(await mine(message).count(), 1);
    });
  }

  const restart = options.restart ?? (options.stop && options.start ? `${options.stop} && ${options.start}` : undefined);
  if (restart && options.slow) {
    await step('a restart in the middle of a run loses and doubles nothing', async () => {
      const message = `${options.slow} restart ${stamp}`;
      await write(message);
      await answerTo(message).locator('oc-markdown').waitFor();
      down = true;
      await shell(restart);
      await connected();
      down = false;
      await until('the message is there once', async () => (await mine(message).count()) === 1);
      await until('the run ends', async () => !(await stop().isVisible()));
      await shot('09-restarted');
      await write(`after ${stamp}`);
      await settled(answerTo(`after ${stamp}`));
      assert.equal(await mine(message).count(), 1);
    });
  }

  if (options.stop && options.start) {
    await step('what is written while the gateway is down is sent once it is back', async () => {
      down = true;
      await shell(options.stop);
      await page.locator('.banner').waitFor();
      await write(`offline ${stamp}`);
      await mine(`offline ${stamp}`).waitFor();
      await shot('10-down');
      await shell(options.start);
      await page.getByRole('button', { name: /Try now/ }).click({ timeout: 3_000 }).catch(() => undefined);
      await connected();
      down = false;
      await settled(answerTo(`offline ${stamp}`));
      assert.equal(await mine(`offline ${stamp}`).count(), 1);
    });
  }

  await step('a reload needs no token and shows the same chat', async () => {
    const before = await page.locator('.entry.user .plain').allInnerTexts();
    await page.reload();
    await connected();
    await until('the messages are back', async () => (await page.locator('.entry.user .plain').count()) === before.length);
    assert.deepEqual(await page.locator('.entry.user .plain').allInnerTexts(), before);
  });

  await step('a new chat is empty, and the way back works', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.locator('.blank h2').waitFor();
    await shot('11-new');
    assert.equal(await page.locator('.session[aria-current=page]').count(), 1);
    await page.goBack();
    await mine(`hello ${stamp}`).waitFor();
  });

  await step('reading further up is not disturbed', async () => {
    await page.evaluate(() => { document.querySelector('.scroll').scrollTop = 0; });
    const high = await page.evaluate(() => { const { scrollHeight, clientHeight } = document.querySelector('.scroll'); return scrollHeight > clientHeight + 100; });
    if (!high) return;
    const newest = page.getByRole('button', { name: 'To the newest message' });
    await newest.waitFor();
    assert.ok(await page.evaluate(() => document.querySelector('.scroll').scrollTop < 50));
    await newest.click();
    await newest.waitFor({ state: 'hidden' });
  });

  await step('a phone has the list in a drawer and nothing sticks out', async () => {
    await page.setViewportSize({ width: 375, height: 720 });
    await page.waitForTimeout(300);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.querySelector('.scroll').scrollWidth > document.querySelector('.scroll').clientWidth);
    assert.equal(await wide(), false);
    await shot('12-phone');
    await page.getByRole('button', { name: 'Sessions' }).click();
    await page.locator('.session').first().waitFor();
    await page.waitForTimeout(300);
    await shot('13-phone-drawer');
    await page.keyboard.press('Escape');
    await page.locator('.session').first().waitFor({ state: 'hidden' });
    await page.setViewportSize({ width: 1200, height: 780 });
  });

  await step('dark and light follow the system', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.notEqual(await ground(), light);
    await shot('14-dark');
    await page.setViewportSize({ width: 375, height: 720 });
    await shot('15-dark-phone');
    await page.setViewportSize({ width: 1200, height: 780 });
    await page.emulateMedia({ colorScheme: 'light' });
  });

  await step('a query chooses neither the gateway nor the token', async () => {
    page = await context.newPage();
    watch(page);
    await page.goto(`${bare}?gatewayUrl=ws://127.0.0.1:9/&token=${token}`);
    await page.getByLabel('Token').waitFor();
    assert.ok(!requests.some((url) => url.startsWith('ws://127.0.0.1:9')));
    assert.ok(!page.url().includes(token));
    await shot('16-gate');
  });

  await step('a wrong token is explained, and the right one can be given', async () => {
    await page.goto(`${bare}#token=wrong-${stamp}`);
    await page.reload();
    await page.getByLabel('Token').waitFor();
    await page.goto('about:blank');
    await page.goto(`${bare}#token=wrong-${stamp}`);
    await page.getByRole('heading', { name: 'The token is not the right one' }).waitFor();
    await shot('17-wrong-token');
    await page.getByLabel('Token').fill(options.url);
    await page.getByRole('button', { name: 'Connect' }).click();
    await connected();
    await page.emulateMedia({ colorScheme: 'dark' });
  });
  console.log(`${steps} steps passed`);
} catch (error) {
  await shot('failed').catch(() => undefined);
  console.error(faults.join('\n'));
  throw error;
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
