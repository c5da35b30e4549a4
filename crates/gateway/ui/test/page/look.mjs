// The look: light, dark, chosen or as the system says; a phone's width; nothing sticks out; pictures to look at.
import assert from 'node:assert/strict';

const LONG = `a${'b'.repeat(300)} https://example.org/${'path/'.repeat(60)}`;

export async function steps({ step, gateway, tab }) {
  const { page } = tab;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  const up = async () => {
    await page.locator('.scroll').hover();
    await page.mouse.wheel(0, -20_000);
    await tab.until('the beginning is shown', () => page.evaluate(() => document.querySelector('.scroll').scrollTop === 0));
  };

  await step('a chat to look at', async () => {
    await tab.newChat();
    await tab.say('tool read {"path":"notes.md"}');
    await tab.say('think 5');
    await tab.say('markdown for the picture');
    await tab.say(LONG);
    await page.locator('.hljs-keyword').first().waitFor();
    assert.equal(await tab.overflows(), false);
    await up();
    await tab.shot('50-light');
  });

  await step('dark and light follow the system, or the choice', async () => {
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.notEqual(await ground(), light);
    await tab.axe('dark');
    await page.locator('.markdown .h1').scrollIntoViewIfNeeded();
    await tab.shot('51-dark');
    await page.getByRole('button', { name: 'Colours' }).click();
    await page.getByRole('menuitemradio', { name: 'Light' }).click();
    assert.equal(await ground(), light);
    await page.reload();
    await tab.connected();
    assert.equal(await ground(), light, 'the choice is kept');
    await page.getByRole('button', { name: 'Colours' }).click();
    await page.getByRole('menuitemradio', { name: 'As the system' }).click();
    await page.keyboard.press('Control+k');
    await tab.shot('52-dark-palette');
    await page.keyboard.press('Escape');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  await step('a phone has the list in a drawer, and nothing sticks out', async () => {
    await page.setViewportSize({ width: 375, height: 720 });
    await page.waitForTimeout(300);
    assert.equal(await tab.overflows(), false);
    await tab.axe('phone');
    await tab.shot('53-phone');
    await up();
    await tab.shot('54-phone-top');
    await page.getByRole('button', { name: 'Chats', exact: true }).click();
    await page.locator('.session').first().waitFor();
    await page.waitForTimeout(300);
    await tab.axe('drawer');
    await tab.shot('55-phone-drawer');
    await page.keyboard.press('Escape');
    await page.locator('.session').first().waitFor({ state: 'hidden' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await tab.shot('56-phone-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.keyboard.press('Control+k');
    await tab.shot('57-phone-palette');
    await page.keyboard.press('Escape');
    for (const width of [320, 600, 900]) {
      await page.setViewportSize({ width, height: 720 });
      assert.equal(await tab.overflows(), false, `${width} pixels`);
    }
    await page.setViewportSize({ width: 1200, height: 780 });
  });

  await step('the gate on a phone', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('about:blank');
    await page.goto(gateway.base);
    await page.getByLabel('Token').waitFor();
    assert.equal(await tab.overflows(), false);
    await tab.shot('58-phone-gate');
  });
}
