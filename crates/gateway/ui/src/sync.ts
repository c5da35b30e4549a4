// Keeps what the page knows in step with the gateway: all of it when a connection begins, then what events tell.
import type { Chats } from './chats.ts';
import { modelOptions, type ModelOption } from './choices.ts';
import type { ConnectionState, Request, Surroundings } from './gateway.ts';
import type { SessionList } from './list.ts';
import { Soon } from './soon.ts';
import type { AgentEvent, AgentSummary, ChatEvent, HelloOk, SessionMessage, SessionsChanged } from './wire.ts';

/** What is read again soon, beside the sessions by their keys. */
const LIST = '';

/** What is needed from the page. */
export interface SyncHost {
  request: Request;
  surroundings: Surroundings;
  connection(): ConnectionState;
  /** The session that is shown. */
  current(): string;
  /** A session was given a new, empty transcript. */
  begunAnew(key: string): void;
  /** A session is gone. */
  deleted(key: string): void;
  changed(): void;
}

/** Reads and listens. */
export class Sync {
  agents: AgentSummary[] = [];
  models: ModelOption[] = [];
  defaultAgent = 'main';
  readonly #soon: Soon;
  /** The session of which every step is asked for. */
  #followed: string | undefined;

  constructor(private readonly host: SyncHost, private readonly chats: Chats, private readonly list: SessionList) {
    this.#soon = new Soon(host.surroundings, () => this.#connected);
  }

  get #connected(): boolean {
    return this.host.connection().kind === 'connected';
  }

  /** The connection is another one, or none: nothing is followed on it yet. */
  restart(): void {
    this.#followed = undefined;
  }

  /** Brings everything up to date after the connection was made; false when it is gone again by then. */
  async readAll(hello: HelloOk): Promise<boolean> {
    this.follow();
    void this.#loadModels();
    await Promise.all([
      this.host.request('sessions.subscribe', {}).catch(() => undefined),
      this.#loadAgents(), this.#loadList(), this.#loadHistory(this.host.current()),
    ]);
    const connection = this.host.connection();
    if (connection.kind !== 'connected' || connection.hello !== hello) return false;
    for (const [key, transcript] of this.chats.all) {
      const { activeRunIds, status } = this.list.row(key) ?? {};
      if (activeRunIds || status !== 'running') transcript.loseRuns([...(activeRunIds ?? []), ...transcript.liveRuns]);
      if (key !== this.host.current()) transcript.loaded = false;
    }
    return true;
  }

  /** Asks for every step of the current session, also of runs that another tab began. */
  follow(): void {
    const key = this.host.current();
    const connection = this.host.connection();
    const methods = connection.kind === 'connected' ? connection.hello.features?.methods : undefined;
    if (!methods?.includes('sessions.messages.subscribe') || this.#followed === key) return;
    if (this.#followed) this.host.request('sessions.messages.unsubscribe', { key: this.#followed }).catch(() => undefined);
    this.#followed = key;
    this.host.request('sessions.messages.subscribe', { key }).catch(() => undefined);
  }

  /** Reads a session's history soon, or at the next turn. */
  reload(key: string, delay?: 0): void {
    this.#soon.do(key, () => this.#loadHistory(key), delay);
  }

  reloadList(): void {
    this.#soon.later(LIST, () => this.#loadList());
  }

  /** Takes in an event. */
  onEvent(event: string, payload: unknown): void {
    const now = this.host.surroundings.now();
    if (event === 'chat') this.#onChat(payload as ChatEvent, now);
    else if (event === 'agent' || event === 'session.tool') {
      const agent = payload as AgentEvent;
      if (this.chats.get(agent.sessionKey ?? '')?.agent(agent, now)) this.host.changed();
    } else if (event === 'session.message') {
      const { sessionKey, message } = payload as SessionMessage;
      if (sessionKey && message?.role === 'user' && this.chats.get(sessionKey)) this.reload(sessionKey);
    } else if (event === 'sessions.changed') this.#onSessionsChanged(payload as SessionsChanged);
    else if (event === 'chat.metadata.changed') void this.#loadModels();
  }

  #onChat(chat: ChatEvent, now: number): void {
    const transcript = this.chats.get(chat.sessionKey);
    if (!transcript) return;
    const stale = transcript.chat(chat, now);
    if (stale) this.reload(chat.sessionKey);
    if (stale || this.list.isDraft(chat.sessionKey)) this.reloadList();
    this.host.changed();
  }

  #onSessionsChanged(change: SessionsChanged): void {
    const key = change.session?.key ?? change.sessionKey ?? undefined;
    if (key !== undefined && change.reason === 'delete') return this.host.deleted(key);
    if (!this.list.apply(change)) this.reloadList();
    const transcript = key === undefined ? undefined : this.chats.get(key);
    if (key !== undefined && (change.reason === 'reset' || change.reason === 'new')) this.host.begunAnew(key);
    else if (transcript && (change.reason === 'rewind' || change.reason === 'branch-switch')) {
      transcript.goBack();
      this.reload(transcript.sessionKey, 0);
    } else if (transcript) {
      const outside = change.phase === 'message' && transcript.activeRuns().length === 0;
      if (outside || change.reason === 'send' || change.reason === 'compact') this.reload(transcript.sessionKey);
    }
    this.host.changed();
  }

  async #loadAgents(): Promise<void> {
    const list = await this.host.request('agents.list', {}).catch(() => undefined);
    if (!list) return;
    this.agents = list.agents ?? [];
    this.defaultAgent = list.defaultId ?? this.defaultAgent;
  }

  async #loadModels(): Promise<void> {
    const list = await this.host.request('models.list', {}).catch(() => undefined);
    if (list) this.models = modelOptions(list.models ?? []);
    this.host.changed();
  }

  async #loadList(): Promise<void> {
    await this.list.load();
    this.host.changed();
  }

  async #loadHistory(key: string): Promise<void> {
    await this.chats.load(key);
    this.host.changed();
  }
}
