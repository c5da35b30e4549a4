// One run as the events tell it: text that grows, tool calls at their place in it, and how it ended.
import { outputOf, squeeze, textOf, textOfParts, type Entry, type Part, type ToolPart } from './history.ts';
import type { AgentEvent, ChatEvent } from './wire.ts';

/** How a run stands. `asked`: accepted, nothing heard of it yet. `lost`: it ended while nobody was connected. */
export type RunState = 'asked' | 'active' | 'final' | 'aborted' | 'error' | 'lost';

/** What the phases of a run are called. */
const PHASES: Record<string, string | undefined> = {
  preparing_workspace: 'Preparing the workspace',
  naming_worktree: 'Preparing the workspace',
  creating_worktree: 'Preparing the workspace',
  running_setup: 'Running the setup',
  provisioning_environment: 'Preparing the environment',
  preparing_context: 'Gathering context',
  memory_flushing: 'Saving memories',
  starting_model: 'Starting the model',
};

type ThinkingPart = Extract<Part, { type: 'thinking' }>;

/** A run that this page heard of. */
export class Run {
  state: RunState = 'asked';
  phase: string | undefined;
  error: string | undefined;
  model: string | undefined;
  /** The clock of the transcript when it ended; a history asked for later than that knows it. */
  endedAt: number | undefined;
  #text = '';
  /** What the run did besides saying something, each at its place in the text. */
  #steps: { part: ToolPart | ThinkingPart; offset: number }[] = [];
  /** The thoughts of each message so far, and the part that the last of them are in. */
  #thoughts: { text: string; part?: ThinkingPart }[] = [];

  constructor(
    readonly id: string,
    /** The last transcript position that was known when the run began. */
    public baseSeq: number,
    readonly at: number,
  ) {}

  get ended(): boolean {
    return this.state !== 'asked' && this.state !== 'active';
  }

  get text(): string {
    return this.#text;
  }

  /** Takes in a `chat` event. */
  chat(event: ChatEvent): void {
    // A run that seemed lost is taken up again when the gateway goes on with it.
    if (this.ended && this.state !== 'lost' && event.state !== 'error') return;
    const text = textOf(event.message);
    switch (event.state) {
      case 'status':
        this.state = 'active';
        this.phase = PHASES[event.phase ?? ''] ?? this.phase;
        return;
      case 'delta':
        this.state = 'active';
        this.phase = undefined;
        if (text) this.#text = text;
        else if (event.replace) this.#text = event.deltaText ?? '';
        else this.#text += event.deltaText ?? '';
        return;
      case 'final':
      case 'aborted':
        this.state = event.state;
        if (text.length > 0) this.#text = text;
        this.#settle();
        return;
      case 'error':
        this.state = 'error';
        // A second report of the same failure only wraps the first.
        this.error ??= event.errorMessage?.trim() || text.trim() || 'The run failed.';
        this.#settle();
    }
  }

  /** Takes in an `agent` event; tells whether it changed anything. */
  agent(event: AgentEvent): boolean {
    const { stream, data } = event;
    if (!data || (this.ended && this.state !== 'lost')) return false;
    if (stream === 'tool') return this.#tool(data);
    if (stream === 'thinking') return this.#think(data.text ?? '');
    if (stream === 'lifecycle') {
      const known = this.state;
      if (data.phase === 'start') this.state = 'active';
      if (data.phase === 'model' && data.model) this.model = data.provider ? `${data.provider}/${data.model}` : data.model;
      return known !== this.state || data.phase === 'model';
    }
    if (stream === 'compaction') {
      this.phase = data.phase === 'end' ? undefined : 'Compacting the conversation';
      return true;
    }
    return false;
  }

  /** Takes up a run that goes on, with what it said while nobody listened. */
  resume(text: string): void {
    if (this.ended && this.state !== 'lost') return;
    this.state = 'active';
    if (text.length > this.#text.length) this.#text = text;
  }

  /** Ends a run of which no end was heard. */
  lose(): void {
    if (this.ended) return;
    this.state = 'lost';
    this.#settle();
  }

  #tool(data: NonNullable<AgentEvent['data']>): boolean {
    if (!data.toolCallId) return false;
    this.state = 'active';
    let tool = this.#toolOf(data.toolCallId);
    if (!tool) {
      tool = { type: 'tool', id: data.toolCallId, name: data.name ?? 'tool', state: 'running' };
      this.#steps.push({ part: tool, offset: this.#text.length });
    }
    if (data.args !== undefined) tool.args = data.args;
    if (data.meta) tool.meta = data.meta;
    const output = outputOf(data.result ?? data.partialResult);
    if (output !== undefined) tool.output = output;
    if (data.phase === 'result') tool.state = data.isError ? 'failed' : 'done';
    return true;
  }

