// The chat of the current session: the entries, the way back to the newest one, and what a screen reader is told.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { saidIn, type Entry } from '../history.ts';
import type { Page } from '../page.ts';
import { Speech } from '../speech.ts';
import { oneLine } from '../visible.ts';
import { View } from './base.ts';
import './composer.ts';
import type { Composer } from './composer.ts';
import './entry.ts';
import type { EntryWish } from './entry.ts';
import { isAsking } from './ask.ts';
import { copyText } from './copy.ts';
import { downIcon, mark } from './icons.ts';

/** How near the end counts as reading the newest, in pixels. */
const NEAR_END = 64;
/** How long new text is gathered before it is spoken, in milliseconds. */
const SPEAK_MS = 1500;

/** `<oc-chat .page=..>` */
export class ChatView extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false }, following: { state: true }, dropping: { state: true } };
  declare page: Page;
  /** Changes whenever the page does, so that this view renders again. */
  declare version: number;
  private declare following: boolean;
  /** Whether files are dragged over the chat. */
  private declare dropping: boolean;
  #speech = new Speech();
  #speakTimer: ReturnType<typeof setTimeout> | undefined;
  #session = '';
  #lastTop = 0;
  #spokenSession = '';
  #resized = new ResizeObserver(() => { if (this.following) this.#toEnd(); });

  constructor() {
    super();
    this.version = 0;
    this.following = true;
    this.dropping = false;
  }

  private get scroller(): HTMLElement {
    return this.querySelector<HTMLElement>('.scroll')!;
  }

  private get announcer(): HTMLElement {
    return this.querySelector<HTMLElement>('.speech')!;
  }

  private get composer(): Composer {
    return this.querySelector<Composer>('oc-composer')!;
  }

  protected override render(): TemplateResult {
    const { page } = this;
    const entries = page.entries;
    const agent = agentName(page);
    const usual = page.model ?? '';
    const last = page.mayWrite ? [page.lastSaid, entries.findLast((entry) => entry.role === 'assistant')] : [];
    return html`<div class="scroll" @scroll=${this.#onScroll} tabindex="0" role="region" aria-label="Messages">
        <h2 class="visually-hidden">Messages</h2>
        <div class="column" role="log" aria-live="off" aria-label="Chat" @entry-wish=${this.#onWish}>
          ${page.transcript?.hasMore ? html`<button type="button" class="earlier" @click=${this.#earlier}>Show earlier messages</button>` : nothing}
          ${entries.length === 0 ? this.#empty(agent) : repeat(entries, (entry) => entry.key,
            (entry) => html`<oc-entry .entry=${entry} .agent=${agent} .usual=${usual} .last=${last.includes(entry)}></oc-entry>`)}
          ${page.historyError ? html`<div class="run-error" role="alert"><span class="plain">${page.historyError}</span></div>` : nothing}
        </div>
      </div>
      <div class="foot">
        ${this.following ? nothing : html`<button type="button" class="round newest" title="To the newest message" aria-label="To the newest message" @click=${this.#follow}>${downIcon}</button>`}
        <oc-composer .page=${page} .version=${this.version} .agent=${agent} @sent=${this.#sent}></oc-composer>
      </div>
      ${this.dropping ? html`<div class="drop" aria-hidden="true">Drop pictures to attach them</div>` : nothing}
      <div class="speech visually-hidden" aria-live="polite" aria-atomic="false"></div>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#onKey);
    this.addEventListener('dragover', this.#onDrag);
    this.addEventListener('dragleave', this.#onDrag);
    this.addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#onKey);
    this.#resized.disconnect();
    clearTimeout(this.#speakTimer);
  }

  protected override firstUpdated(): void {
    const column = this.querySelector('.column');
    if (column) this.#resized.observe(column);
    this.#resized.observe(this.scroller);
  }

  protected override willUpdate(): void {
    if (this.page.current === this.#session) return;
    this.#session = this.page.current;
    this.following = true;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    if (this.following) this.#toEnd();
    this.#speakSoon();
  }

  /** Puts the cursor into the composer. */
  focusComposer(): void {
    this.composer?.focus();
  }

  /** Takes the last message up again in the composer. */
  editLast(): void {
    this.composer.edit();
  }

  /** Copies the last answer. */
  copyLast(): void {
    const last = this.page.entries.findLast((entry) => entry.role === 'assistant');
    if (last) void copyText(saidIn(last.parts));
  }

  #empty(agent: string): TemplateResult {
    const { page } = this;
    if (page.loading || !page.current) return html`<div class="blank" role="status">Loading…</div>`;
    const { model } = page;
    return html`<div class="blank">
      ${mark}
      <h2>${agent} is listening</h2>
      ${model === 'local/demo' ? html`<p>The built-in demo model <code>local/demo</code> answers here. It needs no key and no network:
            it echoes what you write and can run tools when you ask for it.</p>
          <p class="quiet">Give the gateway a provider key, or start a local model server, for a real model.</p>`
        : model ? html`<p><code>${model}</code> answers here.</p>` : html`<p>Write something to begin.</p>`}
    </div>`;
  }

  #sent = (): void => {
    this.following = true;
    this.requestUpdate();
  };

  #onWish = (event: EntryWish): void => {
    const { page } = this;
    if (event.wish === 'discard') page.discard(event.id);
    else if (event.wish === 'resend') page.resend(event.id);
    else if (event.wish === 'edit') this.composer.edit();
    else void page.sayAgain().then(() => this.#sent());
  };

  /** Keeps the message that is looked at where it is while earlier ones come in above it. */
  #earlier = async (): Promise<void> => {
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    await this.page.loadEarlier();
    await this.updateComplete;
    this.scroller.scrollTop = this.scroller.scrollHeight - before;
  };

  #onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = event.type === 'dragover';
  };

  #onDrop = (event: DragEvent): void => {
    this.dropping = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void this.composer.add(files);
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing || !this.page.busy || isAsking()) return;
    event.preventDefault();
    void this.page.stop();
  };

  #onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const up = scrollTop < this.#lastTop;
    this.#lastTop = scrollTop;
    // Text that grows meanwhile also makes a distance: only the reader scrolls upwards.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.following = true;
    else if (up) this.following = false;
  };

  #follow = (): void => {
    this.following = true;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: still ? 'auto' : 'smooth' });
  };

  #toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Tells a screen reader what is new of the last answer, some time later so that it is not cut off by every word. */
  #speakSoon(): void {
    const last = this.page.entries.findLast((entry) => entry.role === 'assistant');
    if (this.#spokenSession !== this.#session) {
      if (!this.page.transcript?.loaded) return;
      this.#spokenSession = this.#session;
      if (last && last.status !== 'working') this.#speech.skip(last.key, spoken(last));
    }
    this.#speakTimer ??= setTimeout(() => {
      this.#speakTimer = undefined;
      const entry = this.page.entries.findLast((one) => one.role === 'assistant');
      if (!entry || this.#spokenSession !== this.page.current) return;
      const text = this.#speech.next(entry.key, spoken(entry), entry.status !== 'working');
      if (!text) return;
      const line = document.createElement('p');
      line.textContent = text;
      this.announcer.replaceChildren(line);
    }, SPEAK_MS);
  }
}

customElements.define('oc-chat', ChatView);

function spoken(entry: Entry): string {
  const failed = entry.parts.map((part) => (part.type === 'error' ? ` The run failed. ${part.text}` : '')).join('');
  return saidIn(entry.parts) + failed;
}

/** What the agent of the current session is called. */
export function agentName(page: Page): string {
  const { id, name, identity } = page.agent;
  return oneLine(identity?.name ?? name ?? id);
}
