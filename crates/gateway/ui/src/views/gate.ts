// What is shown instead of the chat while there is no connection: why, what to do, and where to give the secret.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { tokenFromPaste } from '../address.ts';
import type { Problem } from '../advice.ts';
import type { Credential } from '../credential.ts';
import { View } from './base.ts';
import { copyAt } from './copy.ts';
import { mark } from './icons.ts';

/** `<oc-gate .problem=..>`; fires `sign-in` with a credential, and `retry`. */
export class Gate extends View {
  static override properties = { problem: { attribute: false }, seconds: { attribute: false }, missing: { state: true } };
  declare problem: Problem | undefined;
  /** Seconds until the next attempt. */
  declare seconds: number | undefined;
  private declare missing: boolean;

  constructor() {
    super();
    this.missing = false;
  }

  protected override render(): TemplateResult {
    const { problem } = this;
    return html`<main class="gate" tabindex="-1"><div class="card">
      ${mark}
      ${problem ? html`<h1>${problem.title}</h1><p class="gate-text" role=${problem.code === 'NO_TOKEN' ? nothing : 'alert'}>${problem.text}</p>
        ${problem.device ? html`<dl class="device"><dt>This browser’s device id</dt><dd><code>${problem.device}</code></dd></dl>` : nothing}
        ${problem.command ? this.#command(problem.command) : nothing}
        ${problem.next === 'credential' ? this.#form(problem) : this.#again(problem)}`
        : html`<h1>Connecting</h1><p class="gate-text" role="status">Asking the gateway…</p>`}
    </div></main>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('problem') && this.problem?.next === 'credential') this.querySelector<HTMLInputElement>('#secret')?.focus();
  }

  #command(command: string): TemplateResult {
    return html`<div class="command"><code>${command}</code><button type="button" class="copy" aria-label="Copy the command" @click=${(event: Event) => void copyAt(event.currentTarget as HTMLElement, command)}>Copy</button></div>`;
  }

  #form(problem: Problem): TemplateResult {
    const name = problem.wants === 'password' ? 'Password' : 'Token';
    return html`<form class="gate-form" @submit=${this.#submit}>
      <label for="secret">${name}</label>
      <input id="secret" type="password" autocomplete="off" spellcheck="false" aria-invalid=${this.missing} aria-describedby=${this.missing ? 'secret-missing' : nothing}>
      ${this.missing ? html`<p class="bad" id="secret-missing">Paste the ${name.toLowerCase()} first.</p>` : nothing}
      <button type="submit" class="primary">Connect</button>
    </form>
    <p class="quiet">It stays in this tab and is forgotten when you close it.</p>`;
  }

  #again(problem: Problem): TemplateResult {
    const { seconds } = this;
    const next = problem.next === 'retry' && seconds !== undefined ? (seconds > 0 ? `Next try in ${seconds} s.` : 'Trying…') : '';
    return html`<button type="button" class="primary" @click=${() => this.dispatchEvent(new Event('retry'))}>Try now</button>
      <p class="quiet" aria-live="off">${next}</p>`;
  }

  #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('secret') as HTMLInputElement;
    const kind = this.problem?.wants === 'password' ? 'password' : 'token';
    const secret = kind === 'token' ? tokenFromPaste(input.value) : input.value;
    this.missing = !secret;
    if (!secret) return;
    input.value = '';
    const detail: Credential = { kind, secret };
    this.dispatchEvent(new CustomEvent('sign-in', { detail }));
  };
}

customElements.define('oc-gate', Gate);
