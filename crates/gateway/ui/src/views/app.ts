// The frame of the page: the list at the side (a drawer on narrow screens), the head with the state of the connection,
// and the chat, or the gate while there never was a connection.
import { html, nothing, type TemplateResult } from 'lit';
import type { Credential } from '../credential.ts';
import type { Page } from '../page.ts';
import { View } from './base.ts';
import { agentName, type ChatView } from './chat.ts';
import './chat.ts';
import './gate.ts';
import './sidebar.ts';
import { menuIcon } from './icons.ts';

/** How often ages and countdowns are counted on, in milliseconds. */
const CLOCK_MS = 1_000;

/** `<oc-app .page=..>` */
export class App extends View {
  static override properties = { page: { attribute: false }, version: { state: true }, now: { state: true }, drawer: { state: true } };
  declare page: Page;
  private declare version: number;
  private declare now: number;
  private declare drawer: boolean;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.version = 0;
    this.now = Date.now();
    this.drawer = false;
  }

  private get menu(): HTMLButtonElement {
    return this.querySelector<HTMLButtonElement>('.menu')!;
  }

  private get chat(): ChatView | null {
    return this.querySelector<ChatView>('oc-chat');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.page.addEventListener('change', this.#onChange);
    document.addEventListener('keydown', this.#onKey, true);
    this.#clock = setInterval(() => this.#tick(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.page.removeEventListener('change', this.#onChange);
    document.removeEventListener('keydown', this.#onKey, true);
    clearInterval(this.#clock);
  }

  protected override render(): TemplateResult {
    const { page } = this;
    const { connection } = page;
    if (!page.hello || connection.kind === 'blocked') {
      const problem = 'problem' in connection ? connection.problem : undefined;
      return html`<oc-gate .problem=${problem} .seconds=${this.#seconds()} @retry=${this.#retry}
        @sign-in=${(event: CustomEvent<Credential>) => page.signIn(event.detail)}></oc-gate>`;
    }
    return html`<div class="frame" ?data-drawer=${this.drawer}>
      <div class="side" id="side">
        <oc-sidebar .page=${page} .version=${this.version} .now=${Math.floor(this.now / 30_000) * 30_000} @chosen=${this.#chosen} @close-drawer=${this.#closeDrawer}></oc-sidebar>
      </div>
      <div class="veil" @click=${this.#closeDrawer}></div>
      <main class="main" ?inert=${this.drawer}>
        <header class="head">
          <button type="button" class="plain-button menu only-narrow" aria-label="Sessions" aria-expanded=${this.drawer} aria-controls="side" @click=${this.#openDrawer}>${menuIcon}</button>
          <div class="head-title"><h1>${page.current ? page.title : ''}</h1>${this.#who()}</div>
          ${this.#connection()}
        </header>
        ${this.#banner()}
        <oc-chat .page=${page} .version=${this.version}></oc-chat>
      </main>
    </div>`;
  }

  protected override updated(): void {
    const { page } = this;
    const title = page.hello && page.current ? `${page.title} · OpenClaw` : 'OpenClaw';
    if (document.title !== title) document.title = title;
  }

  #who(): TemplateResult {
    const { model } = this.page;
    return html`<div class="head-about"><span>${agentName(this.page)}</span>${model ? html`<span class="chip" title="The model that answers">${model}</span>` : nothing}
      ${model === 'local/demo' ? html`<span class="chip demo" title="The built-in demo model: it echoes what you write">demo</span>` : nothing}</div>`;
  }

  #connection(): TemplateResult {
    const { connection } = this.page;
    const [state, text] = connection.kind === 'connected' ? ['good', 'Connected']
      : connection.kind === 'connecting' ? ['wait', 'Connecting…'] : ['bad', 'Not connected'];
    const version = this.page.hello?.server?.version;
    return html`<div class="connection" data-state=${state!} role="status" title=${version ? `Gateway ${version}` : ''}><span class="dot" aria-hidden="true"></span><span class="connection-text">${text}</span></div>`;
  }

  #banner(): TemplateResult | typeof nothing {
    const { connection } = this.page;
    if (connection.kind !== 'waiting') return nothing;
    const seconds = this.#seconds() ?? 0;
    const { title, text, command, code } = connection.problem;
    return html`<div class="banner" role="alert"><div><strong>${title}.</strong> ${text} ${command && code !== 'UNREACHABLE' ? html`<code>${command}</code>` : nothing}</div>
      <button type="button" class="small" @click=${this.#retry}>Try now<span aria-hidden="true">${seconds > 0 ? ` (${seconds} s)` : ''}</span></button></div>`;
  }

  #seconds(): number | undefined {
    const { connection } = this.page;
    return connection.kind === 'waiting' ? Math.max(0, Math.ceil((connection.retryAt - this.now) / 1000)) : undefined;
  }

  #tick(): void {
    const before = this.now;
    const now = Date.now();
    const counting = this.page.connection.kind === 'waiting';
    if (counting || Math.floor(now / 30_000) !== Math.floor(before / 30_000)) this.now = now;
  }

  #onChange = (): void => {
    this.version++;
    if (this.page.connection.kind === 'waiting') this.now = Date.now();
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.drawer) return;
    event.preventDefault();
    event.stopPropagation();
    this.#closeDrawer();
  };

  #retry = (): void => {
    this.page.retry();
  };

  #chosen = (): void => {
    this.drawer = false;
    void this.updateComplete.then(() => this.chat?.focusComposer());
  };

  #openDrawer = (): void => {
    this.drawer = true;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.side .new-chat')?.focus());
  };

  #closeDrawer = (): void => {
    if (!this.drawer) return;
    this.drawer = false;
    void this.updateComplete.then(() => this.menu?.focus());
  };
}

customElements.define('oc-app', App);
