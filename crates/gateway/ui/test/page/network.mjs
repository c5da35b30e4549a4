// What goes wrong on the way: lost answers, reloads, a gateway that stops, restarts or dies. Nothing is lost or doubled.
import assert from 'node:assert/strict';

export async function steps({ step, gateway, model, seen, tab, newTab }) {
  const { page } = tab;

  await step('the socket dies between the commit and the reply: the message is there once and answered once', async () => {
    const other = await newTab();
    let cuts = 0;
    await other.page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      let sending;
      socket.onMessage((data) => {
        const frame = JSON.parse(String(data));
        if (frame.method === 'chat.send') sending = frame.id;
        server.send(data);
      });
      server.onMessage((data) => {
        const frame = JSON.parse(String(data));
        // The gateway has it; the page must not hear of that, nor of the run.
        if (sending !== undefined && cuts === 0) {
          if (frame.id !== sending) return;
          cuts++;
          socket.close({ code: 1001, reason: 'cut by the test' });
          server.close();
          return;
        }
        socket.send(data);
      });
    });
    await other.open(gateway.url);
    await other.newChat();
    const asked = model.asked.length;
    await other.write('sent once');
    await other.settled('sent once');
    assert.equal(cuts, 1);
    await other.until('the message is there once', async () => (await other.mine('sent once').count()) === 1);
    await other.page.reload();
    await other.connected();
    await other.settled('sent once');
    assert.equal(await other.mine('sent once').count(), 1);
    assert.equal(await other.page.locator('.answer').count(), 1);
    assert.deepEqual(model.asked.slice(asked), ['sent once']);
    assert.equal(await other.page.evaluate(() => sessionStorage.getItem('openclaw.outbox')), null);
    await other.page.close();
  });

  await step('the page is reloaded before the reply: the same', async () => {
    const other = await newTab();
    let deaf = true;
    await other.page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      let sending = false;
      socket.onMessage((data) => {
        sending ||= deaf && JSON.parse(String(data)).method === 'chat.send';
        server.send(data);
      });
      server.onMessage((data) => { if (!sending) socket.send(data); });
    });
    await other.open(gateway.url);
    await other.newChat();
    const asked = model.asked.length;
    await other.page.locator('input[type=file]').setInputFiles([{ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC', 'base64') }]);
    await other.page.locator('.pictures img').waitFor();
    await other.write('sent once, with a picture');
    await other.until('the model is asked', () => model.asked.length > asked);
    deaf = false;
    await other.page.reload();
    await other.connected();
    await other.settled('sent once, with a picture');
    await other.until('the outbox is empty', () => other.page.evaluate(() => sessionStorage.getItem('openclaw.outbox') === null));
    await other.page.waitForTimeout(500);
    assert.equal(await other.mine('sent once, with a picture').count(), 1);
    assert.equal(await other.page.locator('.entry.user img').count(), 1);
    assert.deepEqual(model.asked.slice(asked), ['sent once, with a picture']);
    await other.page.close();
  });

  await step('a reload in the middle of a stream goes on with it', async () => {
    await tab.newChat();
    await tab.write('slow 60 reloaded');
    await tab.begun('slow 60 reloaded');
    await page.reload();
    await tab.connected();
    await tab.stop().waitFor();
    await tab.settled('slow 60 reloaded');
    assert.match(await tab.answerTo('slow 60 reloaded').innerText(), /word-0 word-1 [\s\S]*word-59/);
    assert.equal(await tab.mine('slow 60 reloaded').count(), 1);
    assert.equal(await page.locator('.answer').count(), 1);
  });

  for (const [signal, how] of [['SIGTERM', 'is restarted'], ['SIGKILL', 'is killed']]) {
    await step(`the gateway ${how} in the middle of a stream: nothing is lost or doubled`, async () => {
      await tab.newChat();
      const message = `slow 80 ${how}`;
      await tab.write(message);
      await tab.begun(message);
      seen.down = true;
      await gateway.stop(signal);
      await page.locator('.banner').waitFor();
      if (signal === 'SIGKILL') await tab.shot('40-down');
      // What is written meanwhile waits, also over a reload, which the embedded page cannot serve now.
      await tab.write(`meanwhile ${how}`);
      await page.getByText('Waits for the connection').waitFor();
      await page.locator('#message').fill('not sent yet');
      await gateway.start();
      await tab.connected();
      seen.down = false;
      await tab.settled(`meanwhile ${how}`);
      await tab.until('no run goes on', async () => !(await tab.stop().isVisible()));
      assert.equal(await page.locator('#message').inputValue(), 'not sent yet');
      await page.reload();
      await tab.connected();
      await tab.settled(`meanwhile ${how}`);
      for (const one of [message, `meanwhile ${how}`]) assert.equal(await tab.mine(one).count(), 1);
      assert.equal(await page.locator('#message').inputValue(), 'not sent yet', 'what was typed survives a reload');
      await page.locator('#message').fill('');
      const lines = await page.locator('.entry').count();
      assert.ok(lines >= 4, `${lines} entries: each message and what became of it`);
      if (signal === 'SIGTERM') await tab.shot('41-restarted');
    });
  }

  await step('a message that is refused says why, stays over a reload, and can be removed', async () => {
    const other = await newTab();
    await other.page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((data) => {
        const { id, method, params } = JSON.parse(String(data));
        if (method !== 'chat.send' || params.message !== 'refused') return server.send(data);
        return socket.send(JSON.stringify({ type: 'res', id, ok: false, error: { code: 'INVALID_REQUEST', message: 'send blocked by session policy' } }));
      });
      server.onMessage((data) => socket.send(data));
    });
    await other.open(gateway.url);
    await other.newChat();
    await other.write('refused');
    await other.page.getByText('Not sent. send blocked by session policy').waitFor();
    await other.say('something else');
    await other.page.reload();
    await other.connected();
    await other.page.getByText('Not sent. send blocked by session policy').waitFor();
    await other.shot('42-refused');
    await other.axe('refused');
    await other.page.getByRole('button', { name: 'Remove' }).click();
    await other.until('it is gone', async () => (await other.mine('refused').count()) === 0);
    await other.page.close();
  });
}
