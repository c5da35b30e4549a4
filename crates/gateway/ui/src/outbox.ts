// Messages that the gateway has not acknowledged. They survive a reload of the page, and each keeps its idempotency
// key, so that sending one again cannot make it count twice.

/** A message on its way. */
export interface OutboxItem {
  /** The idempotency key. */
  id: string;
  sessionKey: string;
  text: string;
  at: number;
  /** Whether it was ever written to a socket: only then may the gateway have it. */
  sent: boolean;
  /** How many pictures go with it; they wait in the database under the same id. */
  pictures?: number;
  /** Why it was given up; it stays until the person decides. */
  failed?: string;
  /** Given up without an answer: the gateway may have it, so that it keeps its key when it is sent again. */
  unanswered?: boolean;
}

const KEY = 'openclaw.outbox';
/** Most messages that wait; a further one is refused before it is accepted from the person. */
export const MAX_OUTBOX = 50;

/** The messages on their way, oldest first. */
export class Outbox {
  #items: OutboxItem[];

  constructor(private readonly storage: Storage, private readonly gateway: string) {
    this.#items = this.#load();
  }

  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  /** The next message to send. */
  get next(): OutboxItem | undefined {
    return this.#items.find((item) => item.failed === undefined);
  }

  get full(): boolean {
    return this.#items.length >= MAX_OUTBOX;
  }

  find(id: string): OutboxItem | undefined {
    return this.#items.find((item) => item.id === id);
  }

  add(item: OutboxItem): void {
    this.#items = [...this.#items, item];
    this.#save();
  }

  /** Changes one message. */
  change(id: string, change: Partial<OutboxItem>): void {
    this.#items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item));
    this.#save();
  }

  remove(id: string): void {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#save();
  }

  #load(): OutboxItem[] {
    try {
      const stored = JSON.parse(this.storage.getItem(KEY) ?? 'null') as { gateway?: string; items?: OutboxItem[] } | null;
      return stored?.gateway === this.gateway && Array.isArray(stored.items) ? stored.items.slice(0, MAX_OUTBOX) : [];
    } catch {
      return [];
    }
  }

  #save(): void {
    try {
      if (this.#items.length === 0) this.storage.removeItem(KEY);
      else this.storage.setItem(KEY, JSON.stringify({ gateway: this.gateway, items: this.#items }));
    } catch {
      // No storage: the messages live as long as the page.
    }
  }
}
