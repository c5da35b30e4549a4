// Sessions: new, found, renamed, reset, deleted.
import assert from 'node:assert/strict';

export async function steps({ step, tab }) {
  const { page } = tab;
  const dialog = page.getByRole('dialog');

  await step('a new chat is empty, and the way back works', async () => {
    await tab.newChat();
    assert.equal(await page.locator('.session-open[aria-current=page]').count(), 1);
    await tab.say('the first words of this chat');
    await tab.session('the first words of this chat').waitFor();
    await tab.newChat();
    await page.goBack();
    await tab.mine('the first words of this chat').waitFor();
  });

  await step('a chat is renamed, and loses its name again', async () => {
    await tab.menu('the first words of this chat', 'Rename…');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'ask-field');
    await tab.axe('rename');
    await tab.shot('20-rename');
    await page.keyboard.type('Plans \u202e for <b>Monday</b>');
    await page.keyboard.press('Enter');
    await tab.session('Plans [U+202E] for <b>Monday</b>').waitFor();
    assert.equal(await page.locator('h1').innerText(), 'Plans [U+202E] for <b>Monday</b>');
    await page.reload();
    await tab.connected();
    await tab.menu('Plans [U+202E] for <b>Monday</b>', 'Rename…');
    await page.getByRole('textbox', { name: 'Name' }).fill('');
    await page.keyboard.press('Enter');
    await tab.session('the first words of this chat').waitFor();
  });

  await step('a name that another chat has is refused with the reason', async () => {
    await tab.menu('the first words of this chat', 'Rename…');
    await page.getByRole('textbox', { name: 'Name' }).fill('Taken');
    await page.keyboard.press('Enter');
    await tab.session('Taken').waitFor();
    await tab.newChat();
    await tab.say('another one');
    await tab.menu('another one', 'Rename…');
    await page.getByRole('textbox', { name: 'Name' }).fill('Taken');
    await page.keyboard.press('Enter');
    await tab.toast('label already in use').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  });

  await step('chats are found by a few letters', async () => {
    const search = page.getByRole('searchbox', { name: 'Search the chats' });
    await search.fill('taken');
    await tab.until('only that is left', async () => (await page.locator('.session').count()) === 1);
    await search.press('Enter');
    await tab.mine('the first words of this chat').waitFor();
    await search.fill('nothing is called that');
    await page.getByText('Nothing found.').waitFor();
    await search.press('Escape');
    assert.ok((await page.locator('.session').count()) > 3);
  });

  await step('a reset asks first, then empties the chat and stops what runs', async () => {
    await tab.write('slow 200 to be reset');
    await tab.begun('slow 200 to be reset');
    await tab.menu('Taken', 'Reset…');
    await dialog.getByText('becomes empty').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel', 'the harmless answer has the focus');
    await tab.axe('reset');
    await tab.shot('21-reset');
    await page.keyboard.press('Escape');
    await tab.mine('the first words of this chat').waitFor();
    await tab.menu('Taken', 'Reset…');
    await dialog.getByRole('button', { name: 'Reset' }).click();
    await tab.toast('The chat begins anew.').waitFor();
    await page.locator('.blank h2').waitFor();
    await tab.stop().waitFor({ state: 'hidden' });
    const answer = await tab.say('after the reset');
    assert.match(await answer.innerText(), /after the reset/);
    await page.waitForTimeout(300);
    assert.equal(await page.locator('.entry.user').count(), 1);
  });

  await step('a delete asks first, then shows the neighbour; the main chat cannot be deleted', async () => {
    await tab.menu('Taken', 'Delete…');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await tab.toast('The chat was deleted.').waitFor();
    await tab.session('Taken').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.session-open[aria-current=page]').count(), 1);
    await page.reload();
    await tab.connected();
    await page.locator('.session').first().waitFor();
    assert.equal(await tab.session('Taken').count(), 0);
    await page.goto(`${page.url().split('#')[0]}#session=agent:main:main`);
    await tab.say('hello main');
    await page.getByRole('button', { name: 'More for this chat' }).click();
    await page.getByRole('menuitem', { name: 'Rename…' }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: 'Delete…' }).count(), 0);
    await tab.axe('menu');
    await tab.shot('22-menu');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'More for this chat');
  });
}
