// What can be done with a session, with its questions: used by menus, by the palette and by keys.
import { html, nothing, type TemplateResult } from 'lit';
import { MAX_LABEL } from '../manage.ts';
import type { Page } from '../page.ts';
import type { SessionItem } from '../sessions.ts';
import { dollars } from '../usage.ts';
import { ask, show } from './ask.ts';
import type { MenuItem } from './menu.ts';

/** The menu of one session. */
export function sessionMenu(page: Page, item: SessionItem): MenuItem[] {
  const { mayWrite, mayAdmin } = page;
  return [
    ...(mayWrite ? [{ label: 'Rename…', run: () => void renameSession(page, item) }] : []),
    { label: 'Details', run: () => showDetails(page, item) },
    ...(mayAdmin && item.known ? [{ label: 'Reset…', run: () => void resetSession(page, item), danger: true }] : []),
    ...(mayAdmin && item.known && !item.main ? [{ label: 'Delete…', run: () => void deleteSession(page, item), danger: true }] : []),
  ];
}

/** Asks for a name and gives it. */
export async function renameSession(page: Page, item: SessionItem): Promise<void> {
  const row = page.rowOf(item.key);
  const name = await ask({
    title: 'Rename this chat', yes: 'Rename',
    text: 'Without a name the chat is called after its first message.',
    field: { label: 'Name', value: row?.label ?? (item.known ? item.title : ''), max: MAX_LABEL },
  });
  if (name !== undefined) await page.manage.rename(item.key, name);
}

/** Asks, then begins a session anew. */
export async function resetSession(page: Page, item: SessionItem): Promise<void> {
  const sure = await ask({
    title: 'Begin this chat anew?', yes: 'Reset', danger: true,
    text: `“${item.title}” becomes empty, and what runs in it is stopped. The gateway archives what was said; this page cannot bring it back.`,
  });
  if (sure !== undefined) await page.manage.reset(item.key);
}

/** Asks, then deletes a session. */
export async function deleteSession(page: Page, item: SessionItem): Promise<void> {
  const sure = await ask({
    title: 'Delete this chat?', yes: 'Delete', danger: true,
    text: `“${item.title}” leaves the list, and what runs in it is stopped. The gateway archives its transcript; this page cannot bring it back.`,
  });
  if (sure !== undefined) await page.manage.remove(item.key);
}

/** Shows what is known of a session. */
export function showDetails(page: Page, item: SessionItem): void {
  const row = page.rowOf(item.key);
  const usage = page.usageOf(item.key);
  const number = (count: number) => count.toLocaleString();
  const line = (name: string, value: unknown): TemplateResult | typeof nothing =>
    value === undefined || value === null || value === '' ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  show(html`<h2 id="ask-title">${item.title}</h2>
    <dl class="facts">
      ${line('Tokens in the context', usage?.context && `${number(usage.context.used)} of ${number(usage.context.of)} (${Math.round(usage.context.share * 100)} %)`)}
      ${line('Tokens read for the last answer', usage?.read && number(usage.read))}
      ${line('Tokens written in it', usage?.written && number(usage.written))}
      ${line('Estimated cost of it', usage?.cost && dollars(usage.cost))}
      ${usage ? nothing : line('Use', 'Nothing is counted yet')}
      ${line('Model', row?.model && (row.modelProvider ? `${row.modelProvider}/${row.model}` : row.model))}
      ${line('Thinking', row?.thinkingLevel)}
      ${line('Last change', row?.updatedAt && new Date(row.updatedAt).toLocaleString())}
      ${line('Key', html`<code>${item.key}</code>`)}
      ${line('Transcript', row?.sessionId && html`<code>${row.sessionId}</code>`)}
    </dl>`);
}

/** The keys of the page. */
export const KEYS: readonly [keys: string[], does: string][] = [
  [['Ctrl', 'K'], 'Search chats and commands'],
  [['Ctrl', 'Shift', 'O'], 'New chat'],
  [['Alt', '↑'], 'Previous chat'],
  [['Alt', '↓'], 'Next chat'],
  [['/'], 'To the message field'],
  [['Enter'], 'Send'],
  [['Shift', 'Enter'], 'New line'],
  [['↑'], 'Change your last message (in an empty field)'],
  [['Esc'], 'Stop the answer'],
  [['?'], 'This list'],
];

/** The name of a key on this machine. */
export function keyName(key: string): string {
  return key === 'Ctrl' && /^(Mac|iP)/.test(navigator.platform) ? '⌘' : key;
}

/** Shows the keys. */
export function showKeys(): void {
  show(html`<h2 id="ask-title">Keys</h2>
    <dl class="facts keys">${KEYS.map(([keys, does]) => html`<div><dt>${does}</dt><dd>${keys.map((key) => html`<kbd>${keyName(key)}</kbd>`)}</dd></div>`)}</dl>`);
}
