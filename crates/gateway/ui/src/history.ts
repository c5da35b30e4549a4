// From the messages of `chat.history` to what is shown: one entry for each thing said by the user, and one for each
// answer, however many messages and tool calls the answer took.
import { sourceOf, type Picture } from './pictures.ts';
import type { ContentPart, ChatMessage } from './wire.ts';

/** A tool call, folded into one line. */
export interface ToolPart {
  type: 'tool';
  id: string;
  name: string;
  args?: unknown;
  meta?: string;
  output?: string;
  state: 'running' | 'done' | 'failed';
}

/** A piece of an entry. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string; live?: boolean }
  | { type: 'image'; src: string }
  | { type: 'error'; text: string }
  | { type: 'stopped' }
  | ToolPart;

/** How far a thing that the user said got, or an answer that is still being written. */
export type EntryStatus = 'sending' | 'offline' | 'queued' | 'failed' | 'working';

/** One entry of the chat. */
export interface Entry {
  /** Stable for as long as the entry is shown, also when a live answer becomes a stored one. */
  key: string;
  role: 'user' | 'assistant' | 'note';
  /** The gateway's id of a stored thing that the user said. */
  id?: string;
  parts: Part[];
  at?: number;
  model?: string;
  status?: EntryStatus;
  /** What is wrong, or what the run is busy with. */
  statusText?: string;
  /** The run that this answers, or that a thing said by the user started. */
  runId?: string;
  /** The transcript positions that it covers; absent for what only this page knows. */
  firstSeq?: number;
  lastSeq?: number;
}

/** Makes entries of the messages, oldest first. */
export function entriesOf(messages: readonly ChatMessage[]): Entry[] {
  const entries: Entry[] = [];
  messages.forEach((message, index) => {
    const seq = message.__openclaw?.seq ?? index + 1;
    const last = entries.at(-1);
    if (message.role === 'user') entries.push(userEntry(message, seq));
    else if (message.role === 'assistant') addAnswer(answerFor(entries, message, seq), message, seq);
    else if (message.role === 'toolResult' || message.role === 'tool') {
      if (last?.role === 'assistant') addResult(last, message, seq);
    } else if (message.display) addNotice(entries, message, seq);
  });
  return entries.filter((entry) => entry.parts.length > 0);
}

/** All the text of a message. */
export function textOf(message: ChatMessage | undefined): string {
  return blocksOf(message).map((block) => (isText(block) ? block.text ?? '' : '')).join('');
}

/** The text of a tool's result, as a person may read it. */
export function outputOf(result: unknown): string | undefined {
  if (result === undefined || result === null) return undefined;
  if (typeof result === 'string') return result;
  const { content } = result as { content?: unknown };
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    const text = (content as ContentPart[]).map((block) => block.text ?? '').filter(Boolean).join('\n');
    if (text) return text;
  }
  return JSON.stringify(result, null, 2);
}

/** The run whose input or answer a stored message is, when the gateway says so (protocol 4). */
export function runOf(message: ChatMessage): string | undefined {
  const marked = message.__openclaw?.runId ?? message.openclawAbort?.runId;
  const key = message.idempotencyKey ?? message.__openclaw?.idempotencyKey;
  return marked ?? key?.replace(/:(user|assistant|terminal-error)$/, '');
}

function blocksOf(message: ChatMessage | undefined): ContentPart[] {
  const content = message?.content;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter((block) => block && typeof block === 'object') : [];
}

const isText = (block: ContentPart) => block.type === 'text' || block.type === 'output_text' || block.type === 'input_text';

function keyOf(message: ChatMessage, seq: number): string {
  return `m:${message.__openclaw?.id ?? seq}`;
}

function userEntry(message: ChatMessage, seq: number): Entry {
  const parts = partsOf(message);
  return {
    key: keyOf(message, seq), id: message.__openclaw?.id ?? undefined, role: 'user', parts, firstSeq: seq, lastSeq: seq,
    at: message.timestamp ?? undefined, runId: runOf(message),
  };
}

