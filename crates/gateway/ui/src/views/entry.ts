// One entry of the chat: what the user said, an answer with its tool calls, or a note.
import { html, nothing, type TemplateResult } from 'lit';
import { saidIn, type Entry } from '../history.ts';
import { visible } from '../visible.ts';
import { View } from './base.ts';
import { copyText } from './copy.ts';
import { checkIcon, copyIcon, editIcon, retryIcon } from './icons.ts';
import { parts } from './parts.ts';

/** What a person may want with an entry: the first two only for a message that was not accepted. */
export type Wish = 'discard' | 'resend' | 'edit' | 'again';

/** Asks the chat for something about an entry. */
export class EntryWish extends Event {
  constructor(readonly wish: Wish, readonly id: string) {
    super('entry-wish', { bubbles: true });
  }
}

/** `<oc-entry .entry=.. .agent=..>` */
export class EntryView extends View {
  static override properties = { entry: { attribute: false }, agent: { attribute: false }, usual: { attribute: false }, last: { attribute: false }, copied: { state: true } };
  declare entry: Entry;
  /** What the agent is called. */
  declare agent: string;
  /** The model that answers in this session; an answer names its model only when it is another. */
  declare usual: string;
  /** Whether it is the last of its kind, which can be changed or asked for again. */
  declare last: boolean;
  private declare copied: boolean;

  constructor() {
    super();
    this.agent = '';
    this.usual = '';
    this.last = false;
    this.copied = false;
  }

  protected override render(): TemplateResult {
    const { entry } = this;
    if (entry.role === 'user') return this.#user(entry);
    if (entry.role === 'note') return html`<article class="entry note" aria-label="Note">${parts(entry)}</article>`;
    const working = entry.status === 'working';
    const growing = working && entry.parts.at(-1)?.type === 'text';
    return html`<article class="entry answer" ?data-growing=${growing} aria-label=${this.agent} aria-busy=${working}>
      <header class="who"><span class="who-name">${this.agent}</span>${entry.model && entry.model !== this.usual ? html`<span class="who-model">${entry.model}</span>` : nothing}${time(entry)}</header>
      ${parts(entry)}
      ${working ? progress(entry) : this.#buttons(saidIn(entry.parts), this.last ? { wish: 'again', label: 'Ask again' } : undefined)}
    </article>`;
  }

  #user(entry: Entry): TemplateResult {
    const text = saidIn(entry.parts);
    const pictures = entry.parts.filter((part) => part.type === 'image');
    return html`<article class="entry user" aria-label="You" data-status=${entry.status ?? 'sent'}>
      ${pictures.length > 0 ? html`<div class="sent-pictures">${pictures.map((part) => html`<img class="attached" src=${part.src} alt="Attached picture">`)}</div>` : nothing}
      ${text ? html`<div class="bubble"><div class="plain">${visible(text)}</div></div>` : nothing}
      ${this.#state(entry)}
      ${entry.status === undefined || entry.status === 'queued' ? this.#buttons(text, this.last ? { wish: 'edit', label: 'Change and send again' } : undefined) : nothing}
    </article>`;
  }

  #buttons(text: string, more?: { wish: 'edit' | 'again'; label: string }): TemplateResult | typeof nothing {
    if (!text && !more) return nothing;
    const copy = () => void copyText(text).then((done) => {
      this.copied = done;
      setTimeout(() => { this.copied = false; }, 1500);
    });
    return html`<div class="entry-buttons" ?data-last=${this.last}>
      ${text ? html`<button type="button" class="tiny" aria-label=${this.copied ? 'Copied' : 'Copy'} title="Copy" @click=${copy}>${this.copied ? checkIcon : copyIcon}</button>` : nothing}
      ${more ? html`<button type="button" class="tiny" aria-label=${more.label} title=${more.label} @click=${this.#ask(more.wish)}>${more.wish === 'edit' ? editIcon : retryIcon}</button>` : nothing}
      ${this.entry.role === 'user' ? time(this.entry) : nothing}
    </div>`;
  }

  #ask(wish: Wish): () => void {
    return () => this.dispatchEvent(new EntryWish(wish, this.entry.key.replace(/^sent:/, '')));
  }

  #state(entry: Entry): TemplateResult | typeof nothing {
    switch (entry.status) {
      case 'sending': return html`<div class="sent-state">Sending…</div>`;
      case 'queued': return html`<div class="sent-state">${entry.statusText ?? 'Queued: answered after the current run'}</div>`;
      case 'offline': return html`<div class="sent-state">Waits for the connection
        <button type="button" class="link" @click=${this.#ask('discard')}>Remove</button></div>`;
      case 'failed': return html`<div class="sent-state bad" role="alert">Not sent. ${entry.statusText ?? ''}
        <button type="button" class="link" @click=${this.#ask('resend')}>Send again</button>
        <button type="button" class="link" @click=${this.#ask('discard')}>Remove</button></div>`;
      default: return nothing;
    }
  }
}

customElements.define('oc-entry', EntryView);

function time(entry: Entry): TemplateResult | typeof nothing {
  if (!entry.at) return nothing;
  const date = new Date(entry.at);
  const today = date.toDateString() === new Date().toDateString();
  const short = date.toLocaleString(undefined, today ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return html`<time class="who-time" datetime=${date.toISOString()} title=${date.toLocaleString()}>${short}</time>`;
}

/** Shown while an answer is being made; text of the answer is its own sign of life. */
function progress(entry: Entry): TemplateResult | typeof nothing {
  const last = entry.parts.at(-1);
  if (last?.type === 'text' && !entry.statusText) return nothing;
  if (last?.type === 'tool' && last.state === 'running') return nothing;
  if (last?.type === 'thinking' && last.live) return nothing;
  return html`<div class="working"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><span>${entry.statusText ?? 'Working'}…</span></div>`;
}
