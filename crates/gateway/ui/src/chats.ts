// The transcripts that were looked at, the one that was looked at last being the last, and reading them.
import { RequestError, type Request } from './gateway.ts';
import { Transcript } from './transcript.ts';
import type { ModelChoice } from './wire.ts';

/** Messages that are read of a session at a time. */
const HISTORY_LIMIT = 200;
/** Transcripts that are kept in memory; the one that was looked at longest ago goes first. */
const MAX_TRANSCRIPTS = 20;

/** What the transcripts need from the page. */
export interface ChatsHost {
  request: Request;
  connected(): boolean;
  now(): number;
  /** The session that is shown. */
  current(): string;
  /** The sessions that unsent messages wait for; their transcripts stay. */
  waiting(): Set<string>;
}

/** The transcripts of this page. */
export class Chats {
  /** What went wrong when the history of the current session was read. */
  error: string | undefined;
  readonly #transcripts = new Map<string, Transcript>();
  /** Which model answers in a session, as its history told. */
  readonly #models = new Map<string, ModelChoice>();

  constructor(private readonly host: ChatsHost) {}

  get all(): Iterable<[key: string, transcript: Transcript]> {
    return this.#transcripts;
  }

  /** A transcript, if it is kept. */
  get(key: string): Transcript | undefined {
    return this.#transcripts.get(key);
  }

  modelOf(key: string): ModelChoice | undefined {
    return this.#models.get(key);
  }

  hasContent(key: string): boolean {
    return (this.#transcripts.get(key)?.entries().length ?? 0) > 0;
  }

  /** The transcript of a session, kept as the one looked at last. */
  open(key: string): Transcript {
    const transcript = this.#transcripts.get(key) ?? new Transcript(key);
    this.#transcripts.delete(key);
    this.#transcripts.set(key, transcript);
    const kept = new Set([...this.host.waiting(), this.host.current(), key]);
    for (const [old, one] of this.#transcripts) {
      if (this.#transcripts.size <= MAX_TRANSCRIPTS) break;
      if (!kept.has(old) && one.activeRuns().length === 0) this.#transcripts.delete(old);
    }
    return transcript;
  }

  /** Forgets what was said in a session; tells whether anything was known. */
  forget(key: string): boolean {
    return this.#transcripts.delete(key);
  }

  /** Forgets a session that is gone. */
  remove(key: string): void {
    this.#transcripts.delete(key);
    this.#models.delete(key);
  }

  /** Reads the newest messages of a session. */
  async load(key: string): Promise<void> {
    const transcript = this.open(key);
    const mark = transcript.mark();
    try {
      const history = await this.host.request('chat.history', { sessionKey: key, limit: HISTORY_LIMIT });
      if (this.#transcripts.get(key) !== transcript) return;
      transcript.setHistory(history, HISTORY_LIMIT, mark, this.host.now());
      const model = [history.sessionInfo, history.defaults].find((choice) => choice?.model);
      if (model) this.#models.set(key, model);
      if (key === this.host.current()) this.error = undefined;
    } catch (error) {
      if (key !== this.host.current()) return;
      if (error instanceof RequestError) this.error = error.message;
      else if (this.host.connected()) this.error = 'The gateway took too long to send this chat.';
    }
  }

  /** Reads the messages before those that are there. */
  async loadEarlier(transcript: Transcript): Promise<void> {
    const offset = transcript.earlierOffset;
    if (offset === undefined) return;
    transcript.addEarlier(await this.host.request('chat.history', { sessionKey: transcript.sessionKey, limit: HISTORY_LIMIT, offset }));
  }
}
