// The frame of the page: the list at the side (a drawer on narrow screens), the head with the state of the connection,
// and the chat, or the gate while there never was a connection. Keys that work everywhere are here.
import { html, nothing, type TemplateResult } from 'lit';
import type { Credential } from '../credential.ts';
import type { Page } from '../page.ts';
import { loadTheme, isThemeEvent, saveTheme, THEMES, type Theme } from '../theme.ts';
import { usageLine } from '../usage.ts';
import { sessionMenu, showDetails, showKeys } from './actions.ts';
import type { ApprovalCards } from './approvals.ts';
import './approvals.ts';
import { isAsking } from './ask.ts';
import { View } from './base.ts';
import { agentName, type ChatView } from './chat.ts';
import './chat.ts';
import { commandsOf } from './commands.ts';
import { deadLettersButton } from './dead-letters.ts';
import './gate.ts';
import { lightIcon, menuIcon, moreIcon } from './icons.ts';
import { openMenu } from './menu.ts';
import { openPalette } from './palette.ts';
import './sidebar.ts';
import './toasts.ts';

/** How often ages and countdowns are counted on, in milliseconds. */
const CLOCK_MS = 1_000;
const THEME_NAMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** `<oc-app .page=..>` */
export class App extends View {
  static override properties = { page: { attribute: false }, storage: { attribute: false }, version: { state: true }, now: { state: true }, drawer: { state: true }, theme: { state: true } };
  declare page: Page;
  /** Where the look is kept, for all tabs. */
  declare storage: Storage | undefined;
  private declare version: number;
  private declare now: number;
  private declare drawer: boolean;
  private declare theme: Theme;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.version = 0;
    this.now = Date.now();
    this.drawer = false;
    this.theme = 'system';
  }

  private get chat(): ChatView | null {
    return this.querySelector<ChatView>('oc-chat');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.theme = loadTheme(this.storage);
    this.page.addEventListener('change', this.#onChange);
    document.addEventListener('keydown', this.#onKey, true);
    window.addEventListener('storage', this.#onStorage);
    this.#clock = setInterval(() => this.#tick(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.page.removeEventListener('change', this.#onChange);
    document.removeEventListener('keydown', this.#onKey, true);
    window.removeEventListener('storage', this.#onStorage);
    clearInterval(this.#clock);
  }

  protected override render(): TemplateResult {
    const { page } = this;
    const { connection } = page;
    if (!page.hello || connection.kind === 'blocked') {
      const problem = 'problem' in connection ? connection.problem : undefined;
      return html`<oc-gate .problem=${problem} .seconds=${this.#seconds()} @retry=${() => page.retry()}
        @sign-in=${(event: CustomEvent<Credential>) => page.signIn(event.detail)}></oc-gate>`;
    }
    return html`<a class="skip" href="#message" @click=${this.#skip}>Skip to the message field</a>
    <div class="frame" ?data-drawer=${this.drawer}>
      <aside class="side" id="side" aria-label="Chats and settings">
        <oc-sidebar .page=${page} .version=${this.version} .now=${Math.floor(this.now / 30_000) * 30_000} @chosen=${this.#chosen} @close-drawer=${this.#closeDrawer} @palette=${this.#palette}></oc-sidebar>
        ${this.#sideFoot()}
      </aside>
      <div class="veil" @click=${this.#closeDrawer}></div>
      <main class="main" ?inert=${this.drawer}>
        ${this.#head()}
        ${this.#banner()}
        <oc-approvals .page=${page} .version=${this.version} .now=${page.approvals.waiting.length > 0 ? this.now : 0} @leave=${() => this.chat?.focusComposer()}></oc-approvals>
        <oc-chat .page=${page} .version=${this.version}></oc-chat>
      </main>
      <oc-toasts .page=${page}></oc-toasts>
    </div>`;
  }

  protected override updated(): void {
    const { page } = this;
    const title = page.hello && page.current ? `${page.title} · OpenClaw` : 'OpenClaw';
    if (document.title !== title) document.title = title;
    const { dataset } = document.documentElement;
    if (this.theme === 'system') delete dataset['theme'];
    else dataset['theme'] = this.theme;
  }

  #head(): TemplateResult {
    const { page } = this;
    const item = page.items.find((one) => one.key === page.current);
    const { usage } = page;
    return html`<header class="head">
      <button type="button" class="plain-button menu only-narrow" aria-label="Chats" aria-expanded=${this.drawer} aria-controls="side" @click=${this.#openDrawer}>${menuIcon}</button>
      <div class="head-title"><h1>${page.current ? page.title : 'OpenClaw'}</h1><div class="head-about">${page.agents.length > 1 ? html`<span>${agentName(page)}</span>` : nothing}
        ${page.model ? html`<span class="chip" title="The model that answers">${page.model}</span>` : nothing}</div></div>
      ${usage && item ? html`<button type="button" class="usage" title="Use of this chat" @click=${() => showDetails(page, item)}>
        ${usage.context?.share !== undefined ? html`<meter class="usage-meter" min="0" max="1" high="0.800" value=${usage.context.share} aria-hidden="true"></meter>` : nothing}<span>${usageLine(usage)}</span></button>` : nothing}
      ${item ? html`<button type="button" class="plain-button" aria-haspopup="menu" aria-expanded="false" aria-label="More for this chat" title="More"
        @click=${(event: Event) => openMenu(event.currentTarget as HTMLElement, item.title, sessionMenu(page, item))}>${moreIcon}</button>` : nothing}
    </header>`;
  }

  #sideFoot(): TemplateResult {
    const { page } = this;
    return html`<div class="side-foot">${this.#connection()}${deadLettersButton(page)}
      <button type="button" class="plain-button" aria-label="Colours" title="Colours" aria-haspopup="menu" aria-expanded="false" @click=${(event: Event) => openMenu(event.currentTarget as HTMLElement, 'Colours',
        THEMES.map((theme) => ({ label: THEME_NAMES[theme], checked: theme === this.theme, run: () => this.#setTheme(theme) })))}>${lightIcon}</button>
      <button type="button" class="plain-button keys-button" aria-label="Keys" title="Keys (?)" @click=${showKeys}>?</button></div>`;
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
    const { title, text, command } = connection.problem;
    return html`<div class="banner" role="alert"><div><strong>${title}.</strong> ${text} ${command ? html`<code>${command}</code>` : nothing}</div>
      <button type="button" class="small" @click=${() => this.page.retry()}>Try now<span aria-hidden="true">${seconds > 0 ? ` (${seconds} s)` : ''}</span></button></div>`;
  }

  #seconds(): number | undefined {
    const { connection } = this.page;
    return connection.kind === 'waiting' ? Math.max(0, Math.ceil((connection.retryAt - this.now) / 1000)) : undefined;
  }

  #tick(): void {
    const before = this.now;
    const now = Date.now();
    const counting = this.page.connection.kind === 'waiting' || this.page.approvals.waiting.length > 0;
    if (counting || Math.floor(now / 30_000) !== Math.floor(before / 30_000)) this.now = now;
  }

  #onChange = (): void => {
    this.version++;
    if (this.page.connection.kind === 'waiting' || this.page.approvals.waiting.length > 0) this.now = Date.now();
  };

  #onKey = (event: KeyboardEvent): void => {
    if (!this.page.hello || event.isComposing) return;
    if (event.key === 'Escape' && this.drawer) this.#closeDrawer();
    else if (isAsking() || !this.#shortcut(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Keys that work wherever the focus is; those without a modifier not while something is typed. */
  #shortcut(event: KeyboardEvent): boolean {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const control = (ctrlKey || metaKey) && !altKey;
    const typing = event.target instanceof Element && event.target.closest('input, textarea, select, [role=menu]') !== null;
    if (control && !shiftKey && key.toLowerCase() === 'k') this.#palette();
    else if (control && shiftKey && key.toLowerCase() === 'o') this.#newChat();
    else if (altKey && !control && (key === 'ArrowUp' || key === 'ArrowDown')) this.#neighbour(key === 'ArrowUp' ? -1 : 1);
    else if (altKey && !control && event.code === 'KeyA') return this.querySelector<ApprovalCards>('oc-approvals')?.focusFirst() ?? false;
    else if (!typing && !control && !altKey && key === '/') this.chat?.focusComposer();
    else if (!typing && !control && !altKey && key === '?') showKeys();
    else return false;
    return true;
  }

  #palette = (): void => {
    this.drawer = false;
    const host = {
      theme: this.theme,
      setTheme: (theme: Theme) => this.#setTheme(theme),
      newChat: (agentId?: string) => this.#newChat(agentId),
      focusComposer: () => this.chat?.focusComposer(),
      editLast: () => this.chat?.editLast(),
      copyLast: () => this.chat?.copyLast(),
    };
    openPalette(this.page, commandsOf(this.page, host), (key) => {
      this.page.select(key);
      this.#chosen();
    });
  };

  #newChat(agentId?: string): void {
    this.page.newChat(agentId);
    this.#chosen();
  }

  #neighbour(step: number): void {
    const { items, current } = this.page;
    const next = items[items.findIndex((item) => item.key === current) + step];
    if (next) this.page.select(next.key);
  }

  #setTheme(theme: Theme): void {
    this.theme = theme;
    saveTheme(this.storage, theme);
  }

  #onStorage = (event: StorageEvent): void => {
    if (isThemeEvent(event)) this.theme = loadTheme(this.storage);
  };

  #skip = (event: Event): void => {
    event.preventDefault();
    this.chat?.focusComposer();
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
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.menu')?.focus());
  };
}

customElements.define('oc-app', App);
