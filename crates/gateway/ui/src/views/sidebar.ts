// The sessions at the side: the newest first, the current one marked, and a new chat.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Page } from '../page.ts';
import { ago, splitKey, type SessionItem } from '../sessions.ts';
import { View } from './base.ts';
import { closeIcon, mark, plusIcon } from './icons.ts';

/** From so many sessions on there is a field to search them. */
const SEARCH_FROM = 10;

/** `<oc-sidebar .page=..>`; fires `chosen` when a session was chosen and `close-drawer`. */
export class Sidebar extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false }, now: { attribute: false }, wanted: { state: true } };
  declare page: Page;
  declare version: number;
  /** The time that ages are counted from. */
  declare now: number;
  private declare wanted: string;

  constructor() {
    super();
    this.version = 0;
    this.now = 0;
    this.wanted = '';
  }

  protected override render(): TemplateResult {
    const { page } = this;
    const all = page.items;
    const wanted = this.wanted.trim().toLowerCase();
    const items = wanted ? all.filter((item) => `${item.title} ${item.place ?? ''} ${item.key}`.toLowerCase().includes(wanted)) : all;
    return html`<div class="side-head">
        ${mark}<span class="brand">OpenClaw</span>
        <button type="button" class="plain-button only-narrow" aria-label="Close the list" @click=${this.#close}>${closeIcon}</button>
      </div>
      <button type="button" class="new-chat" @click=${() => this.#new()}>${plusIcon}<span>New chat</span></button>
      ${page.agents.length > 1 ? this.#agents() : nothing}
      ${all.length >= SEARCH_FROM ? html`<input class="search" type="search" aria-label="Search the sessions" placeholder="Search"
        .value=${this.wanted} @input=${(event: InputEvent) => { this.wanted = (event.target as HTMLInputElement).value; }}>` : nothing}
      <nav class="sessions" aria-label="Sessions">
        <ul>${repeat(items, (item) => item.key, (item) => html`<li>${this.#row(item)}</li>`)}</ul>
        ${items.length === 0 ? html`<p class="quiet none">${wanted ? 'Nothing found.' : 'No sessions yet.'}</p>` : nothing}
      </nav>`;
  }

  #row(item: SessionItem): TemplateResult {
    const { page } = this;
    const current = item.key === page.current;
    const agent = page.agents.length > 1 ? splitKey(item.key)?.agentId : undefined;
    const about = [agent, item.place, item.updatedAt ? ago(item.updatedAt, this.now) : undefined].filter(Boolean).join(' · ');
    return html`<button type="button" class="session" aria-current=${current ? 'page' : nothing} title=${item.key} @click=${() => this.#choose(item.key)}>
      <span class="session-title">${item.title}</span>
      ${about || item.running ? html`<span class="session-about">${item.running ? html`<span class="pulse" role="img" aria-label="answering"></span>` : nothing}${about}</span>` : nothing}
    </button>`;
  }

  #agents(): TemplateResult {
    return html`<label class="agent-choice"><span>with</span>
      <select @change=${(event: Event) => { this.#new((event.target as HTMLSelectElement).value); }}>
        ${this.page.agents.map((agent) => html`<option value=${agent.id} ?selected=${agent.id === this.page.agent.id}>${agent.identity?.name ?? agent.name ?? agent.id}</option>`)}
      </select></label>`;
  }

  #new(agentId?: string): void {
    this.page.newChat(agentId);
    this.dispatchEvent(new Event('chosen'));
  }

  #choose(key: string): void {
    this.page.select(key);
    this.dispatchEvent(new Event('chosen'));
  }

  #close = (): void => {
    this.dispatchEvent(new Event('close-drawer'));
  };
}

customElements.define('oc-sidebar', Sidebar);
