// Sends messages: one after the other in the order they were written, each with its own key until the gateway has
// answered it, over reconnects and reloads.
import { LostError, RequestError } from './gateway.ts';
import { Outbox, type OutboxItem } from './outbox.ts';
import type { Picture, PictureStore } from './pictures.ts';
import { uuid } from './random.ts';
import type { Transcript } from './transcript.ts';
import type { ChatSendParams, ChatSendResult } from './wire.ts';

/** Tries to send a message that the gateway leaves unanswered or asks to send later. */
const MAX_TRIES = 5;
const DEFAULT_RETRY_MS = 2_000;
/** How long the gateway may take for a message; large pictures travel with it. */
const SEND_TIMEOUT_MS = 60_000;

/** What delivery needs from the page. */
export interface DeliveryHost {
  /** Whether the history was read since the connection was made: only then is it known what must be sent again. */
  ready(): boolean;
  connected(): boolean;
  transcript(sessionKey: string): Transcript;
  send(params: ChatSendParams, timeoutMs: number): Promise<ChatSendResult>;
  /** The session's history should be read again. */
  reload(sessionKey: string): void;
  changed(): void;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** The messages of this page on their way to the gateway. */
export class Delivery {
  readonly #outbox: Outbox;
  /** Pictures at hand; those of an earlier page are in the store. */
  readonly #pictures = new Map<string, readonly Picture[]>();
  #flushing = false;

  constructor(private readonly host: DeliveryHost, storage: Storage, gateway: string, private readonly store: PictureStore) {
    this.#outbox = new Outbox(storage, gateway);
  }

  get full(): boolean {
    return this.#outbox.full;
  }

