// Changes of sessions: name, model, thinking, a new beginning, the end. Every change is the gateway's; the page shows
// it when the gateway has told of it.
import { LostError, type Request } from './gateway.ts';
import type { Methods } from './wire.ts';

/** What the changes need from the page. */
export interface ManagerHost {
  request: Request;
  reload(key: string): void;
  begunAnew(key: string): void;
  deleted(key: string): void;
  say(text: string, bad?: boolean): void;
}

/** Longest name of a session that the gateway takes, in characters. */
export const MAX_LABEL = 512;

/** Changes sessions. Each action tells whether it worked; why not is said to the person. */
export class Manager {
  /** Sessions that this page deletes: their end is no news. */
  readonly #own = new Set<string>();

  constructor(private readonly host: ManagerHost) {}

  /** Whether this page itself deleted a session. */
  isOwn(key: string): boolean {
    return this.#own.has(key);
  }

  /** Gives a session a name; an empty one takes it away. */
  rename(key: string, name: string): Promise<boolean> {
    const label = name.trim() || null;
    return this.#patch(key, { label }, 'The chat could not be renamed');
  }

  /** Chooses the model of a session, `provider/model`; nothing goes back to the usual one. */
  chooseModel(key: string, model: string | undefined): Promise<boolean> {
    return this.#patch(key, { model: model ?? null }, 'The model could not be chosen');
  }

  /** Chooses how much is thought in a session; nothing goes back to the usual level. */
  chooseThinking(key: string, level: string | undefined): Promise<boolean> {
    return this.#patch(key, { thinkingLevel: level ?? null }, 'The thinking level could not be chosen');
  }

  /** Begins a session anew: the gateway archives what was said. */
  reset(key: string): Promise<boolean> {
    return this.#try('The chat could not be reset', async () => {
      await this.host.request('sessions.reset', { key, reason: 'reset' });
      this.host.begunAnew(key);
      this.host.reload(key);
      this.host.say('The chat begins anew.');
    });
  }

  /** Deletes a session; that another tab was faster is no failure. */
  async remove(key: string): Promise<boolean> {
    this.#own.add(key);
    try {
      return await this.#try('The chat could not be deleted', async () => {
        const { deleted } = await this.host.request('sessions.delete', { key });
        this.host.deleted(key);
        this.host.say(deleted ? 'The chat was deleted.' : 'The chat was deleted already.');
      });
    } finally {
      this.#own.delete(key);
    }
  }

  #patch(key: string, change: Omit<Methods['sessions.patch']['params'], 'key'>, failure: string): Promise<boolean> {
    return this.#try(failure, async () => {
      await this.host.request('sessions.patch', { key, ...change });
      this.host.reload(key);
    });
  }

  async #try(failure: string, action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      const reason = error instanceof LostError ? 'the connection was lost before the gateway answered' : (error as Error).message;
      this.host.say(`${failure}: ${reason}.`, true);
      return false;
    }
  }
}
