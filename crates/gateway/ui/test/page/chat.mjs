// One chat: answers, Markdown, tools, thoughts, pictures, failure, stop, queue, retry, change, model, use.
import assert from 'node:assert/strict';

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC', 'base64');

export async function steps({ step, gateway, model, context, seen, tab }) {
  const { page } = tab;

  await step('a message is answered, and stands there once', async () => {
    await tab.newChat();
    const answer = await tab.say('hello');
    await tab.until('the message is shown once', async () => (await tab.mine('hello').count()) === 1);
    assert.match(await answer.innerText(), /large.*You said: hello/s);
    assert.equal(await page.locator('#message').inputValue(), '');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'message');
  });

  await step('what looks like markup stays text, and hidden characters are shown', async () => {
    const bad = 'x <img src=x onerror="window.broken=1"><script>window.broken=1</script> [a](javascript:window.broken=1) [d](data:text/html,<script>1</script>) ![b](https://example.invalid/b.png) <a href="javascript:1">c</a> <svg onload="window.broken=1"> bidi:\u202etxt.exe\u2066 bell:\u0007 tag:\u{e0041}';
    await page.locator('#message').fill(bad);
    await page.locator('#message').press('Enter');
    const answer = page.locator('.answer').last();
    await answer.getByText('You said: x').waitFor();
    await answer.and(page.locator('[aria-busy=false]')).waitFor();
    const found = await page.evaluate(() => ({
      broken: window.broken,
      nodes: document.querySelectorAll('oc-markdown script, oc-markdown svg, oc-markdown img, oc-markdown [onerror], oc-markdown [style]').length,
      links: [...document.querySelectorAll('oc-markdown a[href]')].map((link) => link.protocol).filter((scheme) => !['http:', 'https:', 'mailto:'].includes(scheme)),
      text: [...document.querySelectorAll('.entry')].slice(-2).map((entry) => entry.textContent),
      title: [...document.querySelectorAll('.session-title, h1')].map((one) => one.textContent).join(''),
    }));
    assert.deepEqual([found.broken, found.nodes, found.links], [undefined, 0, []]);
    for (const text of found.text) {
      assert.match(text, /bidi:\[U\+202E\]txt\.exe\[U\+2066\] bell:\[U\+0007\] tag:\[U\+E0041\]/);
      assert.doesNotMatch(text, /[\u202e\u2066\u0007\u{e0041}]/u);
    }
    assert.doesNotMatch(found.title, /[\u202e\u2066\u0007]/);
    assert.ok(!seen.requests.some((url) => url.includes('example.invalid')), 'no picture is loaded from elsewhere');
  });

  await step('Markdown and code are shown and coloured, and code can be copied', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(gateway.base).origin });
    await tab.newChat();
    const answer = await tab.say('markdown please');
    await answer.locator('.hljs-keyword').first().waitFor();
    const code = answer.locator('.code').first();
    await code.locator('.copy').click();
    await code.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await code.locator('code').textContent());
    assert.match(copied, /let total: u64/);
    await answer.locator('.entry-buttons [aria-label=Copy]').click();
    await answer.locator('.entry-buttons [aria-label=Copied]').waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^# A plan for the week/);
    await tab.axe('markdown');
    await tab.shot('10-markdown');
  });

  await step('a tool call is one folded line with a result that can be read', async () => {
    await tab.newChat();
    const answer = await tab.say('tool read {"path":"notes.md"}');
    const fold = answer.locator('details.tool').first();
    assert.equal(await fold.getAttribute('open'), null);
    assert.match(await fold.locator('summary').innerText(), /read\s+notes\.md\s+done/);
    await fold.locator('summary').focus();
    await page.keyboard.press('Enter');
    const result = fold.locator('pre').first();
    await result.waitFor();
    const text = await result.innerText();
    assert.match(text, /The first line of the notes\.\nred and \[U\+202E\]hidden/);
    await tab.axe('tool');
    await tab.shot('11-tool');
    const status = await tab.say('tool session_status');
    await status.locator('details.tool summary').click();
    const missing = await tab.say('tool read {"path":"none.md"}');
    await missing.locator('details.tool[data-state=failed]').waitFor();
    // A reload reads the same from the gateway.
    await page.reload();
    await tab.connected();
    await tab.until('the tools are back', async () => (await page.locator('details.tool').count()) === 3);
  });

  await step('thoughts are shown while they come, folded, and stay', async () => {
    await tab.newChat();
    await tab.write('think 12');
    const answer = tab.answerTo('think 12');
    await answer.locator('details.thoughts[data-live]').waitFor();
    assert.equal(await answer.locator('details.thoughts').getAttribute('open'), null);
    await tab.shot('12-thinking');
    await tab.settled('think 12');
    await tab.until('the thoughts are there once', async () => (await answer.locator('details.thoughts').count()) === 1);
    await answer.locator('details.thoughts summary').click();
    assert.match(await answer.locator('.thoughts .fold-body').innerText(), /Thought 0\.[\s\S]*Thought 11\./);
    assert.match(await answer.innerText(), /I have thought about it\./);
  });

  await step('a picture is attached, sent, kept and read by the model', async () => {
    await tab.newChat();
    const files = page.locator('input[type=file]');
    await files.setInputFiles([{ name: 'a\u202egnp.exe.png', mimeType: 'image/png', buffer: PIXEL }, { name: 'not.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }]);
    await page.getByText('not.png is not a picture that can be sent').waitFor();
    assert.equal(await page.locator('.pictures img').count(), 1);
    assert.doesNotMatch(await page.locator('.pictures img').getAttribute('alt'), /\u202e/);
    await tab.shot('13-attached');
    const answer = await tab.say('what is this');
    assert.match(await answer.innerText(), /1 pictures/);
    assert.equal(await page.locator('.entry.user img').count(), 1);
    assert.equal(await page.locator('.pictures img').count(), 0);
    await page.reload();
    await tab.connected();
    await page.locator('.entry.user img').waitFor();
    // By the clipboard too, and without a word.
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }));
      document.querySelector('#message').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, PIXEL.toString('base64'));
    await page.locator('.pictures img').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.until('both pictures are there', async () => (await page.locator('.entry.user img').count()) === 2);
    await page.locator('.answer[aria-busy=false]').nth(1).waitFor();
  });

  await step('a run that fails says why and what to do, and can be tried again', async () => {
    await tab.newChat();
    await tab.write('fail 401');
    const failure = tab.answerTo('fail 401').locator('.run-error');
    await failure.waitFor();
    assert.match(await failure.innerText(), /The run failed\.[\s\S]*Check the provider’s key/);
    await tab.settled('fail 401');
    await tab.axe('failure');
    await tab.shot('14-failed');
    const asked = model.asked.length;
    await page.getByRole('button', { name: 'Ask again' }).click();
    await tab.until('the model is asked again', () => model.asked.length > asked);
    await tab.settled('fail 401');
    await tab.until('the message is there once', async () => (await tab.mine('fail 401').count()) === 1);
    await tab.until('its failure is there once', async () => (await page.locator('.run-error').count()) === 1);
  });

  await step('a run is stopped by the button and by Escape', async () => {
    await tab.newChat();
    for (const how of ['button', 'escape']) {
      const message = `slow 200 ${how}`;
      await tab.write(message);
      await tab.begun(message);
      if (how === 'button') await tab.shot('15-streaming');
      if (how === 'button') await tab.stop().click();
      else await page.locator('#message').press('Escape');
      await tab.answerTo(message).locator('.stopped').waitFor();
      await tab.stop().waitFor({ state: 'hidden' });
      await tab.until('the answer is there once', async () => (await tab.answerTo(message).locator('.stopped').count()) === 1);
    }
  });

  await step('a second message waits its turn, visibly, also over a reload', async () => {
    await tab.newChat();
    await tab.write('slow 60 first');
    await tab.begun('slow 60 first');
    await tab.write('second');
    await page.getByText('Queued: answered after the current run').waitFor();
    await tab.shot('16-queued');
    await page.reload();
    await tab.connected();
    await tab.mine('second').waitFor();
    await page.getByText('Queued: answered after the current run').waitFor();
    await tab.settled('second');
    assert.equal(await page.getByRole('button', { name: 'To the newest message' }).count(), 0, 'the newest text stays in sight');
    for (const message of ['slow 60 first', 'second']) await tab.until(`${message} is there once`, async () => (await tab.mine(message).count()) === 1);
    assert.match(await tab.answerTo('slow 60 first').innerText(), /word-0 [\s\S]*word-59/);
  });

  await step('the last message can be changed: it is stopped and another one takes its place, and says so', async () => {
    await tab.newChat();
    await tab.write('slow 200 wrong');
    await tab.begun('slow 200 wrong');
    await page.locator('#message').press('ArrowUp');
    assert.equal(await page.locator('#message').inputValue(), 'slow 200 wrong');
    await page.getByText('The new one takes the place of the earlier one and of its answer.').waitFor();
    await tab.shot('17-changing');
    await page.locator('#message').fill('right');
    await page.locator('#message').press('Enter');
    await tab.settled('right');
    assert.equal(await tab.mine('right').count(), 1);
    assert.equal(await tab.mine('slow 200 wrong').count(), 0);
    // Given up, the words that were typed before are back.
    await page.locator('#message').fill('typed before');
    await page.locator('.entry.user').last().hover();
    await page.getByRole('button', { name: 'Change and send again' }).click();
    assert.equal(await page.locator('#message').inputValue(), 'right');
    await page.locator('#message').press('Escape');
    assert.equal(await page.locator('#message').inputValue(), 'typed before');
    await page.locator('#message').fill('');
  });

  await step('model and thinking are chosen for the chat, and the use is counted', async () => {
    await tab.newChat();
    await page.getByLabel('Thinking').selectOption('high');
    await tab.until('the level is taken', async () => (await page.getByLabel('Thinking').inputValue()) === 'high');
    const thought = await tab.say('with effort');
    assert.match(await thought.innerText(), /large, effort high/);
    await page.getByLabel('Model').selectOption('test/small');
    await tab.until('the model is taken', async () => /small/.test(await page.locator('.head-about').innerText()));
    assert.equal(await page.getByLabel('Thinking').count(), 0, 'a model that cannot think has no levels');
    const small = await tab.say('which one');
    assert.match(await small.innerText(), /small.*You said: which one/s);
    await page.locator('input[type=file]').setInputFiles([{ name: 'a.png', mimeType: 'image/png', buffer: PIXEL }]);
    await page.getByText('Small does not read pictures').waitFor();
    await page.getByRole('button', { name: 'Remove a.png' }).click();
    await page.getByLabel('Model').selectOption({ label: 'Back to the usual model' });
    await tab.until('the usual model is back', async () => /large/.test(await page.locator('.head-about').innerText()));
    // Two answers, of 1200 tokens read and 300 written each.
    await page.locator('.usage').filter({ hasText: '1.2k of 128k tokens · $0.0162' }).waitFor();
    await page.locator('.usage').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Estimated cost').waitFor();
    assert.match(await dialog.innerText(), /Tokens in the context\s+1,200 of 128,000 \(1 %\)\s+Tokens read by models\s+2,400\s+Tokens written\s+600\s+Tokens together\s+3,000\s+Estimated cost\s+\$0\.0162/);
    await tab.axe('details');
    await tab.shot('18-details');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  await step('reading further up is not disturbed, and earlier messages can be read', async () => {
    await page.evaluate(() => { document.querySelector('.scroll').scrollTop = 0; });
    await tab.write('slow 20 while reading');
    await tab.begun('slow 20 while reading');
    await page.evaluate(() => { const scroll = document.querySelector('.scroll'); scroll.scrollTop = Math.max(0, scroll.scrollTop - 300); });
    const high = await page.evaluate(() => { const { scrollHeight, clientHeight } = document.querySelector('.scroll'); return scrollHeight > clientHeight + 320; });
    await tab.settled('slow 20 while reading');
    if (!high) return;
    const newest = page.getByRole('button', { name: 'To the newest message' });
    await newest.click();
    await newest.waitFor({ state: 'hidden' });
  });
}