  /** The sessions that messages wait for. */
  get sessions(): Set<string> {
    return new Set(this.#outbox.items.map((item) => item.sessionKey));
  }

  /** Shows what an earlier page left unsent. */
  restore(sessionKey?: string): void {
    for (const item of this.#outbox.items) {
      if (sessionKey !== undefined && item.sessionKey !== sessionKey) continue;
      const transcript = this.host.transcript(item.sessionKey);
      transcript.send(item.id, item.text, item.at, item.sent ? 'sending' : 'offline', this.#pictures.get(item.id));
      if (item.failed !== undefined) transcript.setSent(item.id, 'failed', item.failed);
      if (item.pictures && !this.#pictures.has(item.id)) void this.#recall(item);
    }
  }

  /** Takes a message from the person. */
  add(sessionKey: string, text: string, pictures: readonly Picture[] = []): void {
    const item: OutboxItem = { id: uuid(), sessionKey, text, at: this.host.now(), sent: false };
    if (pictures.length > 0) {
      item.pictures = pictures.length;
      this.#pictures.set(item.id, pictures);
      // Sending does not wait for it: only a reload needs the stored form.
      this.store.put(item.id, pictures).catch(() => undefined);
    }
    this.#outbox.add(item);
    this.host.transcript(sessionKey).send(item.id, text, item.at, this.host.connected() ? 'sending' : 'offline', pictures);
    void this.flush();
  }

  /** Tries again what was given up: under its own key if the gateway may have it, else as a new message. */
  async again(id: string): Promise<void> {
    const item = this.#outbox.find(id);
    if (!item) return;
    if (item.unanswered) {
      this.#outbox.change(id, { failed: undefined, unanswered: undefined });
      this.host.transcript(item.sessionKey).setSent(id, this.host.connected() ? 'sending' : 'offline');
      void this.flush();
      return;
    }
    const pictures = await this.#picturesOf(item).catch(() => undefined);
    this.discard(id);
    this.add(item.sessionKey, item.text, pictures);
  }

  /** Forgets a message that was not accepted. */
  discard(id: string): void {
    const item = this.#outbox.find(id);
    this.#drop(id);
    if (item) this.host.transcript(item.sessionKey).removeSent(id);
  }

  /** Sends what waits, until nothing is left or the connection goes. */
  async flush(): Promise<void> {
    if (this.#flushing || !this.host.ready()) return;
    this.#flushing = true;
    try {
      for (let item = this.#outbox.next; item && this.host.ready(); item = this.#outbox.next) {
        await this.#deliver(item);
        this.host.changed();
      }
    } finally {
      this.#flushing = false;
    }
    for (const item of this.#outbox.items) {
      if (item.failed === undefined) this.host.transcript(item.sessionKey).setSent(item.id, item.sent ? 'sending' : 'offline');
    }
    this.host.changed();
    // The connection may have come back while the last answer was waited for.
    if (this.#outbox.next) void this.flush();
  }

  /** Sends one message until it is answered. Leaves it in the outbox when the connection goes. */
  async #deliver(item: OutboxItem): Promise<void> {
    const transcript = this.host.transcript(item.sessionKey);
    if (transcript.isStored(item.id)) return this.#drop(item.id);
    const pictures = await this.#picturesOf(item).catch(() => undefined);
    if (item.pictures && !pictures) return this.#giveUp(item, 'Its pictures did not survive the reload; attach them again.');
    const params = paramsOf(item, pictures ?? []);
    for (let tries = 1; ; tries++) {
      transcript.setSent(item.id, 'sending');
      this.#outbox.change(item.id, { sent: true });
      this.host.changed();
      try {
        const result = await this.host.send(params, SEND_TIMEOUT_MS);
        this.#drop(item.id);
        return this.#accepted(transcript, item.id, result);
      } catch (error) {
        if (!this.host.ready()) return;
        const refused = error instanceof RequestError ? error.error : undefined;
        if (tries >= MAX_TRIES || (refused && !refused.retryable)) {
          const unanswered = error instanceof LostError;
          return this.#giveUp(item, unanswered ? 'The gateway did not answer.' : (error as Error).message, unanswered);
        }
        if (refused) await this.host.wait(refused.retryAfterMs ?? DEFAULT_RETRY_MS);
        if (!this.host.ready()) return;
      }
    }
  }

  #accepted(transcript: Transcript, id: string, result: ChatSendResult): void {
    if (!result.runId) {
      // A stop phrase: it acted, and leaves no message.
      transcript.removeSent(id);
      return this.host.reload(transcript.sessionKey);
    }
    transcript.setSent(id, 'accepted');
    const run = transcript.accepted(result.runId, this.host.now());
    if (result.status === 'ok' || result.status === 'error' || result.status === 'timeout') {
      run.lose();
      run.endedAt ??= transcript.mark();
      this.host.reload(transcript.sessionKey);
    }
  }

  #giveUp(item: OutboxItem, reason: string, unanswered = false): void {
    this.#outbox.change(item.id, { failed: reason, ...(unanswered ? { unanswered } : {}) });
    this.host.transcript(item.sessionKey).setSent(item.id, 'failed', reason);
  }

  #drop(id: string): void {
    this.#outbox.remove(id);
    if (this.#pictures.delete(id)) this.store.remove(id).catch(() => undefined);
  }

  async #picturesOf(item: OutboxItem): Promise<readonly Picture[] | undefined> {
    if (!item.pictures) return undefined;
    const known = this.#pictures.get(item.id) ?? (await this.store.get(item.id));
    if (known) this.#pictures.set(item.id, known);
    return known;
  }

  async #recall(item: OutboxItem): Promise<void> {
    const pictures = await this.#picturesOf(item).catch(() => undefined);
    if (!pictures || !this.#outbox.find(item.id)) return;
    this.host.transcript(item.sessionKey).setPictures(item.id, pictures);
    this.host.changed();
  }
}

function paramsOf(item: OutboxItem, pictures: readonly Picture[]): ChatSendParams {
  const attachments = pictures.map(({ name, mime, data }) => ({ type: 'image' as const, fileName: name, mimeType: mime, content: data }));
  return {
    sessionKey: item.sessionKey, message: item.text, deliver: false, idempotencyKey: item.id,
    ...(attachments.length > 0 ? { attachments: attachments as unknown as ChatSendParams['attachments'] } : {}),
  };
}
