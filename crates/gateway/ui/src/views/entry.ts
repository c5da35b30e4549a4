// One entry of the chat: what the user said, an answer with its tool calls, or a note.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Entry, Part, ToolPart } from '../history.ts';
import { View } from './base.ts';
import './markdown-view.ts';
import { toolIcon } from './icons.ts';

/** Longest tool output or argument that is shown, in characters. */
const MAX_SHOWN = 20_000;

/** Asks the chat to forget or to send again a message that was not accepted. */
export class SentAction extends Event {
  constructor(readonly action: 'discard' | 'resend', readonly id: string, readonly text: string) {
    super('sent-action', { bubbles: true });
  }
}

/** `<oc-entry .entry=.. .agent=..>` */
export class EntryView extends View {
  static override properties = { entry: { attribute: false }, agent: { attribute: false }, usual: { attribute: false } };
  declare entry: Entry;
  /** What the agent is called. */
  declare agent: string;
  /** The model that answers in this session; an answer names its model only when it is another. */
  declare usual: string;

  constructor() {
    super();
    this.agent = '';
    this.usual = '';
  }

  protected override render(): TemplateResult {
    const { entry } = this;
    if (entry.role === 'user') return this.#user(entry);
    if (entry.role === 'note') return html`<article class="entry note" aria-label="Note">${parts(entry)}</article>`;
    const growing = entry.status === 'working' && entry.parts.at(-1)?.type === 'text';
    return html`<article class="entry answer" ?data-growing=${growing} aria-label=${this.agent} aria-busy=${entry.status === 'working'}>
      <header class="who"><span class="who-name">${this.agent}</span>${entry.model && entry.model !== this.usual ? html`<span class="who-model">${entry.model}</span>` : nothing}${time(entry)}</header>
      ${parts(entry)}
      ${entry.status === 'working' ? working(entry) : nothing}
    </article>`;
  }

  #user(entry: Entry): TemplateResult {
    const text = entry.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    return html`<article class="entry user" aria-label="You" data-status=${entry.status ?? 'sent'}>
      <div class="bubble">
        ${entry.parts.map((part) => part.type === 'image' ? html`<img class="attached" src=${part.src} alt="Attached picture">` : nothing)}
        <div class="plain">${text}</div>
      </div>
      ${this.#state(entry, text)}
    </article>`;
  }

  #state(entry: Entry, text: string): TemplateResult | typeof nothing {
    const id = entry.key.replace(/^sent:/, '');
    const ask = (action: 'discard' | 'resend') => () => this.dispatchEvent(new SentAction(action, id, text));
    switch (entry.status) {
      case 'sending': return html`<div class="sent-state">Sending…</div>`;
      case 'queued': return html`<div class="sent-state">${entry.statusText ?? 'Queued: answered after the current run'}</div>`;
      case 'offline': return html`<div class="sent-state">Waits for the connection
        <button type="button" class="link" @click=${ask('discard')}>Remove</button></div>`;
      case 'failed': return html`<div class="sent-state bad" role="alert">Not sent. ${entry.statusText ?? ''}
        <button type="button" class="link" @click=${ask('resend')}>Send again</button>
        <button type="button" class="link" @click=${ask('discard')}>Remove</button></div>`;
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
function working(entry: Entry): TemplateResult | typeof nothing {
  const last = entry.parts.at(-1);
  if (last?.type === 'text' && !entry.statusText) return nothing;
  if (last?.type === 'tool' && last.state === 'running') return nothing;
  return html`<div class="working"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><span>${entry.statusText ?? 'Thinking'}…</span></div>`;
}

function parts(entry: Entry): unknown {
  let texts = 0;
  // Texts are keyed by their order, so that a growing one keeps its element.
  return repeat(entry.parts, (part) => (part.type === 'tool' ? part.id : `${part.type}${texts++}`), part);
}

function part(part: Part): TemplateResult {
  switch (part.type) {
    case 'text': return html`<oc-markdown .text=${part.text}></oc-markdown>`;
    case 'tool': return tool(part);
    case 'thinking': return html`<details class="fold"><summary><span class="fold-name">Thoughts</span></summary><div class="fold-body plain">${clip(part.text)}</div></details>`;
    case 'image': return html`<img class="attached" src=${part.src} alt="Picture">`;
    case 'error': return html`<div class="run-error" role="alert"><strong>The run failed.</strong> <span class="plain">${part.text}</span></div>`;
    case 'stopped': return html`<div class="stopped">Stopped</div>`;
  }
}

function tool(part: ToolPart): TemplateResult {
  const state = { running: 'running', done: 'done', failed: 'failed' }[part.state];
  const args = part.args === undefined ? '' : typeof part.args === 'string' ? part.args : JSON.stringify(part.args, null, 2);
  return html`<details class="fold tool" data-state=${part.state}>
    <summary>${toolIcon}<span class="fold-name">${part.name}</span><span class="fold-hint">${hint(part)}</span><span class="fold-state">${state}</span></summary>
    <div class="fold-body">
      ${args && args !== '{}' ? html`<div class="fold-label">Arguments</div><pre tabindex="0">${clip(args)}</pre>` : nothing}
      ${part.output === undefined ? nothing : html`<div class="fold-label">${part.state === 'failed' ? 'Error' : 'Result'}</div><pre tabindex="0">${clip(part.output)}</pre>`}
      ${!part.output && (!args || args === '{}') ? html`<div class="fold-label">Nothing more is known of this call.</div>` : nothing}
    </div>
  </details>`;
}

/** The argument that says most, in one line. */
function hint(part: ToolPart): string {
  const args = part.args && typeof part.args === 'object' ? (part.args as Record<string, unknown>) : {};
  const named = ['command', 'path', 'file_path', 'query', 'url', 'pattern', 'message', 'text'].map((name) => args[name]);
  const value = named.find((one) => typeof one === 'string') ?? Object.values(args).find((one) => typeof one === 'string') ?? part.meta ?? '';
  return String(value).replace(/\s+/g, ' ').slice(0, 160);
}

function clip(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… ${text.length - MAX_SHOWN} more characters` : text;
}
