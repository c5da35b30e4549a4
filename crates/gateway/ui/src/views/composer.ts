// Where a message is written: text, pictures, and the model that answers. Enter sends, Shift and Enter breaks the line.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { picturesIn, saidIn } from '../history.ts';
import type { Page } from '../page.ts';
import { sourceOf, type Picture } from '../pictures.ts';
import { keyName } from './actions.ts';
import { attach } from './attach.ts';
import { View } from './base.ts';
import './choice-bar.ts';
import { attachIcon, closeIcon, sendIcon, stopIcon } from './icons.ts';

/** What keys do; of no use where there are none. */
const USUAL_HINT = `Enter sends · Shift+Enter for a new line · ${keyName('Ctrl')}+K for everything`;
const BUSY_HINT = 'Esc stops · Enter sends, and waits its turn';

/** `<oc-composer .page=.. .agent=..>`; fires `sent` after a message was taken. */
export class Composer extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false }, agent: { attribute: false }, problems: { state: true }, editing: { state: true } };
  declare page: Page;
  declare version: number;
  /** What the agent is called. */
  declare agent: string;
  private declare problems: readonly string[];
  /** The last message that is being changed, and what was typed before. */
  private declare editing: { session: string; former: string; key: string; runId?: string } | undefined;
  #pictures = new Map<string, readonly Picture[]>();
  #typed = '';

  constructor() {
    super();
    this.version = 0;
    this.agent = '';
    this.problems = [];
  }

  private get area(): HTMLTextAreaElement {
    return this.querySelector<HTMLTextAreaElement>('textarea')!;
  }

  private get value(): string {
    return this.page.drafts.get(this.page.current);
  }

  private get pictures(): readonly Picture[] {
    return this.#pictures.get(this.page.current) ?? [];
  }

  protected override willUpdate(): void {
    if (this.editing && this.editing.session !== this.page.current) this.editing = undefined;
  }

  protected override render(): TemplateResult {
    const { page, pictures } = this;
    const empty = !this.value.trim() && pictures.length === 0;
    const disabled = !page.mayWrite || !page.current;
    const busy = page.busy && page.connection.kind === 'connected';
    const hint = this.#hint(busy);
    return html`<form class="composer" @submit=${this.#submit}>
      ${this.editing ? html`<div class="editing"><span id="editing-note">Changing your last message. ${page.mayTakeBack ? 'The new one takes the place of the earlier one and of its answer.' : 'It is sent as a new one; the earlier one stays in the chat.'}</span>
        <button type="button" class="link" @click=${() => this.#endEdit(true)}>Cancel</button></div>` : nothing}
      ${pictures.length > 0 ? html`<ul class="pictures" aria-label="Attached pictures">${pictures.map((picture, index) => this.#picture(picture, index))}</ul>` : nothing}
      ${this.problems.length > 0 ? html`<div class="problems bad" role="alert">${this.problems.map((text) => html`<p>${text}</p>`)}</div>` : nothing}
      <label class="visually-hidden" for="message">Message to ${this.agent}</label>
      <textarea id="message" rows="1" placeholder="Message ${this.agent}" enterkeyhint="send" autocomplete="off"
        .value=${live(this.value)} ?disabled=${disabled} aria-describedby=${this.editing ? 'editing-note composer-hint' : 'composer-hint'}
        @input=${this.#input} @keydown=${this.#key} @paste=${this.#paste}></textarea>
      <div class="composer-row">
        <input class="visually-hidden" type="file" accept="image/*" multiple tabindex="-1" aria-hidden="true" @change=${this.#chosen}>
        <button type="button" class="plain-button" title="Attach pictures" aria-label="Attach pictures" ?disabled=${disabled} @click=${() => this.querySelector<HTMLInputElement>('input[type=file]')?.click()}>${attachIcon}</button>
        <oc-choice-bar .page=${page} .version=${this.version}></oc-choice-bar>
        <span class="composer-gap"></span>
        ${busy ? html`<button type="button" class="round stop" title="Stop (Esc)" aria-label="Stop" @click=${this.#stop}>${stopIcon}</button>` : nothing}
        ${busy && empty ? nothing : html`<button type="submit" class="round send" title="Send (Enter)" aria-label="Send" ?disabled=${empty || disabled}>${sendIcon}</button>`}
      </div>
    </form>
    <div class="composer-hint" id="composer-hint" ?data-usual=${hint === USUAL_HINT || hint === BUSY_HINT}>${hint}</div>`;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    if (this.#typed === this.value) return;
    this.#typed = this.value;
    this.#grow();
  }

  /** Puts the cursor into the text. */
  override focus(): void {
    this.area?.focus();
  }

  /** Attaches files. */
  async add(files: Iterable<File>): Promise<void> {
    const session = this.page.current;
    const { pictures, problems } = await attach(files, this.#pictures.get(session) ?? [], this.page.pictureLimit);
    this.#pictures.set(session, pictures);
    this.problems = problems;
    this.requestUpdate();
  }

  /** Takes the last message up again, to change it and send it as a new one. */
  edit(): void {
    const last = this.page.lastSaid;
    if (!last || !this.page.mayWrite) return;
    const session = this.page.current;
    const former = this.editing ? this.editing.former : this.value;
    this.editing = { session, former, key: last.key, ...(last.runId ? { runId: last.runId } : {}) };
    this.page.drafts.set(session, saidIn(last.parts));
    this.#pictures.set(session, picturesIn(last.parts));
    void this.updateComplete.then(() => {
      this.focus();
      this.area.setSelectionRange(this.area.value.length, this.area.value.length);
    });
  }

  #picture(picture: Picture, index: number): TemplateResult {
    return html`<li><img src=${sourceOf(picture.mime, picture.data) ?? ''} alt=${picture.name} title=${picture.name}>
      <button type="button" class="picture-remove" aria-label=${`Remove ${picture.name}`} @click=${() => this.#remove(index)}>${closeIcon}</button></li>`;
  }

  #hint(busy: boolean): string {
    const { page } = this;
    if (!page.mayWrite) return 'This connection may read only.';
    if (page.connection.kind !== 'connected') return 'Not connected: what you send now waits and is sent once the gateway is back.';
    if (this.pictures.length > 0 && page.modelOption?.images === false) return `${page.modelOption.name} does not read pictures: choose another model, or it sees your text alone.`;
    if (this.editing && busy) return 'Sending stops the answer that is being written.';
    return busy ? BUSY_HINT : USUAL_HINT;
  }

  #remove(index: number): void {
    this.#pictures.set(this.page.current, this.pictures.filter((_, at) => at !== index));
    this.problems = [];
    this.requestUpdate();
    this.focus();
  }

  #grow(): void {
    const { style } = this.area;
    style.height = 'auto';
    style.height = `${this.area.scrollHeight}px`;
  }

  #input = (): void => {
    this.page.drafts.set(this.page.current, this.area.value);
    this.requestUpdate();
  };

  #key = (event: KeyboardEvent): void => {
    // While an input method composes, Enter takes its suggestion.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape' && this.editing) this.#endEdit(true);
    else if (event.key === 'ArrowUp' && !event.altKey && this.area.value === '' && this.page.lastSaid) this.edit();
    else if (event.key === 'Enter' && !event.shiftKey) return this.#submit(event);
    else return;
    event.preventDefault();
  };

  #paste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void this.add(files);
  };

  #chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    void this.add([...(input.files ?? [])]).then(() => this.focus());
    input.value = '';
  };

  #submit = (event: Event): void => {
    event.preventDefault();
    void this.#send();
  };

  async #send(): Promise<void> {
    const { page, pictures, editing, value } = this;
    if (!page.mayWrite || (!value.trim() && pictures.length === 0)) return;
    const session = page.current;
    this.editing = undefined;
    this.problems = [];
    page.drafts.delete(session);
    this.#pictures.delete(session);
    this.requestUpdate();
    // The answer to what was said before is stopped, and the new words take its place, or follow where that cannot be.
    if (editing?.runId && page.busy) await page.stop(editing.runId);
    if ((editing && !(await page.takeBack(editing.key))) || !page.send(value, pictures, session)) {
      page.drafts.set(session, value);
      this.#pictures.set(session, pictures);
      this.requestUpdate();
      return;
    }
    this.dispatchEvent(new Event('sent'));
  }

  #endEdit(restore: boolean): void {
    if (!this.editing) return;
    if (restore) this.page.drafts.set(this.page.current, this.editing.former);
    this.#pictures.delete(this.page.current);
    this.editing = undefined;
    this.focus();
  }

  #stop = (): void => {
    void this.page.stop();
    this.focus();
  };
}

customElements.define('oc-composer', Composer);
