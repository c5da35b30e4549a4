// Time and a socket that tests own.
import type { Socket, Surroundings } from '../src/gateway.ts';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly sent: { id: string; method: string; params: Record<string, unknown> }[] = [];
  closed: { code?: number; reason?: string } | undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code?: number, reason?: string): void {
    this.closed = { code, reason };
  }

  /** Delivers a frame. */
  receive(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  event(event: string, payload: unknown): void {
    this.receive({ type: 'event', event, payload });
  }

  /** Requests of a method, oldest first. */
  of(method: string): FakeSocket['sent'] {
    return this.sent.filter((request) => request.method === method);
  }

  /** Answers the newest request of a method. */
  answer(method: string, payload: unknown): void {
    this.receive({ type: 'res', id: this.of(method).at(-1)!.id, ok: true, payload });
  }

  refuse(method: string, error: unknown): void {
    this.receive({ type: 'res', id: this.of(method).at(-1)!.id, ok: false, error });
  }

  /** Breaks the connection. */
  drop(code = 1006): void {
    this.onclose?.({ code, reason: '' });
  }
}

/** Surroundings where time moves when the test says so. */
export class World implements Surroundings {
  time = 1_000_000;
  chance = 0;
  readonly sockets: FakeSocket[] = [];
  readonly urls: string[] = [];
  #timers = new Map<number, { at: number; run: () => void }>();
  #next = 1;

  open(url: string): Socket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    this.urls.push(url);
    return socket;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  setTimer(run: () => void, ms: number): unknown {
    this.#timers.set(this.#next, { at: this.time + ms, run });
    return this.#next++;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Storage in memory. */
export function memory(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  } as Storage;
}

/** A `hello-ok` payload. */
export const HELLO = {
  type: 'hello-ok', protocol: 4, server: { version: '1', connId: 'c' }, policy: { tickIntervalMs: 30_000 },
  snapshot: { sessionDefaults: { defaultAgentId: 'main', mainKey: 'main', mainSessionKey: 'agent:main:main' } },
};
