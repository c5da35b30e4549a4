// One session's chat: what the gateway has stored, what this page sent and is not stored yet, and what is being
// streamed. Nothing is shown twice and nothing is dropped before the stored form of it has been seen.
import { entriesOf, squeeze, textOf, textOfParts, type Entry } from './history.ts';
import type { Picture } from './pictures.ts';
import { sourceOf } from './pictures.ts';
import { Run } from './run.ts';
import type { AgentEvent, ChatEvent, ChatHistoryResult, ChatMessage, PendingInput } from './wire.ts';

/** A message that the person sent from this page. */
export interface Sent {
  /** The idempotency key; also the id of the run that it starts. */
  id: string;
  text: string;
  at: number;
  /** The last transcript position that was known then; negative: none was. */
  baseSeq: number;
  /** `offline`: waits for a connection. `sending`: no answer yet. `accepted`: the gateway has it. */
  state: 'offline' | 'sending' | 'accepted' | 'failed';
  error?: string;
  pictures?: readonly Picture[];
}

/** Most ended runs that are kept because their stored form was not seen. */
const MAX_ENDED_RUNS = 50;
/** How far this machine's clock may be ahead of the gateway's when a message is recognised by its text, in ms. */
const CLOCK_SKEW_MS = 60_000;

/** The chat of one session. */
export class Transcript {
  /** Whether the history was ever read. */
  loaded = false;
  /** Whether the history has more than was read. */
  hasMore = false;
  /** The messages that were read, oldest first and without a gap. */
  #messages: ChatMessage[] = [];
  #total = 0;
  #stored: Entry[] = [];
  /** The stored entries with the keys that they are shown under. */
  #shown: Entry[] = [];
  #sessionId: string | undefined;
  #maxSeq = -1;
  #sent: Sent[] = [];
  #runs = new Map<string, Run>();
  /** Stored entries that took the place of something live: they keep its key. */
  #keys = new Map<string, string>();
  /** Sent messages that were found among the stored: run id to entry key. */
  #claimed = new Map<string, string>();
  /** Those of them that were found by their key. An equal text alone may be another message. */
  #certain = new Set<string>();
  /** Inputs that the gateway accepted and has not begun with, also those of other clients. */
  #pending: PendingInput[] = [];
  /** The run that went on when the history was read. */
  #inFlight: string | undefined;
  #clock = 0;

  constructor(readonly sessionKey: string) {}

  /** A mark to take when the history is asked for and to hand back with it. */
  mark(): number {
    return ++this.#clock;
  }