/** The answer that a message continues, or a new one. */
function answerFor(entries: Entry[], message: ChatMessage, seq: number): Entry {
  const last = entries.at(-1);
  const run = runOf(message);
  if (last?.role === 'assistant' && (!run || !last.runId || run === last.runId)) {
    last.runId ??= run;
    return last;
  }
  const entry: Entry = { key: keyOf(message, seq), role: 'assistant', parts: [], at: message.timestamp ?? undefined, firstSeq: seq, lastSeq: seq };
  if (run) entry.runId = run;
  entries.push(entry);
  return entry;
}

function addAnswer(entry: Entry, message: ChatMessage, seq: number): void {
  entry.lastSeq = seq;
  const injected = message.model === 'gateway-injected';
  if (message.model && !injected) entry.model = message.provider ? `${message.provider}/${message.model}` : message.model;
  const aborted = message.openclawAbort?.aborted === true || message.stopReason === 'aborted';
  // A stopped answer may be stored twice: by the gateway, and by the runtime that was stopped.
  const repeated = aborted && entry.parts.at(-1)?.type === 'stopped'
    && squeeze(textOfParts(entry.parts)).endsWith(squeeze(textOf(message)));
  if (repeated) return;
  const parts = partsOf(message);
  if (message.stopReason === 'error') {
    const text = textOf(message).trim() || message.errorMessage?.trim() || 'The run failed.';
    entry.parts.push(...parts.filter((part) => part.type !== 'text'), { type: 'error', text });
    return;
  }
  entry.parts.push(...parts);
  if (aborted && entry.parts.at(-1)?.type !== 'stopped') entry.parts.push({ type: 'stopped' });
}

function addResult(entry: Entry, message: ChatMessage, seq: number): void {
  entry.lastSeq = seq;
  const call = entry.parts.find((part): part is ToolPart => part.type === 'tool' && part.id === message.toolCallId);
  const done = { output: outputOf(message), state: message.isError ? 'failed' : 'done' } as const;
  if (call) Object.assign(call, done);
  else entry.parts.push({ type: 'tool', id: message.toolCallId ?? `result-${seq}`, name: message.toolName ?? 'tool', ...done });
}

/** A message that is neither from the user nor from the model, such as a turn that failed before a reply. */
function addNotice(entries: Entry[], message: ChatMessage, seq: number): void {
  const text = textOf(message).trim();
  if (!text) return;
  const run = runOf(message);
  const failed = run !== undefined && entries.at(-1)?.role === 'user';
  entries.push({
    key: keyOf(message, seq), role: failed ? 'assistant' : 'note', at: message.timestamp ?? undefined, firstSeq: seq, lastSeq: seq,
    parts: [failed ? { type: 'error', text } : { type: 'text', text }], ...(run ? { runId: run } : {}),
  });
}

function partsOf(message: ChatMessage): Part[] {
  const parts: Part[] = [];
  for (const block of blocksOf(message)) {
    if (isText(block) && block.text?.trim()) parts.push({ type: 'text', text: block.text });
    else if (block.type === 'thinking' && block.thinking?.trim()) parts.push({ type: 'thinking', text: block.thinking });
    else if (/^tool_?(call|use)$/i.test(block.type ?? '')) {
      const args = block.arguments ?? block.input;
      // Without a result by now, it never got one: a live run says otherwise.
      parts.push({ type: 'tool', id: block.id ?? `call-${parts.length}`, name: block.name ?? 'tool', args, state: 'done' });
    } else if (block.type === 'image' && block.data) {
      const src = sourceOf(block.mimeType ?? '', block.data);
      if (src) parts.push({ type: 'image', src });
    }
  }
  return parts;
}

/** What was said, as a person copies it: what stands before a tool call and what stands after it are paragraphs. */
export function saidIn(parts: readonly Part[]): string {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()] : []));
  return texts.filter(Boolean).join('\n\n');
}

/** The pictures, as they can be sent again. */
export function picturesIn(parts: readonly Part[]): Picture[] {
  return parts.flatMap((part): Picture[] => {
    const found = part.type === 'image' ? /^data:([^;]+);base64,(.*)$/s.exec(part.src) : null;
    return found ? [{ name: 'picture', mime: found[1]!, data: found[2]! }] : [];
  });
}

/** The text of all text parts as it was streamed, to compare it. */
export function textOfParts(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Text without any white space: how stored and streamed forms of one answer are compared. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
