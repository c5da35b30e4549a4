// What can be done with a session, with its questions: used by menus, by the palette and by keys.
import { html, nothing, type TemplateResult } from 'lit';
import { until } from 'lit/directives/until.js';
import { MAX_LABEL } from '../manage.ts';
import type { Page } from '../page.ts';
import type { SessionItem } from '../sessions.ts';
import { totalFacts, type Usage } from '../usage.ts';
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
  const context = page.usageOf(item.key)?.context;
  const line = (name: string, value: unknown): TemplateResult | typeof nothing =>
    value === undefined || value === null || value === '' ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const totals = () => page.totalOf(item.key).then(
    (total) => (total ? totalFacts(total).map(([name, value]) => line(name, value)) : line('Use', 'Nothing is counted yet')),
    () => line('Use of the whole chat', 'The gateway does not say'),
  );
  show(html`<h2 id="ask-title">${item.title}</h2>
    <dl class="facts" aria-live="polite">
      ${line('Tokens in the context', context && inContext(context))}
      ${item.known ? until(totals(), line('Use of the whole chat', 'counting…')) : line('Use', 'Nothing is counted yet')}
      ${line('Model', row?.model && (row.modelProvider ? `${row.modelProvider}/${row.model}` : row.model))}
      ${line('Thinking', row?.thinkingLevel)}
      ${line('Last change', row?.updatedAt && new Date(row.updatedAt).toLocaleString())}
      ${line('Key', html`<code>${item.key}</code>`)}
      ${line('Transcript', row?.sessionId && html`<code>${row.sessionId}</code>`)}
    </dl>`);
}

function inContext({ used, of, share }: NonNullable<Usage['context']>): string {
  return of && share !== undefined ? `${used.toLocaleString()} of ${of.toLocaleString()} (${Math.round(share * 100)} %)` : used.toLocaleString();
}

/** The keys of the page. */
export const KEYS: readonly [keys: string[], does: string][] = [
  [['Ctrl', 'K'], 'Search chats and commands'],
  [['Ctrl', 'Shift', 'O'], 'New chat'],
  [['Alt', '↑'], 'Previous chat'],
  [['Alt', '↓'], 'Next chat'],
  [['Alt', 'A'], 'To a request that waits for a decision'],
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
