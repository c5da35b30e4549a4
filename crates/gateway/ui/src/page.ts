// The page's state and what can be done with it. Views read it and call it; it never touches the document.
import { NO_TOKEN } from './advice.ts';
import { canonicalKey, applyChange, listItems, newSessionKey, splitKey, titleOf, type SessionItem } from './sessions.ts';
import type { Credential } from './credential.ts';
import { GatewayClient, LostError, RequestError, type ConnectionState, type Surroundings } from './gateway.ts';
import type { Entry } from './history.ts';
import { Outbox, type OutboxItem } from './outbox.ts';
import { uuid } from './random.ts';
import { Transcript } from './transcript.ts';
import type {
  AgentEvent, AgentSummary, ChatEvent, ChatSendResult, HelloOk, ModelChoice, SessionRow, SessionsChanged,
} from './wire.ts';

/** What the page needs from the browser. */
export interface PageOptions {
  url: string;
  origin: string;
  storage: Storage;
  surroundings: Surroundings;
  /** Makes the `connect` parameters. */
  connectParams(nonce: string, ts: number | undefined, credential: Credential | undefined): Promise<unknown>;
  credential: Credential | undefined;
  /** Keeps or forgets the credential for this tab. */
  saveCredential(credential: Credential | undefined): void;
  /** The session that the address named. */
  session: string | undefined;
  /** Told whenever the current session changes. */
  onSession(key: string): void;
}

/** Messages that are read of a session at first, and when earlier ones are asked for (the gateway's maximum). */
const HISTORY_LIMIT = 200;
const HISTORY_MORE = 1000;
/** Rows of the session list that are read. */
const LIST_LIMIT = 200;
/** Transcripts that are kept in memory; the one that was looked at longest ago goes first. */
const MAX_TRANSCRIPTS = 20;
/** How long several reasons to read again are gathered, in milliseconds. */
const RELOAD_DELAY_MS = 150;
/** Tries to send a message that the gateway leaves unanswered or asks to send later. */
const MAX_TRIES = 5;
const DEFAULT_RETRY_MS = 2_000;

/** The page's state. Fires `change` after every change. */
export class Page extends EventTarget {
  connection: ConnectionState = { kind: 'idle' };
  hello: HelloOk | undefined;
  agents: AgentSummary[] = [];
  /** The session that is shown; empty until the gateway said which is the main one. */
  current = '';
  /** What went wrong when the history was read. */
  historyError: string | undefined;
  /** What is typed and not sent, by session. */
  readonly drafts = new Map<string, string>();
  readonly #client: GatewayClient;
  readonly #outbox: Outbox;
  readonly #transcripts = new Map<string, Transcript>();
  readonly #reloads = new Map<string, unknown>();
  readonly #limits = new Map<string, number>();
  #rows: SessionRow[] = [];
  #defaults: ModelChoice = {};
  #models = new Map<string, ModelChoice>();
  #defaultAgent = 'main';
  #draft: string | undefined;
  #flushing = false;
  /** Whether the history was read since the connection was made: only then is it known what must be sent again. */
  #ready = false;
  #credential: Credential | undefined;

