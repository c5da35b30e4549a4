// The page's state and what can be done with it. Views read it and call it; it never touches the document.
import { NO_TOKEN } from './advice.ts';
import { Approvals } from './approvals.ts';
import { Chats } from './chats.ts';
import { modelRef, type ModelOption } from './choices.ts';
import type { Credential } from './credential.ts';
import { DeadLetters } from './dead-letters.ts';
import { Delivery } from './delivery.ts';
import { Drafts } from './drafts.ts';
import { GatewayClient, RequestError, type ConnectionState, type Request, type Surroundings } from './gateway.ts';
import { picturesIn, saidIn, type Entry } from './history.ts';
import { SessionList } from './list.ts';
import { Manager } from './manage.ts';
import { memoryStore, MAX_PICTURE_BYTES, type Picture, type PictureStore } from './pictures.ts';
import { uuid } from './random.ts';
import { canonicalKey, isRunning, splitKey, titleOf, type SessionItem } from './sessions.ts';
import { Sync } from './sync.ts';
import type { Transcript } from './transcript.ts';
import { usageOf, type Total, type Usage } from './usage.ts';
import type { AgentSummary, HelloOk, SessionRow } from './wire.ts';

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

/** The page's state. Fires `change` after every change, and {@link Notice}. */
export class Page extends EventTarget {
  connection: ConnectionState = { kind: 'idle' };
  hello: HelloOk | undefined;
  /** The session that is shown; empty until the gateway said which is the main one. */
  current = '';
  /** What is typed and not sent, by session. */
  readonly drafts: Drafts;
  /** Requests that wait for a decision. */
  readonly approvals: Approvals;
  /** What was dropped or given up. */
  readonly deadLetters: DeadLetters;
  /** Changes of sessions. */
  readonly manage: Manager;
  readonly #client: GatewayClient;
  readonly #delivery: Delivery;
  readonly #chats: Chats;
  readonly #list: SessionList;
  readonly #sync: Sync;
  #mainKey = 'main';
  #ready = false;
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
      onEvent: (event, payload) => {
        this.deadLetters.onEvent(event, payload);
        if (!this.approvals.onEvent(event, payload)) this.#sync.onEvent(event, payload);
      },
    });
    const request: Request = (method, params) => this.#client.request(method, params);
    const connected = () => this.connection.kind === 'connected';
    this.#list = new SessionList(request);
    this.#chats = new Chats({
      request, connected,
      now: () => surroundings.now(),
      current: () => this.current,
      waiting: () => this.#delivery.sessions,
    });
    this.#sync = new Sync({
      request, surroundings,
      connection: () => this.connection,
      current: () => this.current,
      begunAnew: (key) => this.#begunAnew(key),
      deleted: (key) => this.#deleted(key),
      changed: () => this.#changed(),
    }, this.#chats, this.#list);
    this.#delivery = new Delivery({
      connected,
      ready: () => this.#ready,
      transcript: (key) => this.#chats.open(key),
      send: (params, timeoutMs) => this.#client.request('chat.send', params, timeoutMs),
      reload: (key) => this.#sync.reload(key),
      changed: () => this.#changed(),
      now: () => surroundings.now(),
      wait: (ms) => new Promise((resolve) => surroundings.setTimer(resolve, ms)),
    }, storage, url, options.pictures ?? memoryStore());
    this.approvals = new Approvals({ request, surroundings, changed: () => this.#changed(), say: (text, bad) => this.#say(text, bad) });
    this.deadLetters = new DeadLetters({ request, changed: () => this.#changed(), say: (text, bad) => this.#say(text, bad) });
    this.manage = new Manager({
      request,
      reload: (key) => { this.#sync.reload(key); this.#sync.reloadList(); },
      begunAnew: (key) => this.#begunAnew(key),
      deleted: (key) => this.#deleted(key),
      say: (text, bad) => this.#say(text, bad),
    });
  }

  // --- what views read ---

  get agents(): AgentSummary[] {
    return this.#sync.agents;
  }

  get models(): ModelOption[] {
    return this.#sync.models;
  }

  /** The list at the side. */
  get items(): SessionItem[] {
    return this.#list.items;
  }

  get transcript(): Transcript | undefined {
    return this.#chats.get(this.current);
  }

  get entries(): Entry[] {
    return this.transcript?.entries() ?? [];
  }

  /** What went wrong when the history was read. */
  get historyError(): string | undefined {
    return this.#chats.error;
  }

  /** Whether a run of the current session goes on, so that it can be stopped. */
  get busy(): boolean {
    return (this.transcript?.activeRuns().length ?? 0) > 0 || isRunning(this.row);
  }

  /** Whether the history of the current session is still being read for the first time. */
  get loading(): boolean {
    return this.connection.kind === 'connected' && !this.transcript?.loaded && !this.historyError;
  }

  /** The current session's row; absent while the gateway does not know the session. */
  get row(): SessionRow | undefined {
    return this.rowOf(this.current);
  }

  get title(): string {
    return titleOf(this.row ?? { key: this.current });
  }

  get usage(): Usage | undefined {
    return usageOf(this.row);
  }

  /** What the gateway told of a session. */
  rowOf(key: string): SessionRow | undefined {
    return this.#list.row(key);
  }

  /** The use of any session. */
  usageOf(key: string): Usage | undefined {
    return usageOf(this.rowOf(key));
  }

  /** What a session used from its beginning; rejects when the gateway does not say. */
  totalOf(key: string): Promise<Total | undefined> {
    return this.#list.total(key);
  }

  /** Whether this connection may send messages. */
  get mayWrite(): boolean {
    return this.#may('operator.write');
  }

  /** Whether this connection may delete and reset sessions. */
  get mayAdmin(): boolean {
    return this.#may('operator.admin');
  }

  /** Whether what was said here can be taken back. */
  get mayTakeBack(): boolean {
    const methods = this.connection.kind === 'connected' ? this.hello?.features?.methods : undefined;
    return this.mayAdmin && (methods?.includes('sessions.rewind') ?? false);
  }

  /** Largest picture that the gateway takes, in bytes. */
  get pictureLimit(): number {
    return this.hello?.policy?.attachments?.maxImageBytes ?? MAX_PICTURE_BYTES;
  }

  /** The agent of the current session. */
  get agent(): AgentSummary {
    const id = this.#agentId;
    return this.agents.find((agent) => agent.id === id) ?? { id };
  }

  /** The model that answers in the current session, as `provider/model`. */
  get model(): string | undefined {
    const choices = [this.row, this.#chats.modelOf(this.current), this.#list.defaults];
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
    const { draft } = this.#list;
    if (draft && key !== draft && !this.#chats.hasContent(draft)) this.#list.dropDraft();
    this.current = key;
    this.#chats.error = undefined;
    this.options.onSession(key);
    this.#chats.open(key);
    if (this.connection.kind === 'connected') {
      this.#sync.follow();
      this.#sync.reload(key, 0);
    }
    this.#changed();
  }

  /** Starts a new chat. The gateway hears of it with the first message. */
  newChat(agentId = this.#agentId): void {
    const draft = this.#list.draftOf(agentId);
    const key = draft && !this.#chats.hasContent(draft) ? draft : this.#list.beginDraft(agentId, uuid());
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

  /** Says the last thing again, in the place of what was said before where that can be. */
  async sayAgain(): Promise<void> {
    const { lastSaid: last, current } = this;
    if (!last || !(await this.takeBack(last.key))) return;
    this.send(saidIn(last.parts), picturesIn(last.parts), current);
  }

  /**
   * Takes the current session back to before something that was said, whose answer is stopped. False when the gateway
   * refuses. What it cannot take back, or has not stored, stays: then what is said next follows it.
   */
  async takeBack(entryKey: string): Promise<boolean> {
    const { transcript } = this;
    if (!transcript || !this.mayTakeBack) return true;
    const stored = () => transcript.entries().find((entry) => entry.key === entryKey)?.id;
    // What has just been said may be stored and not read yet.
    if (!stored()) await this.#chats.load(transcript.sessionKey);
    const entryId = stored();
    if (!entryId) return true;
    if (this.busy) await this.stop();
    try {
      await this.#client.request('sessions.rewind', { sessionKey: transcript.sessionKey, entryId });
    } catch (error) {
      this.#say(`The chat could not be taken back: ${(error as Error).message}`, true);
      return false;
    }
    transcript.goBack();
    await this.#chats.load(transcript.sessionKey);
    this.#changed();
    return true;
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
    this.#sync.reload(sessionKey);
    this.#sync.reloadList();
    this.#changed();
  }

  /** Reads earlier messages of the current session. */
  async loadEarlier(): Promise<void> {
    const { transcript } = this;
    if (!transcript) return;
    try {
      await this.#chats.loadEarlier(transcript);
    } catch (error) {
      this.#say(`Earlier messages could not be read: ${(error as Error).message}.`, true);
    }
    this.#changed();
  }

  /** Asks the gateway for sessions by a text, beyond the rows that are at hand. */
  search(text: string): Promise<SessionItem[]> {
    return this.#list.search(text);
  }

  // --- the connection ---

  #onState(state: ConnectionState): void {
    this.connection = state;
    this.#ready = false;
    this.#sync.restart();
    this.approvals.onState(state);
    this.deadLetters.onState(state);
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
    this.#sync.defaultAgent = defaults?.defaultAgentId ?? this.#sync.defaultAgent;
    this.#mainKey = defaults?.mainKey ?? 'main';
    if (!this.current) {
      const wanted = this.options.session;
      const main = defaults?.mainSessionKey ?? canonicalKey('', this.#sync.defaultAgent, this.#mainKey);
      this.current = wanted ? canonicalKey(wanted, this.#sync.defaultAgent, this.#mainKey) : main;
      this.options.onSession(this.current);
    }
    this.#chats.open(this.current);
    this.#changed();
    if (!(await this.#sync.readAll(hello))) return;
    this.#ready = true;
    this.#changed();
    void this.#delivery.flush();
  }

  /** A session was given a new, empty transcript: only what was not sent yet stays. */
  #begunAnew(key: string): void {
    if (!this.#chats.forget(key)) return;
    this.#chats.open(key);
    this.#delivery.restore(key);
    if (this.connection.kind === 'connected') this.#sync.reload(key, 0);
    this.#changed();
  }

  /** A session is gone, by this page or by another: its neighbour is shown instead. */
  #deleted(key: string): void {
    const { known, next } = this.#list.remove(key);
    if (key === this.current && known) {
      const text = this.drafts.get(key);
      if (next) this.select(next);
      else this.newChat();
      if (text && !this.drafts.get(this.current)) this.drafts.set(this.current, text);
      if (!this.manage.isOwn(key)) this.#say('This chat was deleted in another window.');
    }
    this.drafts.delete(key);
    this.#chats.remove(key);
    this.#delivery.restore(key);
    this.#changed();
  }

  // --- small things ---

  #may(scope: string): boolean {
    const scopes = this.hello?.auth?.scopes;
    return !scopes || scopes.includes(scope) || scopes.includes('operator.admin');
  }

  get #agentId(): string {
    return splitKey(this.current)?.agentId ?? this.#sync.defaultAgent;
  }

  #say(text: string, bad = false): void {
    this.dispatchEvent(new Notice(text, bad));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
