// Without a mouse, and for those who listen: the palette, shortcuts, the order of the focus, the live region.
import assert from 'node:assert/strict';

export async function steps({ step, tab }) {
  const { page } = tab;
  const active = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('aria-label') || document.activeElement?.className);

  await step('the palette finds chats and commands, and runs them by keys alone', async () => {
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search chats and commands' });
    await field.waitFor();
    await tab.axe('palette');
    await tab.shot('30-palette');
    await page.keyboard.type('new ch');
    await page.keyboard.press('Enter');
    await page.locator('.blank h2').waitFor();
    await tab.until('the message field has the focus', async () => (await active()) === 'message');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('hello without');
    await page.locator('[role=option][aria-selected=true]').filter({ hasText: 'hello without WebCrypto' }).waitFor();
    await page.keyboard.press('Enter');
    await tab.mine('hello main').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('model small');
    await page.keyboard.press('Enter');
    await tab.until('the model is taken', async () => /small/.test(await page.locator('.head-about').innerText()));
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await tab.until('the focus is back', async () => (await active()) === 'message');
  });

  await step('keys work wherever the focus is', async () => {
    await page.locator('#message').press('Tab');
    await page.keyboard.press('/');
    assert.equal(await active(), 'message');
    assert.equal(await page.locator('#message').inputValue(), '');
    const before = tab.key;
    await page.keyboard.press('Alt+ArrowDown');
    await tab.until('the next chat is shown', () => tab.key !== before);
    await page.keyboard.press('Alt+ArrowUp');
    await tab.until('the former chat is shown', () => tab.key === before);
    await page.keyboard.press('Control+Shift+O');
    await page.locator('.blank h2').waitFor();
    await page.locator('#message').evaluate((field) => field.blur());
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Search chats and commands').waitFor();
    await tab.axe('keys');
    await tab.shot('31-keys');
    await page.keyboard.press('Escape');
  });

  await step('the first stop of the Tab key leads to the message field', async () => {
    await page.evaluate(() => { document.activeElement?.blur(); window.getSelection()?.removeAllRanges(); });
    await page.reload();
    await tab.connected();
    await page.keyboard.press('Tab');
    assert.match(await active(), /skip/);
    await tab.shot('32-skip');
    await page.keyboard.press('Enter');
    assert.equal(await active(), 'message');
  });

  await step('arrows walk through the list and through menus', async () => {
    await page.locator('.session-open').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('.session-open')].indexOf(document.activeElement)), 1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'menuitem');
    await page.keyboard.press('End');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Delete…');
    await page.keyboard.press('Escape');
    assert.match(await active(), /^More for /);
  });

  await step('a screen reader is told the answer in whole sentences, politely and once', async () => {
    await tab.newChat();
    await page.evaluate(() => {
      window.told = [];
      const region = document.querySelector('.speech');
      new MutationObserver(() => window.told.push(region.textContent.trim())).observe(region, { childList: true, subtree: true });
    });
    assert.equal(await page.locator('.speech').getAttribute('aria-live'), 'polite');
    await tab.say('markdown aloud');
    await tab.until('the end is told', async () => (await page.evaluate(() => window.told.join(' '))).includes('to stop.'));
    const told = await page.evaluate(() => window.told.join(' '));
    assert.equal(told.split('Short beats complete').length, 2, told);
    assert.doesNotMatch(told, /```|\*\*/);
    assert.equal(await page.getByRole('log').getAttribute('aria-live'), 'off', 'the growing text itself is not told');
  });
}
