// The page's state and what can be done with it. Views read it and call it; it never touches the document.
import { NO_TOKEN } from './advice.ts';
import { modelOptions, modelRef, type ModelOption } from './choices.ts';
import type { Credential } from './credential.ts';
import { Delivery } from './delivery.ts';
import { Drafts } from './drafts.ts';
import { GatewayClient, RequestError, type ConnectionState, type Surroundings } from './gateway.ts';
import { textOfParts, type Entry } from './history.ts';
import { Manager } from './manage.ts';
import { memoryStore, MAX_PICTURE_BYTES, type Picture, type PictureStore } from './pictures.ts';
import { uuid } from './random.ts';
import { applyChange, canonicalKey, isRunning, listItems, newSessionKey, splitKey, titleOf, type SessionItem } from './sessions.ts';
import { Transcript } from './transcript.ts';
import { usageOf, type Usage } from './usage.ts';
import type { AgentEvent, AgentSummary, ChatEvent, ChatSendResult, HelloOk, ModelChoice, SessionMessage, SessionRow, SessionsChanged } from './wire.ts';

/** What the page needs from the browser. */
export interface PageOptions {
  url: string;
  origin: string;
  storage: Storage;
  surroundings: Surroundings;
  /** Keeps pictures over a reload; in memory when absent. */
  pictures?: PictureStore;
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

/** A short word to the person that passes. */
export class Notice extends Event {
  constructor(readonly text: string, readonly bad: boolean) {
    super('notice');
  }
}

/** Messages that are read of a session at a time. */
const HISTORY_LIMIT = 200;
/** Rows of the session list that are read; a search asks the gateway for others. */
const LIST_LIMIT = 200;
/** Transcripts that are kept in memory; the one that was looked at longest ago goes first. */
const MAX_TRANSCRIPTS = 20;
/** How long several reasons to read again are gathered, in milliseconds. */
const RELOAD_DELAY_MS = 150;

/** The page's state. Fires `change` after every change, and {@link Notice}. */
export class Page extends EventTarget {
  connection: ConnectionState = { kind: 'idle' };
  hello: HelloOk | undefined;
  agents: AgentSummary[] = [];
  models: ModelOption[] = [];
  /** The session that is shown; empty until the gateway said which is the main one. */
  current = '';
  /** What went wrong when the history was read. */
  historyError: string | undefined;
  /** What is typed and not sent, by session. */
  readonly drafts: Drafts;
  /** Changes of sessions. */
  readonly manage: Manager;
  readonly #client: GatewayClient;
  readonly #delivery: Delivery;
  readonly #transcripts = new Map<string, Transcript>();
  readonly #reloads = new Map<string, unknown>();
  #rows: SessionRow[] = [];
  #defaults: ModelChoice = {};
  #models = new Map<string, ModelChoice>();
  #defaultAgent = 'main';
  #mainKey = 'main';
  #draft: string | undefined;
  #ready = false;
  #followed: string | undefined;
  #credential: Credential | undefined;