  /** Takes in a history of at most `limit` messages that was asked for at `mark` and came at the time `now`. */
  setHistory(history: ChatHistoryResult, limit: number, mark: number, now: number): void {
    const messages = history.messages ?? [];
    const same = this.#sessionId === undefined || history.sessionId === this.#sessionId;
    const older = same && this.loaded ? this.#olderThan(messages) : [];
    this.loaded = true;
    if (older.length === 0) this.hasMore = history.hasMore ?? messages.length >= limit;
    this.#messages = [...older, ...messages];
    this.#total = history.totalMessages ?? this.#messages.length;
    this.#stored = entriesOf(this.#messages);
    this.#maxSeq = this.#stored.reduce((most, entry) => Math.max(most, entry.lastSeq ?? 0), 0);
    if (this.#sessionId !== undefined && history.sessionId !== this.#sessionId) this.#restartSeq();
    this.#sessionId = history.sessionId;
    this.#pending = (history.pendingInputs?.items ?? []).filter((input) => input.state !== 'cancelled');
    this.#claim();
    this.#resume(history, now);
    // What is not among these will come after them.
    for (const one of this.#sent) if (!this.#runs.get(one.id)?.ended) one.baseSeq = this.#maxSeq;
    this.#retire(mark);
    this.#show();
  }

  /** Where the page before the first message that was read begins, counted from the newest. */
  get earlierOffset(): number | undefined {
    const first = seqOf(this.#messages[0]);
    return first !== undefined && first > 1 ? this.#total - (first - 1) : undefined;
  }

  /** Takes in a page of earlier messages. */
  addEarlier(history: ChatHistoryResult): void {
    const first = seqOf(this.#messages[0]) ?? 0;
    const earlier = (history.messages ?? []).filter((message) => (seqOf(message) ?? first) < first);
    if (history.sessionId !== this.#sessionId) return;
    this.hasMore = history.hasMore ?? false;
    this.#messages = [...earlier, ...this.#messages];
    this.#stored = entriesOf(this.#messages);
    this.#show();
  }

  /** The known messages before a window, if they reach up to it. */
  #olderThan(window: readonly ChatMessage[]): ChatMessage[] {
    const first = seqOf(window[0]);
    if (first === undefined) return [];
    const older = this.#messages.filter((message) => (seqOf(message) ?? first) < first);
    return seqOf(older.at(-1)) === first - 1 ? older : [];
  }

  /** Adds a message that is about to be sent. */
  send(id: string, text: string, at: number, state: Sent['state'], pictures: readonly Picture[] = []): void {
    this.#sent.push({ id, text, at, baseSeq: this.#maxSeq, state, pictures });
    this.#claim();
    this.#show();
  }

  /** Shows the pictures of a sent message, found later. */
  setPictures(id: string, pictures: readonly Picture[]): void {
    this.#sent = this.#sent.map((one) => (one.id === id ? { ...one, pictures } : one));
  }

  /** Changes how far a sent message got. */
  setSent(id: string, state: Sent['state'], error?: string): void {
    this.#sent = this.#sent.map((one) => (one.id === id ? { ...one, state, error } : one));
  }

  /** Forgets a sent message: it was never accepted, or it was a command that leaves no trace. */
  removeSent(id: string): void {
    this.#sent = this.#sent.filter((one) => one.id !== id);
  }

  /** Whether the gateway has this sent message for certain: if in doubt it is sent again, which its key makes harmless. */
  isStored(id: string): boolean {
    return this.#certain.has(id) || this.#pending.some((input) => input.runId === id);
  }

  /** The runs that go on or wait according to the history. */
  get liveRuns(): string[] {
    return [this.#inFlight, ...this.#pending.map((input) => input.runId)].filter((id) => id !== undefined);
  }

  /** Notes that a run was accepted. */
  accepted(runId: string, at: number): Run {
    const known = this.#runs.get(runId);
    if (known) return known;
    const sent = this.#sent.find((one) => one.id === runId);
    const run = new Run(runId, Math.max(0, sent?.baseSeq ?? this.#maxSeq), sent?.at ?? at);
    this.#runs.set(runId, run);
    this.#prune();
    return run;
  }

  /** Takes in a `chat` event; tells whether the history should be read again. */
  chat(event: ChatEvent, at: number): boolean {
    const fresh = !this.#runs.has(event.runId) && !this.#sent.some((one) => one.id === event.runId);
    const run = this.accepted(event.runId, at);
    const before = run.ended;
    run.chat(event);
    if (this.#sent.some((one) => one.id === event.runId && one.state !== 'accepted')) this.setSent(event.runId, 'accepted');
    if (run.ended && !before) run.endedAt = this.mark();
    return fresh || (run.ended && !before);
  }

  /** Takes in an `agent` event; tells whether anything changed. */
  agent(event: AgentEvent, at: number): boolean {
    const starts = event.stream === 'tool' || (event.stream === 'lifecycle' && event.data?.phase === 'start');
    const run = this.#runs.get(event.runId) ?? (starts ? this.accepted(event.runId, at) : undefined);
    return run?.agent(event) ?? false;
  }

  /** The session went back, or to another branch: of what has ended only the next history tells. */
  goBack(): void {
    for (const run of [...this.#runs.values()]) if (run.ended) this.#runs.delete(run.id);
    this.#sent = this.#sent.filter((one) => one.state !== 'accepted' || this.#runs.has(one.id));
  }

  /** Runs that have not ended, oldest first. */
  activeRuns(): Run[] {
    return [...this.#runs.values()].filter((run) => !run.ended);
  }

  /** Ends the runs of which no end was heard; `keep` names those that are known to go on. */
  loseRuns(keep: readonly string[] = []): void {
    for (const run of this.activeRuns()) {
      if (keep.includes(run.id)) continue;
      run.lose();
      run.endedAt = this.mark();
    }
  }

  /** What is shown, oldest first. Unchanged entries are the same objects as before. */
  entries(): Entry[] {
    const entries: Entry[] = [...this.#shown];
    const late: Entry[] = [];
    const active = this.activeRuns();
    for (const one of this.#sent) {
      const run = this.#runs.get(one.id);
      const waits = run?.state === 'asked' && active.some((other) => other !== run && other.state === 'active');
      const entry = sentEntry(one, waits);
      if (run?.ended) entries.splice(placeAfter(entries, one.baseSeq), 0, entry);
      else late.push(entry);
    }
    entries.push(...late, ...this.#foreign());
    for (const run of this.#runs.values()) this.#addRun(entries, run, active);
    return entries;
  }

  #addRun(entries: Entry[], run: Run, active: Run[]): void {
    const stored = this.#storedFor(run);
    const parts = run.leftover(stored);
    const working = run.state === 'active' || (run.state === 'asked' && !active.some((one) => one !== run && one.state === 'active'));
    if (parts.length === 0 && !working) return;
    const status = working ? { status: 'working' as const, statusText: run.phase } : {};
    const last = stored.at(-1);
    const at = last ? entries.findIndex((entry) => entry.lastSeq === last.lastSeq && entry.role === last.role) : -1;
    if (last && at >= 0) {
      const known = last.parts.map((part) => run.freshest(part));
      entries[at] = { ...entries[at]!, parts: [...known, ...parts], ...status };
      return;
    }
    const entry: Entry = { key: `run:${run.id}`, role: 'assistant', parts, at: run.at, runId: run.id, ...status };
    if (run.model) entry.model = run.model;
    const question = entries.findIndex((one) => one.role === 'user' && this.#isQuestion(one, run.id));
    entries.splice(question >= 0 ? question + 1 : placeAfterRun(entries, run), 0, entry);
  }

  /** What waits and was not sent from here. */
  #foreign(): Entry[] {
    const known = (id: string | undefined) => id !== undefined && (this.#claimed.has(id) || this.#sent.some((one) => one.id === id));
    return this.#pending.filter((input) => !known(input.runId)).map((input) => ({
      key: `pending:${input.id}`, role: 'user', parts: [{ type: 'text', text: textOf(input.message) }], at: input.acceptedAt, status: 'queued',
      ...(input.state === 'interrupted' ? { statusText: 'Interrupted by a stop of the gateway' } : {}),
    }));
  }

  /** Takes up the run that goes on and the messages that wait, as the history tells of them (protocol 4). */
  #resume({ inFlightRun, pendingInputs }: ChatHistoryResult, now: number): void {
    this.#inFlight = inFlightRun?.runId;
    if (inFlightRun) this.accepted(inFlightRun.runId, now).resume(inFlightRun.text ?? '');
    for (const { runId } of pendingInputs?.items ?? []) {
      const sent = this.#sent.find((one) => one.id === runId);
      if (!sent || sent.state === 'accepted') continue;
      this.setSent(sent.id, 'accepted');
      this.accepted(sent.id, sent.at);
    }
  }

  #isQuestion(entry: Entry, runId: string): boolean {
    return entry.key === `sent:${runId}` || entry.runId === runId;
  }

  /** The stored answers that belong to a run. */
  #storedFor(run: Run): Entry[] {
    const marked = this.#stored.filter((entry) => entry.role === 'assistant' && entry.runId === run.id);
    if (marked.length > 0) return marked;
    const unmarked = (entry: Entry) => entry.role === 'assistant' && entry.runId === undefined;
    const claimed = this.#claimed.get(run.id);
    if (claimed) {
      const start = this.#stored.findIndex((entry) => entry.key === claimed);
      const next = this.#stored.findIndex((entry, index) => index > start && entry.role === 'user');
      return this.#stored.slice(start + 1, next < 0 ? undefined : next).filter(unmarked);
    }
    return this.#stored.filter((entry) => unmarked(entry) && (entry.firstSeq ?? 0) > run.baseSeq);
  }

  #show(): void {
    this.#shown = this.#stored.map((entry) => {
      const known = this.#keys.get(entry.key);
      return known ? { ...entry, key: known } : entry;
    });
  }

  /** After a reset the positions start again, so the old ones say nothing any more. */
  #restartSeq(): void {
    for (const run of this.#runs.values()) run.baseSeq = 0;
    this.#sent = this.#sent.map((one) => ({ ...one, baseSeq: -1 }));
  }

  /** Finds the sent messages that are stored by now: by their key where the gateway keeps it, else by their text. */
  #claim(): void {
    const taken = new Set(this.#claimed.values());
    this.#sent = this.#sent.filter((one) => {
      const entry = this.#stored.find((stored) => stored.role === 'user' && !taken.has(stored.key) && isSame(stored, one));
      if (!entry) return true;
      taken.add(entry.key);
      this.#claimed.set(one.id, entry.key);
      if (entry.runId === one.id) this.#certain.add(one.id);
      this.#keys.set(entry.key, `sent:${one.id}`);
      if (one.state !== 'accepted') this.accepted(one.id, one.at);
      return false;
    });
  }

  /** Drops the runs whose stored form is complete, given a history that was asked for at `mark`. */
  #retire(mark: number): void {
    for (const run of this.#runs.values()) {
      const stored = this.#storedFor(run);
      const first = stored[0];
      if (first && !this.#keys.has(first.key)) this.#keys.set(first.key, `run:${run.id}`);
      if (run.endedAt === undefined || run.endedAt >= mark) continue;
      // What is stored wins over what was streamed, once the history is newer than the end.
      const left = run.leftover(stored);
      if (left.length === 0 || (first && left.every((part) => part.type === 'text' || part.type === 'thinking'))) {
        this.#runs.delete(run.id);
        this.#sent = this.#sent.filter((one) => one.id !== run.id || one.state !== 'accepted' || !one.text.startsWith('/'));
      }
    }
  }

  #prune(): void {
    const ended = [...this.#runs.values()].filter((run) => run.ended);
    for (const run of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_RUNS))) this.#runs.delete(run.id);
  }
}

function seqOf(message: ChatMessage | undefined): number | undefined {
  return message?.__openclaw?.seq ?? undefined;
}

/** Whether a stored entry is this sent message. */
function isSame(stored: Entry, sent: Sent): boolean {
  if (stored.runId !== undefined) return stored.runId === sent.id;
  if (sent.state === 'offline' || sent.state === 'failed') return false;
  const later = sent.baseSeq < 0 ? (stored.at ?? 0) > sent.at - CLOCK_SKEW_MS : (stored.lastSeq ?? 0) > sent.baseSeq;
  return later && squeeze(textOfParts(stored.parts)) === squeeze(sent.text);
}

function sentEntry(sent: Sent, waits: boolean): Entry {
  const pictures = (sent.pictures ?? []).flatMap(({ mime, data }) => sourceOf(mime, data) ?? []).map((src) => ({ type: 'image' as const, src }));
  const entry: Entry = { key: `sent:${sent.id}`, role: 'user', parts: [{ type: 'text', text: sent.text }, ...pictures], at: sent.at, runId: sent.id };
  if (sent.state === 'accepted') return waits ? { ...entry, status: 'queued' } : entry;
  return { ...entry, status: sent.state, statusText: sent.error };
}

/** The index after the last entry that is not newer than a transcript position. */
function placeAfter(entries: readonly Entry[], seq: number): number {
  let index = entries.findLastIndex((entry) => entry.lastSeq !== undefined && entry.lastSeq <= seq) + 1;
  // What this page sent earlier in the same place comes first.
  while (index < entries.length && entries[index]!.lastSeq === undefined) index++;
  return index;
}

/** Where a run goes whose question is not shown: before what the person sent after it. */
function placeAfterRun(entries: readonly Entry[], run: Run): number {
  const index = entries.findIndex((entry) => entry.lastSeq === undefined && (entry.at ?? 0) > run.at);
  return index < 0 ? entries.length : index;
}
