// The connection to the gateway: handshake, requests with deadlines, events, a watchdog, and reconnecting for ever.
// It knows nothing of chats. Time, chance and the socket are handed in, so that tests own them.
import { connectProblem, RESTARTING, UNREACHABLE, type Problem } from './advice.ts';
import { parseFrame, type HelloOk, type Methods, type ServerFrame, type Shutdown, type WireError } from './wire.ts';

/** The part of a WebSocket that is used. */
export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** What the client needs from its surroundings. */
export interface Surroundings {
  open(url: string): Socket;
  now(): number;
  random(): number;
  setTimer(run: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
}

/** Makes the parameters of `connect` for one challenge. */
export type ConnectParams = (nonce: string, ts: number | undefined) => Promise<unknown>;

/** Where the connection stands. */
export type ConnectionState =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'connected'; hello: HelloOk }
  | { kind: 'waiting'; problem: Problem; retryAt: number }
  | { kind: 'blocked'; problem: Problem };

/** A request that the gateway refused. */
export class RequestError extends Error {
  constructor(readonly error: WireError) {
    super(error.message);
  }
}

/** A request whose answer cannot come any more: whether it was carried out is not known. */
export class LostError extends Error {}

/** Options of the client. */
export interface GatewayOptions {
  url: string;
  /** Where this page came from, for messages. */
  origin: string;
  connectParams: ConnectParams;
  onState(state: ConnectionState): void;
  onEvent(event: string, payload: unknown): void;
  surroundings: Surroundings;
}

/** How long the gateway may take for the challenge, and again for the answer to `connect`. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long a request may take when the caller does not say. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** The first delay before reconnecting; it doubles up to the last. */
export const FIRST_DELAY_MS = 1_000;
export const LAST_DELAY_MS = 30_000;
/** What counts as the tick interval when the gateway does not say. */
const DEFAULT_TICK_MS = 30_000;
/** Most requests that wait for an answer at once; more are refused here. */
const MAX_PENDING = 256;

interface Pending {
  resolve(payload: unknown): void;
  reject(error: Error): void;
  timer: unknown;
}

/** Sends a request and gives its result. */
export type Request = <M extends keyof Methods>(method: M, params: Methods[M]['params']) => Promise<Methods[M]['result']>;

/** A client that keeps one connection to one gateway. */
export class GatewayClient {
  #state: ConnectionState = { kind: 'idle' };
  #socket: Socket | undefined;
  #pending = new Map<string, Pending>();
  #nextId = 1;
  #attempt = 0;
  #timer: unknown;
  #watchdog: unknown;
  #lastFrame = 0;
  #refused: WireError | undefined;
  #shutdown: Shutdown | undefined;

  constructor(private readonly options: GatewayOptions) {}

