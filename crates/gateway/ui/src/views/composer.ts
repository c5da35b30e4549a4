// Where a message is written: Enter sends, Shift and Enter breaks the line, Escape stops the run.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { View } from './base.ts';
import { sendIcon, stopIcon } from './icons.ts';

/** `<oc-composer .value=.. .busy=..>`; fires `draft`, `send-message` and `stop-run`. */
export class Composer extends View {
  static override properties = { value: { attribute: false }, busy: { attribute: false }, disabled: { attribute: false }, hint: { attribute: false }, agent: { attribute: false } };
  declare value: string;
  declare busy: boolean;
  declare disabled: boolean;
  declare hint: string;
  declare agent: string;

  constructor() {
    super();
    this.value = '';
    this.busy = false;
    this.disabled = false;
    this.hint = '';
    this.agent = '';
  }

  private get area(): HTMLTextAreaElement {
    return this.querySelector<HTMLTextAreaElement>('textarea')!;
  }

  protected override render(): TemplateResult {
    const empty = !this.value.trim();
    return html`<form class="composer" @submit=${this.#submit}>
      <label class="visually-hidden" for="message">Message to ${this.agent}</label>
      <textarea id="message" rows="1" placeholder="Message ${this.agent}" enterkeyhint="send" autocomplete="off"
        .value=${this.value} ?disabled=${this.disabled} aria-describedby="composer-hint"
        @input=${this.#input} @keydown=${this.#key}></textarea>
      <div class="composer-buttons">
        ${this.busy ? html`<button type="button" class="round stop" title="Stop (Esc)" aria-label="Stop" @click=${this.#stop}>${stopIcon}</button>` : nothing}
        ${this.busy && empty ? nothing : html`<button type="submit" class="round send" title="Send (Enter)" aria-label="Send" ?disabled=${empty || this.disabled}>${sendIcon}</button>`}
      </div>
    </form>
    <div class="composer-hint" id="composer-hint">${this.hint}</div>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('value')) this.#grow();
  }

  /** Puts the cursor into the text. */
  override focus(): void {
    this.area?.focus();
  }

  #grow(): void {
    const { style } = this.area;
    style.height = 'auto';
    style.height = `${this.area.scrollHeight}px`;
  }

  #input = (): void => {
    this.value = this.area.value;
    this.dispatchEvent(new CustomEvent('draft', { detail: this.value }));
  };

  #key = (event: KeyboardEvent): void => {
    // While an input method composes, Enter takes its suggestion.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit(event);
  };

  #submit = (event: Event): void => {
    event.preventDefault();
    if (this.disabled || !this.value.trim()) return;
    this.dispatchEvent(new CustomEvent('send-message', { detail: this.value }));
  };

  #stop = (): void => {
    this.dispatchEvent(new CustomEvent('stop-run'));
    this.focus();
  };
}

customElements.define('oc-composer', Composer);