  constructor(private readonly options: PageOptions) {
    super();
    const { surroundings, storage, url } = options;
    this.#credential = options.credential;
    this.drafts = new Drafts(storage);
    this.#client = new GatewayClient({
      url, origin: options.origin, surroundings,
      connectParams: (nonce, ts) => options.connectParams(nonce, ts, this.#credential),
      onState: (state) => this.#onState(state),
      onEvent: (event, payload) => this.#onEvent(event, payload),
    });
    this.#delivery = new Delivery({
      ready: () => this.#ready,
      connected: () => this.connection.kind === 'connected',
      transcript: (key) => this.#open(key),
      send: (params, timeoutMs) => this.#client.request('chat.send', params, timeoutMs),
      accepted: (transcript, id, result) => this.#accepted(transcript, id, result),
      changed: () => this.#changed(),
      now: () => surroundings.now(),
      wait: (ms) => new Promise((resolve) => surroundings.setTimer(resolve, ms)),
    }, storage, url, options.pictures ?? memoryStore());
    this.manage = new Manager({
      request: (method, params) => this.#client.request(method, params),
      row: (key) => this.#row(key),
      reload: (key) => { this.#reload(key); this.#reloadList(); },
      begunAnew: (key) => this.#begunAnew(key),
      deleted: (key) => this.#deleted(key),
      say: (text, bad) => this.#say(text, bad),
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
    return (this.transcript?.activeRuns().length ?? 0) > 0 || isRunning(this.#row(this.current));
  }

  /** Whether the history of the current session is still being read for the first time. */
  get loading(): boolean {
    return this.connection.kind === 'connected' && !this.transcript?.loaded && !this.historyError;
  }

  /** The current session's row; absent while the gateway does not know the session. */
  get row(): SessionRow | undefined {
    return this.#row(this.current);
  }

  get title(): string {
    return titleOf(this.row ?? { key: this.current });
  }

  get usage(): Usage | undefined {
    return usageOf(this.row);
  }

  /** What the gateway told of a session. */
  rowOf(key: string): SessionRow | undefined {
    return this.#row(key);
  }

  /** The use of any session. */
  usageOf(key: string): Usage | undefined {
    return usageOf(this.#row(key));
  }

  /** Whether this connection may send messages. */
  get mayWrite(): boolean {
    return this.#may('operator.write');
  }

  /** Whether this connection may delete and reset sessions. */
  get mayAdmin(): boolean {
    return this.#may('operator.admin');
  }

  /** Largest picture that the gateway takes, in bytes. */
  get pictureLimit(): number {
    return this.hello?.policy?.attachments?.maxImageBytes ?? MAX_PICTURE_BYTES;
  }

  /** The agent of the current session. */
  get agent(): AgentSummary {
    const id = splitKey(this.current)?.agentId ?? this.#defaultAgent;
    return this.agents.find((agent) => agent.id === id) ?? { id };
  }

  /** The model that answers in the current session, as `provider/model`. */
  get model(): string | undefined {
    const choices = [this.row, this.#models.get(this.current), this.#defaults];
    const choice = choices.find((one) => one?.model);
    return choice?.model ? modelRef(choice.modelProvider, choice.model) : this.agent.model?.primary;
  }

  /** What is known of that model. */
  get modelOption(): ModelOption | undefined {
    return this.models.find((option) => option.ref === this.model);
  }

  /** The thinking level that was chosen for the current session. */
  get thinking(): string | undefined {
    return this.row?.thinkingLevel ?? undefined;
  }

  /** The last thing that the person said here, if it can be said again. */
  get lastSaid(): Entry | undefined {
    const last = this.entries.findLast((entry) => entry.role === 'user');
    return last?.status === 'failed' || last?.status === 'offline' ? undefined : last;
  }

  // --- what views do ---

  /** Connects for the first time, and puts the messages back that an earlier page left unsent. */
  start(): void {
    this.#delivery.restore();
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
    if (this.connection.kind === 'connected') {
      this.#follow();
      this.#reload(key, 0);
    }
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

  /** Sends a message in a session; false when there is nothing to send or too many wait already. */
  send(text: string, pictures: readonly Picture[] = [], key = this.current): boolean {
    if ((!text.trim() && pictures.length === 0) || !key) return false;
    if (this.#delivery.full) {
      this.#say('Too many messages wait already. Wait until some are sent.', true);
      return false;
    }
    this.#delivery.add(key, text, pictures);
    this.#changed();
    return true;
  }

  /** Sends a message again that was not accepted. */
  resend(id: string): void {
    void this.#delivery.again(id).then(() => this.#changed());
  }

  /** Forgets a message that was not accepted. */
  discard(id: string): void {
    this.#delivery.discard(id);
    this.#changed();
  }

  /** Says the last thing again, as a new message: the gateway keeps what was said before. */
  sayAgain(): void {
    const last = this.lastSaid;
    if (last) this.send(textOfParts(last.parts), this.picturesOf(last));
  }

  /** The pictures of an entry, as they can be sent again. */
  picturesOf(entry: Entry): Picture[] {
    return entry.parts.flatMap((part): Picture[] => {
      const found = part.type === 'image' ? /^data:([^;]+);base64,(.*)$/s.exec(part.src) : null;
      return found ? [{ name: 'picture', mime: found[1]!, data: found[2]! }] : [];
    });
  }

  /** Stops what runs in the current session, or one run of it. */
  async stop(only?: string): Promise<void> {
    const transcript = this.transcript;
    if (!transcript || this.connection.kind !== 'connected') return;
    const { sessionKey } = transcript;
    const runs = transcript.activeRuns();
    try {
      const runId = only ?? (runs.length === 1 ? runs[0]!.id : undefined);
      let result = await this.#client.request('chat.abort', { sessionKey, ...(runId ? { runId } : {}) });
      if (!result.aborted && !only && runId) result = await this.#client.request('chat.abort', { sessionKey });
      if (!result.aborted && !only) transcript.loseRuns();
    } catch (error) {
      if (error instanceof RequestError) this.#say(`The run could not be stopped: ${error.message}`, true);
    }
    this.#reload(sessionKey);
    this.#reloadList();
    this.#changed();
  }

  /** Reads earlier messages of the current session. */
  async loadEarlier(): Promise<void> {
    const { transcript } = this;
    const offset = transcript?.earlierOffset;
    if (!transcript || offset === undefined) return;
    try {
      transcript.addEarlier(await this.#client.request('chat.history', { sessionKey: transcript.sessionKey, limit: HISTORY_LIMIT, offset }));
    } catch (error) {
      this.#say(`Earlier messages could not be read: ${(error as Error).message}.`, true);
    }
    this.#changed();
  }

  /** Asks the gateway for sessions by a text, beyond the rows that are at hand. */
  async search(text: string): Promise<SessionItem[]> {
    const params = { search: text, limit: LIST_LIMIT, includeDerivedTitles: true };
    const list = await this.#client.request('sessions.list', params).catch(() => undefined);
    return listItems(list?.sessions ?? []);
  }

  // --- the connection ---

  #onState(state: ConnectionState): void {
    this.connection = state;
    this.#ready = false;
    this.#followed = undefined;
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
    this.#mainKey = defaults?.mainKey ?? 'main';
    if (!this.current) {
      const wanted = this.options.session;
      const main = defaults?.mainSessionKey ?? canonicalKey('', this.#defaultAgent, this.#mainKey);
      this.current = wanted ? canonicalKey(wanted, this.#defaultAgent, this.#mainKey) : main;
      this.options.onSession(this.current);
    }
    this.#open(this.current);
    this.#changed();
    this.#follow();
    void this.#loadModels();
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
    void this.#delivery.flush();
  }

  /** Asks for every step of the current session, also of runs that another tab began. */
  #follow(): void {
    const key = this.current;
    const known = this.hello?.features?.methods?.includes('sessions.messages.subscribe');
    if (!known || this.#followed === key) return;
    if (this.#followed) this.#client.request('sessions.messages.unsubscribe', { key: this.#followed }).catch(() => undefined);
    this.#followed = key;
    this.#client.request('sessions.messages.subscribe', { key }).catch(() => undefined);
  }

  #onEvent(event: string, payload: unknown): void {
    const now = this.options.surroundings.now();
    if (event === 'chat') this.#onChat(payload as ChatEvent, now);
    else if (event === 'agent' || event === 'session.tool') {
      const agent = payload as AgentEvent;
      const transcript = this.#transcripts.get(agent.sessionKey ?? '');
      if (transcript?.agent(agent, now)) this.#changed();
    } else if (event === 'session.message') {
      const { sessionKey, message } = payload as SessionMessage;
      if (sessionKey && message?.role === 'user' && this.#transcripts.has(sessionKey)) this.#reload(sessionKey);
    } else if (event === 'sessions.changed') this.#onSessionsChanged(payload as SessionsChanged);
    else if (event === 'chat.metadata.changed') void this.#loadModels();
  }

  #onChat(chat: ChatEvent, now: number): void {
    const transcript = this.#transcripts.get(chat.sessionKey);
    if (!transcript) return;
    if (transcript.chat(chat, now)) {
      this.#reload(chat.sessionKey);
      this.#reloadList();
    }
    if (this.#draft === chat.sessionKey) this.#reloadList();
    this.#changed();
  }

  #onSessionsChanged(change: SessionsChanged): void {
    const key = change.session?.key ?? change.sessionKey ?? undefined;
    if (key !== undefined && change.reason === 'delete') return this.#deleted(key);
    const rows = applyChange(this.#rows, change);
    if (rows) this.#rows = rows;
    else this.#reloadList();
    const transcript = key === undefined ? undefined : this.#transcripts.get(key);
    if (key !== undefined && (change.reason === 'reset' || change.reason === 'new')) this.#begunAnew(key);
    else if (transcript) {
      const outside = change.phase === 'message' && transcript.activeRuns().length === 0;
      if (outside || change.reason === 'send' || change.reason === 'compact') this.#reload(transcript.sessionKey);
    }
    this.#changed();
  }

  /** A session was given a new, empty transcript: only what was not sent yet stays. */
  #begunAnew(key: string): void {
    if (!this.#transcripts.delete(key)) return;
    this.#open(key);
    this.#delivery.restore(key);
    if (this.connection.kind === 'connected') this.#reload(key, 0);
    this.#changed();
  }

  /** A session is gone, by this page or by another: its neighbour is shown instead. */
  #deleted(key: string): void {
    const known = this.#rows.some((row) => row.key === key);
    const at = this.items.findIndex((item) => item.key === key);
    this.#rows = this.#rows.filter((row) => row.key !== key);
    this.#models.delete(key);
    if (key === this.current && known) {
      const text = this.drafts.get(key);
      const next = this.items[Math.max(0, Math.min(at, this.items.length - 1))]?.key;
      if (next) this.select(next);
      else this.newChat();
      if (text && !this.drafts.get(this.current)) this.drafts.set(this.current, text);
      if (!this.manage.isOwn(key)) this.#say('This chat was deleted in another window.');
    }
    this.drafts.delete(key);
    this.#transcripts.delete(key);
    this.#delivery.restore(key);
    this.#changed();
  }

  // --- reading ---

  async #loadAgents(): Promise<void> {
    const list = await this.#client.request('agents.list', {}).catch(() => undefined);
    if (!list) return;
    this.agents = list.agents ?? [];
    this.#defaultAgent = list.defaultId ?? this.#defaultAgent;
  }

  async #loadModels(): Promise<void> {
    const list = await this.#client.request('models.list', {}).catch(() => undefined);
    if (list) this.models = modelOptions(list.models ?? []);
    this.#changed();
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
    try {
      const history = await this.#client.request('chat.history', { sessionKey: key, limit: HISTORY_LIMIT });
      if (this.#transcripts.get(key) !== transcript) return;
      transcript.setHistory(history, HISTORY_LIMIT, mark, this.options.surroundings.now());
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
    this.#soon(key, delay, () => this.#loadHistory(key));
  }

  #reloadList(): void {
    this.#soon('', 2 * RELOAD_DELAY_MS, () => this.#loadList());
  }

  #soon(key: string, delay: number, load: () => Promise<void>): void {
    if (this.#reloads.has(key)) return;
    this.#reloads.set(key, this.options.surroundings.setTimer(() => {
      this.#reloads.delete(key);
      if (this.connection.kind === 'connected') void load();
    }, delay));
  }

  // --- small things ---

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

  #may(scope: string): boolean {
    const scopes = this.hello?.auth?.scopes;
    return !scopes || scopes.includes(scope) || scopes.includes('operator.admin');
  }

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
    const waiting = this.#delivery.sessions;
    for (const [old, one] of this.#transcripts) {
      if (this.#transcripts.size <= MAX_TRANSCRIPTS) break;
      if (old !== this.current && old !== key && !waiting.has(old) && one.activeRuns().length === 0) this.#transcripts.delete(old);
    }
    return transcript;
  }

  #say(text: string, bad = false): void {
    this.dispatchEvent(new Notice(text, bad));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
