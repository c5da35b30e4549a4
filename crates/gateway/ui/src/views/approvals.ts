// Cards of requests that wait for a decision. Everything that is asked is on the card, exactly; nothing is cut. The focus
// is never moved there, so that a key that is on its way to a message decides nothing.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Waiting } from '../approvals.ts';
import type { Page } from '../page.ts';
import { exact } from '../visible.ts';
import type { Decision } from '../wire.ts';
import { View } from './base.ts';

/** A click so soon after a card has come was meant for something else. */
const UNREADY_MS = 600;
const NAMES: Record<Decision, string> = { 'allow-once': 'Allow once', 'allow-always': 'Always allow', deny: 'Deny' };
/** In reading order; the one that does nothing comes first. */
const ORDER: readonly Decision[] = ['deny', 'allow-once', 'allow-always'];

/** `<oc-approvals .page=.. .version=.. .now=..>` */
export class ApprovalCards extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false }, now: { attribute: false }, ready: { state: true } };
  declare page: Page;
  declare version: number;
  declare now: number;
  /** Cards whose buttons work by now. */
  private declare ready: ReadonlySet<string>;
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor() {
    super();
    this.ready = new Set();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Brings the keyboard to the first card. */
  focusFirst(): boolean {
    const card = this.querySelector<HTMLElement>('.approval');
    card?.focus();
    return card !== null;
  }

  protected override render(): TemplateResult {
    const { waiting } = this.page.approvals;
    // Where nothing waits the place still stands: a reader's software watches it from the beginning.
    return html`<div class="visually-hidden" role="alert">${waiting.length > 0 ? announced(waiting) : nothing}</div>
    ${waiting.length === 0 ? nothing : html`<section class="approvals" aria-label="Waiting for a decision">
      ${repeat(waiting, ({ id }) => id, (one) => this.#card(one))}</section>`}`;
  }

  protected override updated(): void {
    const ids = new Set(this.page.approvals.waiting.map(({ id }) => id));
    for (const id of ids) if (!this.#timers.has(id)) this.#timers.set(id, setTimeout(() => { this.ready = new Set([...this.ready, id]); }, UNREADY_MS));
    for (const [id, timer] of this.#timers) {
      if (ids.has(id)) continue;
      clearTimeout(timer);
      this.#timers.delete(id);
    }
  }

  #card(one: Waiting): TemplateResult {
    const seconds = Math.max(0, Math.ceil((one.expiresAt - this.now) / 1000));
    const head = `approval-${one.id}`;
    const connected = this.page.connection.kind === 'connected';
    return html`<article class="approval" tabindex="-1" aria-labelledby=${head} aria-busy=${one.deciding !== undefined} @keydown=${this.#onKey}>
      <header class="approval-head"><h2 id=${head}>${exact(one.title)}</h2><span class="quiet" title="Then it is not allowed">${left(seconds)}</span></header>
      ${one.warnings.map((line) => html`<p class="approval-warning">${exact(line)}</p>`)}
      <pre class="approval-text" tabindex="0" aria-label=${one.kind === 'exec' ? 'The command' : 'What is asked'}>${exact(one.text)}</pre>
      ${one.facts.length > 0 ? html`<dl class="approval-facts">${one.facts.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${exact(value)}</dd></div>`)}</dl>` : nothing}
      <div class="approval-buttons">${ORDER.filter((decision) => one.allowed.includes(decision)).map((decision) => html`<button type="button"
        class=${decision === 'allow-once' ? 'primary' : 'secondary'} ?disabled=${one.deciding !== undefined || !connected || !this.ready.has(one.id)}
        @click=${() => void this.page.approvals.decide(one.id, decision)}>${NAMES[decision]}</button>`)}
        ${one.deciding === undefined ? nothing : html`<span class="quiet">Telling the gateway…</span>`}</div>
    </article>`;
  }

  /** Escape goes back to what was being done; it decides nothing. */
  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.dispatchEvent(new CustomEvent('leave'));
  };
}

function announced(waiting: readonly Waiting[]): string {
  const newest = waiting.at(-1)!;
  const more = waiting.length > 1 ? ` ${waiting.length} requests wait.` : '';
  return `Decision needed: ${exact(newest.title)}. ${exact(newest.text)}.${more} Alt+A goes there.`;
}

function left(seconds: number): string {
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h left`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min left`;
  return `${seconds} s left`;
}

customElements.define('oc-approvals', ApprovalCards);
