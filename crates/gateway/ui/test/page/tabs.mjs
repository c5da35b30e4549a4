// Several tabs at once: they show the same, and none is surprised by what another does.
import assert from 'node:assert/strict';

export async function steps({ step, gateway, tab, newTab }) {
  await step('a second tab shows the same run while it goes on, tools and all', async () => {
    await tab.newChat();
    await tab.say('two tabs');
    const other = await newTab();
    await other.open(`${gateway.url}&session=${tab.key}`);
    await other.mine('two tabs').waitFor();
    await tab.write('slow 40 for both');
    await other.begun('slow 40 for both');
    await other.stop().waitFor();
    await tab.write('queued for both');
    await other.page.getByText('Queued: answered after the current run').waitFor();
    await tab.settled('queued for both');
    await other.settled('queued for both');
    await tab.write('tool read {"path":"notes.md"}');
    await other.answerTo('tool read {"path":"notes.md"}').locator('details.tool').waitFor();
    await other.settled('tool read {"path":"notes.md"}');
    await tab.settled('tool read {"path":"notes.md"}');
    const texts = (one) => one.page.locator('.entry').evaluateAll((entries) => entries.map((entry) => [...entry.querySelectorAll('.plain, oc-markdown')].map((part) => part.textContent).join('|')));
    await tab.until('both show the same', async () => JSON.stringify(await texts(tab)) === JSON.stringify(await texts(other)));
    assert.equal(await other.page.locator('.entry.user').count(), 4);
    await other.page.close();
  });

  await step('the other tab may stop the run, rename the chat, and choose the model and the colours', async () => {
    const other = await newTab();
    await other.open(`${gateway.url}&session=${tab.key}`);
    await tab.write('slow 200 stopped elsewhere');
    await other.stop().click();
    await tab.answerTo('slow 200 stopped elsewhere').locator('.stopped').waitFor();
    await other.menu('two tabs', 'Rename…');
    await other.page.getByRole('textbox', { name: 'Name' }).fill('Both tabs');
    await other.page.keyboard.press('Enter');
    await tab.session('Both tabs').waitFor();
    await other.page.getByLabel('Model').selectOption('test/small');
    await tab.until('the model is known here', async () => (await tab.page.getByLabel('Model').inputValue()) === 'test/small');
    await other.page.getByRole('button', { name: 'Colours' }).click();
    await other.page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await tab.until('it is dark here', () => tab.page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
    await other.page.getByRole('button', { name: 'Colours' }).click();
    await other.page.getByRole('menuitemradio', { name: 'As the system' }).click();
    await tab.until('it is as before here', () => tab.page.evaluate(() => document.documentElement.dataset.theme === undefined));
    await other.page.close();
  });

  await step('two tabs delete the same chat at once', async () => {
    const other = await newTab();
    await other.open(`${gateway.url}&session=${tab.key}`);
    const { key } = tab;
    for (const one of [tab, other]) {
      await one.menu('Both tabs', 'Delete…');
      await one.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).waitFor();
    }
    await Promise.all([tab, other].map((one) => one.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()));
    await Promise.all([tab, other].map((one) => one.toast('The chat was deleted').first().waitFor()));
    for (const one of [tab, other]) {
      await one.session('Both tabs').waitFor({ state: 'detached' });
      await one.until('another chat is shown', () => one.key !== key);
      await one.page.locator('#message:enabled').waitFor();
    }
    await other.page.close();
  });

  await step('a chat that is deleted elsewhere is left, and what was typed is not lost', async () => {
    await tab.newChat();
    await tab.say('to be deleted elsewhere');
    const other = await newTab();
    await other.open(`${gateway.url}&session=${tab.key}`);
    const { key } = tab;
    await tab.page.locator('#message').fill('half a thought');
    await other.menu('to be deleted elsewhere', 'Delete…');
    await other.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await tab.toast('This chat was deleted in another window.').waitFor();
    await tab.until('another chat is shown', () => tab.key !== key);
    assert.equal(await tab.page.locator('#message').inputValue(), 'half a thought');
    await tab.page.locator('#message').fill('');
    await other.page.close();
  });
}
