// What is typed and not sent, by session. It survives a reload of the tab.

const KEY = 'openclaw.drafts';
/** Most sessions whose typed text is kept; the one written to longest ago goes first. */
const MAX_DRAFTS = 30;

/** The typed texts. */
export class Drafts {
  #texts = new Map<string, string>();

  constructor(private readonly storage: Storage) {
    try {
      const stored = JSON.parse(storage.getItem(KEY) ?? '[]') as [string, string][];
      for (const [key, text] of stored) if (typeof key === 'string' && typeof text === 'string') this.#texts.set(key, text);
    } catch {
      // Nothing that can be read was stored.
    }
  }

  get(key: string): string {
    return this.#texts.get(key) ?? '';
  }

  set(key: string, text: string): void {
    this.#texts.delete(key);
    if (text) this.#texts.set(key, text);
    while (this.#texts.size > MAX_DRAFTS) this.#texts.delete(this.#texts.keys().next().value!);
    try {
      if (this.#texts.size === 0) this.storage.removeItem(KEY);
      else this.storage.setItem(KEY, JSON.stringify([...this.#texts]));
    } catch {
      // No storage, or it is full: the text lives as long as the page.
    }
  }

  delete(key: string): void {
    this.set(key, '');
  }
}
