// What the gateway accepted and then dropped or gave up. How many there are is read with each connection and after each
// run that ended badly; the list itself only when somebody opens it.
import type { ConnectionState, Request } from './gateway.ts';
import type { ChatEvent, DeadLetter } from './wire.ts';

/** What is needed from the page. */
export interface DeadLettersHost {
  request: Request;
  changed(): void;
  say(text: string, bad?: boolean): void;
}

/** Letters that are shown at most; the command line has the others. */
const SHOWN = 100;

/** The list of dead letters. */
export class DeadLetters {
  /** How many there are. */
  total = 0;
  #here = false;

  constructor(private readonly host: DeadLettersHost) {}

  /** A connection begins or ends; what was counted stays until it is counted anew. */
  onState(state: ConnectionState): void {
    this.#here = state.kind === 'connected' && (state.hello.features?.methods ?? []).includes('deadLetters.list');
    if (state.kind === 'connected' && !this.#here) this.#count(0);
    if (this.#here) void this.#look();
  }

  /** Looks at an event: a run that did not end well may have left a letter. */
  onEvent(event: string, payload: unknown): void {
    if (!this.#here || event !== 'chat') return;
    const { state } = payload as Partial<ChatEvent>;
    if (state === 'error' || state === 'aborted') void this.#look();
  }

  /** The latest letters; rejects when the gateway does not say. */
  async list(): Promise<DeadLetter[]> {
    const { letters, total } = await this.host.request('deadLetters.list', { limit: SHOWN });
    this.#count(total);
    return letters;
  }

  /** Takes these off the list. */
  async discard(ids: string[]): Promise<boolean> {
    const [first, ...more] = ids;
    if (first === undefined) return true;
    try {
      const { total } = await this.host.request('deadLetters.discard', { ids: [first, ...more] });
      this.#count(total);
      return true;
    } catch (error) {
      this.host.say(`The list could not be cleared: ${(error as Error).message}.`, true);
      return false;
    }
  }

  /** Says that the list could not be read. */
  failed(error: Error): void {
    this.host.say(`The list could not be read: ${error.message}.`, true);
  }

  async #look(): Promise<void> {
    // Without an answer the number stays: it is as true as it was.
    const answer = await this.host.request('deadLetters.list', { limit: 1 }).catch(() => undefined);
    if (answer) this.#count(answer.total);
  }

  #count(total: number): void {
    if (total === this.total) return;
    this.total = total;
    this.host.changed();
  }
}
