// Short words to the person: said to screen readers, gone after a while, never in the way of what is typed.
import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Notice, Page } from '../page.ts';
import { View } from './base.ts';
import { closeIcon } from './icons.ts';

/** How long one stays, in milliseconds. */
const SHOWN_MS = 6_000;
const SHOWN_BAD_MS = 12_000;
/** Most at a time; the oldest goes first. */
const MAX_SHOWN = 3;

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

/** `<oc-toasts .page=..>` */
export class Toasts extends View {
  static override properties = { page: { attribute: false }, toasts: { state: true } };
  declare page: Page;
  private declare toasts: Toast[];
  #next = 1;

  constructor() {
    super();
    this.toasts = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.page.addEventListener('notice', this.#onNotice);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.page.removeEventListener('notice', this.#onNotice);
  }

  protected override render(): TemplateResult {
    return html`<div class="toasts" role="status" aria-live="polite">${repeat(this.toasts, ({ id }) => id, ({ id, text, bad }) => html`<div class="toast" ?data-bad=${bad}>
      <span>${text}</span><button type="button" class="plain-button" aria-label="Dismiss" @click=${() => this.#drop(id)}>${closeIcon}</button></div>`)}</div>`;
  }

  #onNotice = (event: Event): void => {
    const { text, bad } = event as Notice;
    const id = this.#next++;
    this.toasts = [...this.toasts.filter((toast) => toast.text !== text), { id, text, bad }].slice(-MAX_SHOWN);
    setTimeout(() => this.#drop(id), bad ? SHOWN_BAD_MS : SHOWN_MS);
  };

  #drop(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }
}

customElements.define('oc-toasts', Toasts);