  #toolOf(id: string): ToolPart | undefined {
    for (const { part } of this.#steps) if (part.type === 'tool' && part.id === id) return part;
    return undefined;
  }

  /** Takes in the thoughts of one message so far; what is new continues the last part, unless something was said or done since. */
  #think(all: string): boolean {
    // A new connection tells every message from its beginning; what is known of it is not told twice.
    const known = this.#thoughts.findLast(({ text }) => all.startsWith(text) || text.startsWith(all));
    const fresh = all.slice(known?.text.length ?? 0);
    if (!fresh) return false;
    this.state = 'active';
    this.phase = undefined;
    const thought = known ?? { text: '' };
    if (!known) this.#thoughts.push(thought);
    thought.text = all;
    const last = this.#steps.at(-1);
    if (thought.part && last?.part === thought.part && last.offset === this.#text.length) thought.part.text += fresh;
    else {
      thought.part = { type: 'thinking', text: fresh };
      this.#steps.push({ part: thought.part, offset: this.#text.length });
    }
    return true;
  }

  #settle(): void {
    this.phase = undefined;
    for (const { part } of this.#steps) if (part.type === 'tool' && part.state === 'running') part.state = 'done';
  }

  /** Everything that is known of the run, in order. */
  parts(): Part[] {
    const parts: Part[] = [];
    let from = 0;
    const push = (to: number) => {
      const text = this.#text.slice(from, to);
      if (text.trim()) parts.push({ type: 'text', text });
      from = Math.max(from, to);
    };
    for (const { part, offset } of this.#steps) {
      push(Math.min(offset, this.#text.length));
      // A copy: what is shown is compared by identity.
      parts.push({ ...part });
    }
    push(this.#text.length);
    const last = parts.at(-1);
    if (last?.type === 'thinking' && !this.ended) last.live = true;
    if (this.state === 'error') parts.push({ type: 'error', text: this.error ?? 'The run failed.' });
    if (this.state === 'aborted') parts.push({ type: 'stopped' });
    return parts;
  }

  /** A stored part, or the live form of it where that knows more. */
  freshest(part: Part): Part {
    if (part.type !== 'tool' || part.output !== undefined) return part;
    const live = this.#toolOf(part.id);
    return live ? { ...live } : part;
  }

  /** What the stored part of the answer does not have yet. */
  leftover(stored: readonly Entry[]): Part[] {
    const parts = this.parts();
    if (stored.length === 0) return parts;
    const have = stored.flatMap((entry) => entry.parts);
    const tools = new Set(have.map((part) => (part.type === 'tool' ? part.id : '')));
    const thoughts = squeeze(have.map((part) => (part.type === 'thinking' ? part.text : '')).join(''));
    let skip = knownLength(have, textOfParts(parts));
    const left: Part[] = [];
    for (const part of parts) {
      if (part.type === 'tool' && tools.has(part.id)) continue;
      if (part.type === 'thinking' && thoughts.includes(squeeze(part.text))) continue;
      if ((part.type === 'error' || part.type === 'stopped') && have.some((one) => one.type === part.type)) continue;
      if (part.type !== 'text') {
        left.push(part);
        continue;
      }
      const text = part.text.slice(skip);
      skip = Math.max(0, skip - part.text.length);
      if (text.trim()) left.push({ type: 'text', text });
    }
    return left;
  }
}

/** How many characters at the head of the streamed text are stored already, white space aside. */
function knownLength(have: readonly Part[], live: string): number {
  const texts = have.flatMap((part) => (part.type === 'text' ? [squeeze(part.text)] : []));
  const wanted = squeeze(live);
  // The stream may leave out texts before a tool call, so any tail of the stored texts counts.
  for (let from = 0; from < texts.length; from++) {
    const stored = texts.slice(from).join('');
    if (stored.endsWith(wanted) || stored.startsWith(wanted)) return live.length;
    if (wanted.startsWith(stored)) return reach(live, stored.length);
  }
  return 0;
}

/** The index in `text` after so many characters that are not white space. */
function reach(text: string, count: number): number {
  let index = 0;
  for (let seen = 0; index < text.length && seen < count; index++) if (!/\s/.test(text[index]!)) seen++;
  return index;
}
