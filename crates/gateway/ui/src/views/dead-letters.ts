// The list of what was dropped or given up, in a dialog.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Page } from '../page.ts';
import type { DeadLetter } from '../wire.ts';
import { show } from './ask.ts';

/** How something ended, in words. */
const KINDS: Record<DeadLetter['kind'], string> = {
  interrupted: 'Interrupted', 'never-began': 'Never begun', unreadable: 'Unreadable', 'not-ended': 'Without an end',
  expired: 'Too late', displaced: 'Gave way',
};

/** The entry at the foot of the side; nothing while the list is empty. */
export function deadLettersButton(page: Page): TemplateResult | typeof nothing {
  const { total } = page.deadLetters;
  if (total === 0) return nothing;
  const title = 'Accepted, then dropped or given up';
  return html`<button type="button" class="plain-button dead-letters" title=${title} @click=${() => void showDeadLetters(page)}>${total} undone</button>`;
}

/** Reads and shows the list. */
export async function showDeadLetters(page: Page): Promise<void> {
  let letters: DeadLetter[];
  try {
    letters = await page.deadLetters.list();
  } catch (error) {
    page.deadLetters.failed(error as Error);
    return;
  }
  const ids = letters.map(({ id }) => id);
  const dialog = show(html`<h2 id="ask-title">Dropped or given up</h2>
    ${letters.length === 0 ? html`<p>Nothing is left on the list.</p>` : html`<p>The gateway accepted these and did not carry them out to their end.</p>`}
    <ul class="letters">${repeat(letters, ({ id }) => id, (letter) => row(page, letter, () => dialog.close()))}</ul>
    ${page.mayAdmin && ids.length > 0 ? html`<div><button type="button" class="small" @click=${async () => { if (await page.deadLetters.discard(ids)) dialog.close(); }}>Clear the list</button></div>` : nothing}`);
}

function row(page: Page, { at, kind, text, subject, reason, sessionKey, nodeId }: DeadLetter, leave: () => void): TemplateResult {
  const open = (): void => {
    page.select(sessionKey!);
    leave();
  };
  return html`<li><strong>${KINDS[kind] ?? kind}</strong> <time>${new Date(at).toLocaleString()}</time>
    <div class="letter-text">${text ?? subject}</div>
    <div class="letter-why">${reason}</div>
    ${sessionKey ? html`<button type="button" class="small" @click=${open}>Open the chat</button>` : nodeId ? html`<span class="letter-why">Node ${nodeId}</span>` : nothing}</li>`;
}
