// The command palette: one field for every chat and every command, driven by keys alone.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { ranked } from '../fuzzy.ts';
import type { Page } from '../page.ts';
import type { SessionItem } from '../sessions.ts';
import { open } from './ask.ts';
import { View } from './base.ts';
import { searchIcon } from './icons.ts';

/** One thing to do. */
export interface Command {
  id: string;
  label: string;
  /** Said at the right: a group, or what is chosen now. */
  hint?: string;
  keys?: string[];
  run(): void;
}

/** Most lines that are shown. */
const MAX_LINES = 50;
/** How long typing must pause before the gateway is asked, in milliseconds. */
const ASK_AFTER_MS = 200;

/** Opens the palette. */
export function openPalette(page: Page, commands: readonly Command[], chosen: (key: string) => void): void {
  let run: (() => void) | undefined;
  const dialog = open(html`<h2 id="ask-title" class="visually-hidden">Search chats and commands</h2>
    <oc-palette .page=${page} .commands=${commands}
      @run=${(event: CustomEvent<() => void>) => { run = event.detail; dialog.close(); }}
      @chosen=${(event: CustomEvent<string>) => { run = () => chosen(event.detail); dialog.close(); }}></oc-palette>`,
  undefined, () => run?.(), 'palette');
}

/** `<oc-palette .page=.. .commands=..>`; fires `run` and `chosen`. */
export class Palette extends View {
  static override properties = { page: { attribute: false }, commands: { attribute: false }, typed: { state: true }, at: { state: true }, found: { state: true } };
  declare page: Page;
  declare commands: readonly Command[];
  private declare typed: string;
  private declare at: number;
  /** Sessions that only the gateway found. */
  private declare found: SessionItem[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.typed = '';
    this.at = 0;
    this.found = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  /** Chats first while nothing is typed would hide the commands: the newest few, then the commands. */
  private get lines(): Command[] {
    const chats = this.#chats();
    if (!this.typed.trim()) return [...chats.slice(0, 6), ...this.commands];
    return ranked(this.typed, [...this.commands, ...chats], ({ label, hint }) => `${label} ${hint ?? ''}`).slice(0, MAX_LINES);
  }

  #chats(): Command[] {
    const known = this.page.items;
    const extra = this.found.filter((item) => !known.some((one) => one.key === item.key));
    return [...known, ...extra].map((item) => ({
      id: `chat:${item.key}`, label: item.title, hint: item.place ?? 'Chat',
      run: () => this.dispatchEvent(new CustomEvent('chosen', { detail: item.key })),
    }));
  }

  protected override render(): TemplateResult {
    const { lines } = this;
    const at = Math.min(this.at, lines.length - 1);
    return html`<div class="palette-field">${searchIcon}<input type="text" role="combobox" aria-label="Search chats and commands" aria-expanded="true" aria-controls="palette-lines"
        aria-autocomplete="list" aria-activedescendant=${at >= 0 ? `palette-${at}` : nothing} placeholder="Search chats and commands" autocomplete="off" spellcheck="false"
        .value=${this.typed} @input=${this.#onInput} @keydown=${(event: KeyboardEvent) => this.#onKey(event, lines, at)}></div>
      <div class="palette-lines" id="palette-lines" role="listbox" aria-label="Found">
        ${repeat(lines, (line) => line.id, (line, index) => html`<div role="option" id=${`palette-${index}`} aria-selected=${index === at} @click=${() => this.#run(line)} @pointermove=${(event: PointerEvent) => { if (event.movementX || event.movementY) this.at = index; }}>
          <span class="palette-label">${line.label}</span>${line.keys ? html`<span class="palette-keys">${line.keys.map((key) => html`<kbd>${key}</kbd>`)}</span>` : line.hint ? html`<span class="palette-hint">${line.hint}</span>` : nothing}</div>`)}
      </div>
      ${lines.length === 0 ? html`<p class="quiet palette-none" role="status">Nothing found.</p>` : nothing}`;
  }

  protected override firstUpdated(): void {
    // The dialog was opened before there was a field to give the focus to.
    this.querySelector('input')?.focus();
  }

  protected override updated(): void {
    this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }

  #onInput = (event: InputEvent): void => {
    this.typed = (event.target as HTMLInputElement).value;
    this.at = 0;
    clearTimeout(this.#timer);
    const typed = this.typed.trim();
    if (!typed) return;
    this.#timer = setTimeout(() => void this.page.search(typed).then((found) => { if (this.typed.trim() === typed) this.found = found; }), ASK_AFTER_MS);
  };

  #onKey(event: KeyboardEvent, lines: readonly Command[], at: number): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      const far = Math.abs(step) > 1;
      this.at = far ? Math.max(0, Math.min(lines.length - 1, at + step)) : (at + step + lines.length) % Math.max(1, lines.length);
    } else if (event.key === 'Enter' && !event.isComposing && lines[at]) this.#run(lines[at]!);
    else return;
    event.preventDefault();
  }

  #run(line: Command): void {
    if (line.id.startsWith('chat:')) line.run();
    else this.dispatchEvent(new CustomEvent('run', { detail: line.run }));
  }
}

customElements.define('oc-palette', Palette);
