// The sessions that the gateway has told of, and the new chat that it has not heard of yet.
import type { Request } from './gateway.ts';
import { applyChange, listItems, newSessionKey, splitKey, type SessionItem } from './sessions.ts';
import { totalOf, type Total } from './usage.ts';
import type { ModelChoice, SessionRow, SessionsChanged } from './wire.ts';

/** Rows that are read; a search asks the gateway for others. */
const LIMIT = 200;

/** The list at the side. */
export class SessionList {
  /** The model that answers where none is chosen. */
  defaults: ModelChoice = {};
  #rows: SessionRow[] = [];
  /** The key of a new chat, until its first message. */
  #draft: string | undefined;

  constructor(private readonly request: Request) {}

  get items(): SessionItem[] {
    return listItems(this.#rows, this.#draft);
  }

  /** A session's row; absent while the gateway does not know the session. */
  row(key: string): SessionRow | undefined {
    return this.#rows.find((row) => row.key === key);
  }

  isDraft(key: string): boolean {
    return key === this.#draft;
  }

  /** The new chat, unless it is that of another agent. */
  draftOf(agentId: string): string | undefined {
    return this.#draft !== undefined && splitKey(this.#draft)?.agentId === agentId ? this.#draft : undefined;
  }

  /** The new chat, whoever would answer in it. */
  get draft(): string | undefined {
    return this.#draft;
  }

  /** Begins a new chat in place of the one before. */
  beginDraft(agentId: string, id: string): string {
    this.#draft = newSessionKey(agentId, id);
    return this.#draft;
  }

  dropDraft(): void {
    this.#draft = undefined;
  }

  /** Reads the rows; the old ones stay when that fails. */
  async load(): Promise<void> {
    const list = await this.request('sessions.list', { limit: LIMIT, includeDerivedTitles: true }).catch(() => undefined);
    if (!list) return;
    this.#rows = list.sessions ?? [];
    this.defaults = list.defaults ?? {};
    if (this.#draft && this.row(this.#draft)) this.#draft = undefined;
  }

  /** Asks the gateway for sessions by a text, beyond the rows that are at hand. */
  async search(text: string): Promise<SessionItem[]> {
    const list = await this.request('sessions.list', { search: text, limit: LIMIT, includeDerivedTitles: true }).catch(() => undefined);
    return listItems(list?.sessions ?? []);
  }

  /** What a session used from its beginning, which the gateway counts when it is asked. */
  async total(key: string): Promise<Total | undefined> {
    return totalOf(await this.request('sessions.usage', { key, range: 'all' }));
  }

  /** Takes in a change; false when only a fresh list tells what it means. */
  apply(change: SessionsChanged): boolean {
    const rows = applyChange(this.#rows, change);
    if (rows) this.#rows = rows;
    return rows !== undefined;
  }

  /** Takes a session out; tells whether it was there, and which one stands in its place now. */
  remove(key: string): { known: boolean; next: string | undefined } {
    const known = this.row(key) !== undefined;
    const at = this.items.findIndex((item) => item.key === key);
    this.#rows = this.#rows.filter((row) => row.key !== key);
    const { items } = this;
    return { known, next: items[Math.max(0, Math.min(at, items.length - 1))]?.key };
  }
}