  /** Where the connection stands now. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, or tries again at once. Does nothing while a connection is there or being made. */
  connect(): void {
    if (this.#state.kind === 'connecting' || this.#state.kind === 'connected') return;
    this.#open();
  }

  /** Drops the connection and starts over with fresh `connect` parameters. */
  restart(): void {
    this.#drop(1000, 'restart');
    this.#attempt = 0;
    this.#open();
  }

  /** Asks whether the connection is alive after the machine slept or the network changed. */
  wake(): void {
    if (this.#state.kind === 'waiting' && this.#state.problem.retryAfterMs === undefined) this.#open();
    if (this.#state.kind === 'connected') this.#watch();
  }

  /** Sends a request. Rejects with {@link RequestError} when refused and {@link LostError} when no answer comes. */
  request<M extends keyof Methods>(method: M, params: Methods[M]['params'], timeoutMs = REQUEST_TIMEOUT_MS): Promise<Methods[M]['result']> {
    if (this.#state.kind !== 'connected') return Promise.reject(new LostError('not connected'));
    return this.#request(method, params, timeoutMs) as Promise<Methods[M]['result']>;
  }

  #request(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const { surroundings } = this.options;
    const socket = this.#socket;
    if (!socket) return Promise.reject(new LostError('not connected'));
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new LostError('too many requests wait'));
    const id = String(this.#nextId++);
    return new Promise((resolve, reject) => {
      const timer = surroundings.setTimer(() => {
        this.#pending.delete(id);
        reject(new LostError(`no answer to ${method}`));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  }

  #open(): void {
    const { surroundings, url } = this.options;
    surroundings.clearTimer(this.#timer);
    this.#refused = undefined;
    this.#shutdown = undefined;
    this.#become({ kind: 'connecting' });
    let socket: Socket;
    try {
      socket = surroundings.open(url);
    } catch {
      this.#retry(UNREACHABLE);
      return;
    }
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket || typeof data !== 'string') return;
      this.#lastFrame = surroundings.now();
      const frame = parseFrame(data);
      if (frame) this.#receive(frame);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
    this.#timer = surroundings.setTimer(() => this.#fail(4000, 'connect timeout'), HANDSHAKE_TIMEOUT_MS);
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'res') {
      const pending = this.#pending.get(frame.id);
      if (!pending) return;
      this.#pending.delete(frame.id);
      this.options.surroundings.clearTimer(pending.timer);
      if (frame.ok) pending.resolve(frame.payload);
      else pending.reject(new RequestError(frame.error ?? { code: 'UNAVAILABLE', message: 'refused without a reason' }));
      return;
    }
    if (frame.event === 'connect.challenge') {
      if (this.#state.kind === 'connecting') void this.#answer(frame.payload);
      return;
    }
    if (frame.event === 'shutdown') this.#shutdown = (frame.payload ?? {}) as Shutdown;
    if (this.#state.kind === 'connected') this.options.onEvent(frame.event, frame.payload);
  }

  async #answer(challenge: unknown): Promise<void> {
    const socket = this.#socket;
    const { nonce, ts } = (challenge ?? {}) as { nonce?: unknown; ts?: unknown };
    try {
      const params = await this.options.connectParams(String(nonce ?? ''), typeof ts === 'number' ? ts : undefined);
      if (this.#socket !== socket) return;
      const hello = (await this.#request('connect', params, HANDSHAKE_TIMEOUT_MS)) as HelloOk;
      if (this.#socket === socket) this.#greeted(hello);
    } catch (error) {
      if (this.#socket !== socket) return;
      if (error instanceof RequestError) this.#refused = error.error;
      this.#fail(1000, 'connect refused');
    }
  }

  #greeted(hello: HelloOk): void {
    this.options.surroundings.clearTimer(this.#timer);
    this.#attempt = 0;
    this.#become({ kind: 'connected', hello });
    this.#watch();
  }

  /** Closes the socket when nothing came for two tick intervals; else looks again when that would be. */
  #watch(): void {
    const { surroundings } = this.options;
    surroundings.clearTimer(this.#watchdog);
    if (this.#state.kind !== 'connected') return;
    const limit = 2 * (this.#state.hello.policy?.tickIntervalMs ?? DEFAULT_TICK_MS);
    const left = this.#lastFrame + limit - surroundings.now();
    if (left <= 0) this.#fail(4000, 'tick timeout');
    else this.#watchdog = surroundings.setTimer(() => this.#watch(), left);
  }

  /** Ends this connection from our side; a close event may be long in coming, so it is not waited for. */
  #fail(code: number, reason: string): void {
    this.#drop(code, reason);
    this.#closed(code);
  }

  #drop(code: number, reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(code, reason);
    }
    this.#forget();
  }

  #closed(code: number): void {
    this.#socket = undefined;
    this.#forget();
    const refused = this.#refused;
    const problem = refused ? connectProblem(refused, this.options.origin)
      : this.#shutdown || code === 1012 ? RESTARTING : UNREACHABLE;
    if (problem.next === 'retry') this.#retry(problem);
    else this.#become({ kind: 'blocked', problem });
  }

  #forget(): void {
    const { surroundings } = this.options;
    surroundings.clearTimer(this.#timer);
    surroundings.clearTimer(this.#watchdog);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) {
      surroundings.clearTimer(one.timer);
      one.reject(new LostError('the connection was lost'));
    }
  }

  #retry(problem: Problem): void {
    const { surroundings } = this.options;
    const delay = problem.retryAfterMs ?? this.#delay();
    this.#become({ kind: 'waiting', problem, retryAt: surroundings.now() + delay });
    this.#timer = surroundings.setTimer(() => this.#open(), delay);
  }

  /** One second, doubling to thirty, minus up to a quarter so that many pages do not return in step. */
  #delay(): number {
    const full = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 16);
    return Math.round(full * (1 - 0.25 * this.options.surroundings.random()));
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.options.onState(state);
  }
}
