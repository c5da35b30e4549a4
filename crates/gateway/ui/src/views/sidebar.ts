// The sessions at the side: by age, the newest first, the current one marked; a search; a new chat; and the page's own
// settings at the foot.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Page } from '../page.ts';
import { ago, groupsOf, splitKey, type SessionItem } from '../sessions.ts';
import { sessionMenu } from './actions.ts';
import { View } from './base.ts';
import { closeIcon, commandIcon, mark, moreIcon, plusIcon, searchIcon } from './icons.ts';
import { openMenu } from './menu.ts';

/** How long typing must pause before the gateway is asked, in milliseconds. */
const ASK_AFTER_MS = 250;

/** `<oc-sidebar .page=..>`; fires `chosen` when a session was chosen, `close-drawer` and `palette`. */
export class Sidebar extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false }, now: { attribute: false }, wanted: { state: true }, found: { state: true } };
  declare page: Page;
  declare version: number;
  /** The time that ages are counted from. */
  declare now: number;
  private declare wanted: string;
  /** What the gateway found beyond the rows that are at hand. */
  private declare found: SessionItem[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.version = 0;
    this.now = 0;
    this.wanted = '';
    this.found = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override render(): TemplateResult {
    const { page } = this;
    const wanted = this.wanted.trim().toLowerCase();
    const items = this.#items(wanted);
    const groups = wanted ? [{ name: 'Found', items }] : groupsOf(items, this.now || Date.now());
    return html`<div class="side-head">
        ${mark}<span class="brand">OpenClaw</span>
        <button type="button" class="plain-button" aria-label="Search chats and commands" title="Search chats and commands (Ctrl+K)" @click=${() => this.dispatchEvent(new Event('palette'))}>${commandIcon}</button>
        <button type="button" class="plain-button only-narrow" aria-label="Close the list" @click=${() => this.dispatchEvent(new Event('close-drawer'))}>${closeIcon}</button>
      </div>
      <button type="button" class="new-chat" title="New chat (Ctrl+Shift+O)" @click=${() => this.#new()}>${plusIcon}<span>New chat</span></button>
      ${page.agents.length > 1 ? this.#agents() : nothing}
      <div class="search-field">${searchIcon}<input class="search" type="search" aria-label="Search the chats" placeholder="Search" autocomplete="off" spellcheck="false"
        .value=${this.wanted} @input=${this.#onSearch} @keydown=${this.#onSearchKey}></div>
      <nav class="sessions" aria-label="Chats" @keydown=${this.#onListKey}>
        ${repeat(groups.filter((group) => group.items.length > 0), (group) => group.name, (group) => html`<h2 class="group-name">${group.name}</h2>
          <ul>${repeat(group.items, (item) => item.key, (item) => this.#row(item))}</ul>`)}
        ${items.length === 0 ? html`<p class="quiet none" role="status">${wanted ? 'Nothing found.' : 'No chats yet.'}</p>` : nothing}
      </nav>`;
  }

  #items(wanted: string): SessionItem[] {
    const all = this.page.items;
    if (!wanted) return all;
    const near = all.filter((item) => `${item.title} ${item.place ?? ''} ${item.key}`.toLowerCase().includes(wanted));
    return [...near, ...this.found.filter((item) => !near.some((one) => one.key === item.key))];
  }

  #row(item: SessionItem): TemplateResult {
    const { page } = this;
    const current = item.key === page.current;
    const agent = page.agents.length > 1 ? splitKey(item.key)?.agentId : undefined;
    const about = [agent, item.place].filter(Boolean).join(' · ');
    return html`<li class="session" ?data-current=${current}>
      <button type="button" class="session-open" aria-current=${current ? 'page' : nothing} title=${item.title} @click=${() => this.#choose(item.key)}>
        ${item.running ? html`<span class="pulse" role="img" aria-label="answering"></span>` : nothing}
        <span class="session-title">${item.title}</span>
        ${about ? html`<span class="session-about">${about}</span>` : nothing}
        ${item.updatedAt ? html`<span class="session-age">${ago(item.updatedAt, this.now)}</span>` : nothing}
      </button>
      <button type="button" class="plain-button session-more" aria-haspopup="menu" aria-expanded="false" aria-label=${`More for ${item.title}`} title="More"
        @click=${(event: Event) => openMenu(event.currentTarget as HTMLElement, item.title, sessionMenu(page, item))}>${moreIcon}</button>
    </li>`;
  }

  #agents(): TemplateResult {
    return html`<label class="agent-choice"><span>with</span>
      <select @change=${(event: Event) => { this.#new((event.target as HTMLSelectElement).value); }}>
        ${this.page.agents.map((agent) => html`<option value=${agent.id} ?selected=${agent.id === this.page.agent.id}>${agent.identity?.name ?? agent.name ?? agent.id}</option>`)}
      </select></label>`;
  }

  #onSearch = (event: InputEvent): void => {
    this.wanted = (event.target as HTMLInputElement).value;
    const wanted = this.wanted.trim();
    this.found = [];
    clearTimeout(this.#timer);
    if (!wanted) return;
    this.#timer = setTimeout(() => void this.page.search(wanted).then((found) => { if (this.wanted.trim() === wanted) this.found = found; }), ASK_AFTER_MS);
  };

  #onSearchKey = (event: KeyboardEvent): void => {
    const first = this.querySelector<HTMLElement>('.session-open');
    if (event.key === 'ArrowDown') first?.focus();
    else if (event.key === 'Enter') first?.click();
    else if (event.key === 'Escape' && this.wanted) this.wanted = '';
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Arrows walk through the list. */
  #onListKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.altKey) return;
    const rows = [...this.querySelectorAll<HTMLElement>('.session')];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[at + step]?.querySelector<HTMLElement>('.session-open')?.focus();
    event.preventDefault();
  };

  #new(agentId?: string): void {
    this.page.newChat(agentId);
    this.dispatchEvent(new Event('chosen'));
  }

  #choose(key: string): void {
    this.page.select(key);
    this.dispatchEvent(new Event('chosen'));
  }
}

customElements.define('oc-sidebar', Sidebar);