  constructor(private readonly options: PageOptions) {
    super();
    this.#credential = options.credential;
    this.#outbox = new Outbox(options.storage, options.url);
    this.#client = new GatewayClient({
      url: options.url, origin: options.origin, surroundings: options.surroundings,
      connectParams: (nonce, ts) => options.connectParams(nonce, ts, this.#credential),
      onState: (state) => this.#onState(state),
      onEvent: (event, payload) => this.#onEvent(event, payload),
    });
  }

  // --- what views read ---

  /** The list at the side. */
  get items(): SessionItem[] {
    return listItems(this.#rows, this.#draft);
  }

  get transcript(): Transcript | undefined {
    return this.#transcripts.get(this.current);
  }

  get entries(): Entry[] {
    return this.transcript?.entries() ?? [];
  }

  /** Whether a run of the current session goes on, so that it can be stopped. */
  get busy(): boolean {
    return (this.transcript?.activeRuns().length ?? 0) > 0 || this.#row(this.current)?.status === 'running';
  }

  /** Whether the history of the current session is still being read for the first time. */
  get loading(): boolean {
    return this.connection.kind === 'connected' && !this.transcript?.loaded && !this.historyError;
  }

  get title(): string {
    const row = this.#row(this.current);
    return titleOf(row ?? { key: this.current });
  }

  /** Whether this connection may send messages. */
  get mayWrite(): boolean {
    const scopes = this.hello?.auth?.scopes;
    return !scopes || scopes.includes('operator.write') || scopes.includes('operator.admin');
  }

  /** The agent of the current session. */
  get agent(): AgentSummary {
    const id = splitKey(this.current)?.agentId ?? this.#defaultAgent;
    return this.agents.find((agent) => agent.id === id) ?? { id };
  }

  /** The model that answers in the current session, as `provider/model`. */
  get model(): string | undefined {
    const choices = [this.#models.get(this.current), this.#row(this.current), this.#defaults];
    const choice = choices.find((one) => one?.model);
    if (!choice?.model) return this.agent.model?.primary;
    const { model, modelProvider } = choice;
    return !modelProvider || model.startsWith(`${modelProvider}/`) ? model : `${modelProvider}/${model}`;
  }

  // --- what views do ---

  /** Connects for the first time, and puts the messages back that an earlier page left unsent. */
  start(): void {
    for (const item of this.#outbox.items) {
      this.#open(item.sessionKey).send(item.id, item.text, item.at, item.sent ? 'sending' : 'offline');
    }
    this.#client.connect();
  }

  /** Tries to connect at once. */
  retry(): void {
    this.#client.connect();
  }

  /** Looks whether the connection is alive. */
  wake(): void {
    this.#client.wake();
  }

  /** Uses another secret and connects with it. */
  signIn(credential: Credential): void {
    this.#credential = credential;
    this.options.saveCredential(credential);
    this.#client.restart();
  }

  /** Shows a session. */
  select(key: string): void {
    if (!key || key === this.current) return;
    if (this.#draft && key !== this.#draft && !this.#hasContent(this.#draft)) this.#draft = undefined;
    this.current = key;
    this.historyError = undefined;
    this.options.onSession(key);
    this.#open(key);
    if (this.connection.kind === 'connected') this.#reload(key, 0);
    this.#changed();
  }

  /** Starts a new chat. The gateway hears of it with the first message. */
  newChat(agentId = splitKey(this.current)?.agentId ?? this.#defaultAgent): void {
    const unused = this.#draft && splitKey(this.#draft)?.agentId === agentId && !this.#hasContent(this.#draft);
    const key = unused ? this.#draft! : newSessionKey(agentId, uuid());
    this.#draft = key;
    if (key === this.current) this.#changed();
    else this.select(key);
  }

  /** Sends a message in the current session; false when too many wait already. */
  send(text: string): boolean {
    if (!text.trim() || !this.current || this.#outbox.full) return false;
    const item: OutboxItem = { id: uuid(), sessionKey: this.current, text, at: this.options.surroundings.now(), sent: false };
    this.#outbox.add(item);
    const state = this.connection.kind === 'connected' ? 'sending' : 'offline';
    this.#open(item.sessionKey).send(item.id, item.text, item.at, state);
    this.#changed();
    void this.#flush();
    return true;
  }

  /** Sends a refused message again, as a new one. */
  resend(id: string, text: string): void {
    this.discard(id);
    this.send(text);
  }

  /** Forgets a message that was not accepted. */
  discard(id: string): void {
    this.#outbox.remove(id);
    this.transcript?.removeSent(id);
    this.#changed();
  }

  /** Stops what runs in the current session. */
  async stop(): Promise<void> {
    const transcript = this.transcript;
    if (!transcript || this.connection.kind !== 'connected') return;
    const { sessionKey } = transcript;
    const runs = transcript.activeRuns();
    try {
      const one = runs.length === 1 ? { runId: runs[0]!.id } : {};
      let result = await this.#client.request('chat.abort', { sessionKey, ...one });
      if (!result.aborted && runs.length === 1) result = await this.#client.request('chat.abort', { sessionKey });
      if (!result.aborted) transcript.loseRuns();
    } catch (error) {
      if (error instanceof RequestError) this.historyError = `The run could not be stopped: ${error.message}`;
    }
    this.#reload(sessionKey);
    this.#reloadList();
    this.#changed();
  }

  /** Reads earlier messages of the current session. */
  loadEarlier(): void {
    this.#limits.set(this.current, HISTORY_MORE);
    this.#reload(this.current, 0);
  }

  // --- the connection ---

  #onState(state: ConnectionState): void {
    this.connection = state;
    this.#ready = false;
    if (state.kind === 'connected') {
      this.hello = state.hello;
      void this.#greeted(state.hello);
    } else if (state.kind === 'blocked' && state.problem.next === 'credential') {
      // A secret that was refused is not tried again by the next page.
      if (this.#credential) this.options.saveCredential(undefined);
      else if (state.problem.wants === 'token') this.connection = { kind: 'blocked', problem: NO_TOKEN };
      this.#credential = undefined;
    }
    this.#changed();
  }

  /** Brings everything up to date after the connection was made, then sends what waits. */
  async #greeted(hello: HelloOk): Promise<void> {
    const defaults = hello.snapshot?.sessionDefaults;
    this.#defaultAgent = defaults?.defaultAgentId ?? this.#defaultAgent;
    const mainKey = defaults?.mainKey ?? 'main';
    if (!this.current) {
      const wanted = this.options.session;
      const main = defaults?.mainSessionKey ?? canonicalKey('', this.#defaultAgent, mainKey);
      this.current = wanted ? canonicalKey(wanted, this.#defaultAgent, mainKey) : main;
      this.options.onSession(this.current);
    }
    this.#open(this.current);
    this.#changed();
    await Promise.all([
      this.#client.request('sessions.subscribe', {}).catch(() => undefined),
      this.#loadAgents(), this.#loadList(), this.#loadHistory(this.current),
    ]);
    if (this.connection.kind !== 'connected' || this.connection.hello !== hello) return;
    for (const [key, transcript] of this.#transcripts) {
      const { activeRunIds, status } = this.#row(key) ?? {};
      if (activeRunIds || status !== 'running') transcript.loseRuns([...(activeRunIds ?? []), ...transcript.liveRuns]);
      if (key !== this.current) transcript.loaded = false;
    }
    this.#ready = true;
    this.#changed();
    void this.#flush();
  }

  #onEvent(event: string, payload: unknown): void {
    const now = this.options.surroundings.now();
    if (event === 'chat') {
      const chat = payload as ChatEvent;
      const transcript = this.#transcripts.get(chat.sessionKey);
      if (!transcript) return;
      if (transcript.chat(chat, now)) {
        this.#reload(chat.sessionKey);
        this.#reloadList();
      }
      if (this.#draft === chat.sessionKey) this.#reloadList();
      this.#changed();
    } else if (event === 'agent') {
      const agent = payload as AgentEvent;
      const transcript = this.#transcripts.get(agent.sessionKey ?? '');
      if (transcript?.agent(agent, now)) this.#changed();
    } else if (event === 'sessions.changed') this.#onSessionsChanged(payload as SessionsChanged);
  }

  #onSessionsChanged(change: SessionsChanged): void {
    const rows = applyChange(this.#rows, change);
    if (rows) this.#rows = rows;
    else this.#reloadList();
    const key = change.session?.key ?? change.sessionKey ?? undefined;
    const transcript = key === undefined ? undefined : this.#transcripts.get(key);
    const outside = change.phase === 'message' && transcript?.activeRuns().length === 0;
    const rewritten = ['reset', 'new', 'compact', 'delete'].includes(change.reason ?? '');
    if (transcript && (outside || rewritten)) this.#reload(transcript.sessionKey);
    this.#changed();
  }

  // --- reading ---

  async #loadAgents(): Promise<void> {
    const list = await this.#client.request('agents.list', {}).catch(() => undefined);
    if (!list) return;
    this.agents = list.agents ?? [];
    this.#defaultAgent = list.defaultId ?? this.#defaultAgent;
  }

  async #loadList(): Promise<void> {
    const params = { limit: LIST_LIMIT, includeDerivedTitles: true };
    const list = await this.#client.request('sessions.list', params).catch(() => undefined);
    if (!list) return;
    this.#rows = list.sessions ?? [];
    this.#defaults = list.defaults ?? {};
    if (this.#draft && this.#row(this.#draft)) this.#draft = undefined;
    this.#changed();
  }

  async #loadHistory(key: string): Promise<void> {
    const transcript = this.#open(key);
    const mark = transcript.mark();
    const limit = this.#limits.get(key) ?? HISTORY_LIMIT;
    try {
      const history = await this.#client.request('chat.history', { sessionKey: key, limit });
      transcript.setHistory(history, limit, mark, this.options.surroundings.now());
      const model = [history.sessionInfo, history.defaults].find((choice) => choice?.model);
      if (model) this.#models.set(key, model);
      if (key === this.current) this.historyError = undefined;
    } catch (error) {
      if (key === this.current && error instanceof RequestError) this.historyError = error.message;
      else if (key === this.current && this.connection.kind === 'connected') this.historyError = 'The gateway took too long to send this chat.';
    }
    this.#changed();
  }

  /** Reads a session's history soon, once for all reasons that come until then. */
  #reload(key: string, delay = RELOAD_DELAY_MS): void {
    const { surroundings } = this.options;
    if (this.#reloads.has(key)) return;
    this.#reloads.set(key, surroundings.setTimer(() => {
      this.#reloads.delete(key);
      if (this.connection.kind === 'connected') void this.#loadHistory(key);
    }, delay));
  }

  #reloadList(): void {
    const { surroundings } = this.options;
    if (this.#reloads.has('')) return;
    this.#reloads.set('', surroundings.setTimer(() => {
      this.#reloads.delete('');
      if (this.connection.kind === 'connected') void this.#loadList();
    }, 2 * RELOAD_DELAY_MS));
  }

  // --- sending ---

  /** Sends what waits, one after the other so that the order stays, until nothing is left or the connection goes. */
  async #flush(): Promise<void> {
    if (this.#flushing || !this.#ready) return;
    this.#flushing = true;
    try {
      for (let item = this.#outbox.items[0]; item && this.#ready; item = this.#outbox.items[0]) {
        await this.#deliver(item);
        this.#changed();
      }
    } finally {
      this.#flushing = false;
    }
    for (const item of this.#outbox.items) this.#open(item.sessionKey).setSent(item.id, item.sent ? 'sending' : 'offline');
    this.#changed();
    // The connection may have come back while the last answer was waited for.
    if (this.#outbox.items.length > 0) void this.#flush();
  }

  /** Sends one message until it is answered, always with its own key. Leaves it in the outbox when the connection goes. */
  async #deliver(item: OutboxItem): Promise<void> {
    const transcript = this.#open(item.sessionKey);
    const params = { sessionKey: item.sessionKey, message: item.text, deliver: false, idempotencyKey: item.id };
    for (let tries = 1; !transcript.isStored(item.id); tries++) {
      transcript.setSent(item.id, 'sending');
      this.#outbox.markSent(item.id);
      this.#changed();
      try {
        this.#accepted(transcript, item.id, await this.#client.request('chat.send', params));
        break;
      } catch (error) {
        if (!this.#ready) return;
        const refused = error instanceof RequestError ? error.error : undefined;
        if (tries < MAX_TRIES && (!refused || refused.retryable)) {
          if (refused) await this.#pause(refused.retryAfterMs ?? DEFAULT_RETRY_MS);
          if (!this.#ready) return;
          continue;
        }
        const unanswered = error instanceof LostError;
        transcript.setSent(item.id, 'failed', unanswered ? 'The gateway did not answer.' : (error as Error).message);
        break;
      }
    }
    this.#outbox.remove(item.id);
  }

  #accepted(transcript: Transcript, id: string, result: ChatSendResult): void {
    const { sessionKey } = transcript;
    if (!result.runId) {
      // A stop phrase: it acted, and leaves no message.
      transcript.removeSent(id);
      this.#reload(sessionKey);
      return;
    }
    transcript.setSent(id, 'accepted');
    const run = transcript.accepted(result.runId, this.options.surroundings.now());
    if (result.status === 'ok' || result.status === 'error' || result.status === 'timeout') {
      run.lose();
      run.endedAt ??= transcript.mark();
      this.#reload(sessionKey);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.surroundings.setTimer(resolve, ms));
  }

  // --- small things ---

  #row(key: string): SessionRow | undefined {
    return this.#rows.find((row) => row.key === key);
  }

  #hasContent(key: string): boolean {
    return (this.#transcripts.get(key)?.entries().length ?? 0) > 0;
  }

  /** The transcript of a session, kept as the one looked at last. */
  #open(key: string): Transcript {
    const transcript = this.#transcripts.get(key) ?? new Transcript(key);
    this.#transcripts.delete(key);
    this.#transcripts.set(key, transcript);
    const waiting = new Set(this.#outbox.items.map((item) => item.sessionKey));
    for (const [old, one] of this.#transcripts) {
      if (this.#transcripts.size <= MAX_TRANSCRIPTS) break;
      if (old !== this.current && old !== key && !waiting.has(old) && one.activeRuns().length === 0) this.#transcripts.delete(old);
    }
    return transcript;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
