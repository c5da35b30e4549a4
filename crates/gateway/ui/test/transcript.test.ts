import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfParts } from '../src/history.ts';
import { Transcript } from '../src/transcript.ts';
import type { ChatEvent, ChatMessage } from '../src/wire.ts';

const KEY = 'agent:main:x';
let ids = 0;
/** A stored message without any mark of its run, as protocol 3 has it. */
const plain = (seq: number, role: string, text: string, more: Partial<ChatMessage> = {}): ChatMessage =>
  ({ role, content: [{ type: 'text', text }], timestamp: 1000 + seq, __openclaw: { id: `id${seq}`, seq }, ...more });
/** A stored message that names its run, as protocol 4 has it. */
const marked = (seq: number, role: string, text: string, run: string, more: Partial<ChatMessage> = {}): ChatMessage =>
  ({ ...plain(seq, role, text, more), ...(role === 'user' ? { idempotencyKey: `${run}:user` } : {}), __openclaw: { id: `id${seq}`, seq, ...(role === 'user' ? {} : { runId: run }) } });
const delta = (runId: string, text: string): ChatEvent =>
  ({ runId, sessionKey: KEY, state: 'delta', message: { role: 'assistant', content: [{ type: 'text', text }] } });
const final = (runId: string, text: string): ChatEvent => ({ ...delta(runId, text), state: 'final' });
const shown = (transcript: Transcript) => transcript.entries().map((entry) => `${entry.role}: ${textOfParts(entry.parts).trim()}${entry.status ? ` [${entry.status}]` : ''}`);

function load(transcript: Transcript, messages: ChatMessage[], sessionId = 's'): void {
  transcript.setHistory({ messages, sessionId }, 200, transcript.mark(), 2000);
}

function sent(transcript: Transcript, text: string): string {
  const id = `run-${++ids}`;
  transcript.send(id, text, 2000, 'sending');
  transcript.setSent(id, 'accepted');
  transcript.accepted(id, 2000);
  return id;
}

const unmarked = (seq: number, role: string, text: string, _run: string, more: Partial<ChatMessage> = {}) => plain(seq, role, text, more);

for (const [protocol, message] of [['3', unmarked], ['4', marked]] as const) {
  test(`protocol ${protocol}: a run from sending to the stored answer shows each thing once, under one key`, () => {
    const transcript = new Transcript(KEY);
    load(transcript, [message(1, 'user', 'hello', 'r0'), message(2, 'assistant', 'old', 'r0')]);
    const run = sent(transcript, 'hello');
    assert.deepEqual(shown(transcript).slice(2), ['user: hello', 'assistant:  [working]']);
    transcript.chat(delta(run, 'Hel'), 2000);
    const keys = transcript.entries().slice(2).map((entry) => entry.key);
    assert.deepEqual(shown(transcript).slice(2), ['user: hello', 'assistant: Hel [working]']);
    transcript.chat(final(run, 'Hello.'), 2000);
    assert.deepEqual(shown(transcript).slice(2), ['user: hello', 'assistant: Hello.']);
    load(transcript, [message(1, 'user', 'hello', 'r0'), message(2, 'assistant', 'old', 'r0'), message(3, 'user', 'hello', run), message(4, 'assistant', 'Hello. ', run)]);
    assert.deepEqual(shown(transcript).slice(2), ['user: hello', 'assistant: Hello.']);
    assert.deepEqual(transcript.entries().slice(2).map((entry) => entry.key), keys);
    assert.deepEqual(transcript.activeRuns(), []);
  });

  test(`protocol ${protocol}: the history read in the middle of a run with tools is joined with the stream`, () => {
    const transcript = new Transcript(KEY);
    load(transcript, []);
    const run = sent(transcript, 'look');
    transcript.chat(delta(run, 'Let me check.'), 2000);
    transcript.agent({ runId: run, sessionKey: KEY, stream: 'tool', data: { phase: 'start', name: 'exec', toolCallId: 'c1', args: { command: 'ls' } } }, 2000);
    load(transcript, [
      message(1, 'user', 'look', run),
      message(2, 'assistant', '', run, { content: [{ type: 'text', text: 'Let me check.' }, { type: 'toolCall', id: 'c1', name: 'exec', arguments: { command: 'ls' } }] }),
    ]);
    transcript.chat(delta(run, 'Let me check.\n\nTwo files.'), 2000);
    const [, answer] = transcript.entries();
    assert.equal(transcript.entries().length, 2);
    assert.deepEqual(answer!.parts.map((part) => (part.type === 'text' ? part.text : part.type)), ['Let me check.', 'tool', '\n\nTwo files.']);
    assert.equal(answer!.parts[1]!.type === 'tool' && answer!.parts[1]!.state, 'running');
  });
}

test('a stream that leaves out the text before a tool call is joined too', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const run = sent(transcript, 'look');
  transcript.chat(final(run, 'All done.'), 2000);
  load(transcript, [marked(1, 'user', 'look', run), marked(2, 'assistant', 'Let me check.', run), marked(3, 'assistant', 'All done.', run)]);
  assert.deepEqual(shown(transcript), ['user: look', 'assistant: Let me check.All done.']);
});

test('a history that was asked for before the end does not take the answer away', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const run = sent(transcript, 'hi');
  const early = transcript.mark();
  transcript.chat(final(run, 'Hello.'), 2000);
  transcript.setHistory({ messages: [plain(1, 'user', 'hi')], sessionId: 's' }, 200, early, 2000);
  assert.deepEqual(shown(transcript), ['user: hi', 'assistant: Hello.']);
});

test('increments without the whole text add up, and a replacement replaces', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const event = { runId: 'r', sessionKey: KEY, state: 'delta' as const };
  transcript.chat({ ...event, deltaText: 'one ' }, 1);
  transcript.chat({ ...event, deltaText: 'two' }, 1);
  assert.deepEqual(shown(transcript), ['assistant: one two [working]']);
  transcript.chat({ ...event, deltaText: 'three', replace: true }, 1);
  assert.deepEqual(shown(transcript), ['assistant: three [working]']);
});

test('a failed run keeps its message, the first of several reports', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const run = sent(transcript, 'hi');
  transcript.chat({ runId: run, sessionKey: KEY, state: 'error', errorMessage: 'HTTP 401' }, 1);
  transcript.chat({ runId: run, sessionKey: KEY, state: 'error', errorMessage: 'Agent failed: HTTP 401' }, 1);
  assert.deepEqual(transcript.entries().at(-1)!.parts, [{ type: 'error', text: 'HTTP 401' }]);
  load(transcript, [plain(1, 'user', 'hi'), plain(2, 'assistant', '', { content: [], stopReason: 'error', errorMessage: '401 refused' })]);
  assert.deepEqual(transcript.entries().map((entry) => entry.parts.length), [1, 1]);
  assert.deepEqual(transcript.entries().at(-1)!.parts, [{ type: 'error', text: '401 refused' }]);
});

test('a stopped answer that is stored twice is shown once', () => {
  const transcript = new Transcript(KEY);
  load(transcript, [
    plain(1, 'user', 'slow'),
    plain(2, 'assistant', 'slow-0 slow-1', { model: 'gateway-injected', openclawAbort: { aborted: true, origin: 'rpc', runId: 'r' } }),
    plain(3, 'assistant', 'slow-0 slow-1 ', { stopReason: 'aborted', errorMessage: 'Request was aborted' }),
  ]);
  assert.deepEqual(transcript.entries().at(-1)!.parts, [{ type: 'text', text: 'slow-0 slow-1' }, { type: 'stopped' }]);
});

test('a message that waits for another run is queued and stands after it', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const first = sent(transcript, 'one');
  transcript.chat(delta(first, 'working on it'), 2000);
  sent(transcript, 'two');
  assert.deepEqual(shown(transcript), ['user: one', 'assistant: working on it [working]', 'user: two [queued]']);
});

test('the same text sent twice is two messages', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  sent(transcript, 'again');
  sent(transcript, 'again');
  load(transcript, [plain(1, 'user', 'again')]);
  assert.equal(shown(transcript).filter((line) => line.startsWith('user: again')).length, 2);
  load(transcript, [plain(1, 'user', 'again'), plain(2, 'assistant', 'yes'), plain(3, 'user', 'again')]);
  assert.equal(shown(transcript).filter((line) => line.startsWith('user: again')).length, 2);
});

test('an old message with the same text is not taken for one that is on its way', () => {
  const transcript = new Transcript(KEY);
  load(transcript, [plain(1, 'user', 'hi'), plain(2, 'assistant', 'hello')]);
  transcript.send('k', 'hi', 2000, 'sending');
  load(transcript, [plain(1, 'user', 'hi'), plain(2, 'assistant', 'hello')]);
  assert.equal(transcript.isStored('k'), false);
  load(transcript, [plain(1, 'user', 'hi'), plain(2, 'assistant', 'hello'), plain(3, 'user', 'hi')]);
  assert.equal(shown(transcript).filter((line) => line.startsWith('user: hi')).length, 2);
  assert.equal(transcript.isStored('k'), false, 'an equal text without its key is no proof');
});

test('a run that seemed lost goes on when the gateway goes on', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const run = sent(transcript, 'slow');
  transcript.chat(delta(run, 'one'), 1);
  transcript.loseRuns();
  assert.deepEqual(shown(transcript), ['user: slow', 'assistant: one']);
  transcript.chat(delta(run, 'one two'), 1);
  assert.deepEqual(shown(transcript), ['user: slow', 'assistant: one two [working]']);
});

test('a reset that starts the positions again does not double the answer', () => {
  const transcript = new Transcript(KEY);
  load(transcript, [plain(8, 'user', 'a'), plain(9, 'assistant', 'b')], 'old');
  const run = sent(transcript, '/new');
  transcript.chat(final(run, 'New session started.'), 1);
  load(transcript, [plain(1, 'assistant', 'New session started.')], 'new');
  assert.deepEqual(shown(transcript), ['assistant: New session started.']);
});

test('unchanged entries stay the same objects', () => {
  const transcript = new Transcript(KEY);
  load(transcript, [plain(1, 'user', 'a'), plain(2, 'assistant', 'b')]);
  const before = transcript.entries();
  const run = sent(transcript, 'c');
  transcript.chat(delta(run, 'd'), 1);
  const after = transcript.entries();
  assert.equal(after[0], before[0]);
  assert.equal(after[1], before[1]);
});

test('messages keep their order when the history was not read between them', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  const first = sent(transcript, 'first');
  transcript.chat(final(first, 'one'), 1);
  transcript.send('k2', 'second', 3000, 'offline');
  const texts = () => shown(transcript).filter((line) => line.startsWith('user'));
  assert.deepEqual(texts(), ['user: first', 'user: second [offline]']);
  load(transcript, [plain(1, 'user', 'first'), plain(2, 'assistant', 'one')]);
  transcript.accepted('k2', 3000);
  transcript.setSent('k2', 'accepted');
  transcript.chat(final('k2', 'two'), 1);
  assert.deepEqual(shown(transcript), ['user: first', 'assistant: one', 'user: second', 'assistant: two']);
  const third = sent(transcript, 'third');
  transcript.chat(final(third, 'three'), 1);
  assert.deepEqual(shown(transcript).slice(2), ['user: second', 'assistant: two', 'user: third', 'assistant: three']);
});

test('a page that is opened in the middle of a run takes it up, and shows what waits', () => {
  const transcript = new Transcript(KEY);
  const waiting = { id: 'p1', runId: 'r2', acceptedAt: 5, state: 'queued' as const, message: plain(0, 'user', 'next') };
  transcript.setHistory({
    sessionId: 's', messages: [marked(1, 'user', 'slow', 'r1')], inFlightRun: { runId: 'r1', text: 'one two' },
    pendingInputs: { items: [waiting, { ...waiting, id: 'p2', state: 'cancelled' }], total: 2 },
  }, 200, transcript.mark(), 2000);
  assert.deepEqual(shown(transcript), ['user: slow', 'assistant: one two [working]', 'user: next [queued]']);
  assert.deepEqual(transcript.liveRuns, ['r1', 'r2']);
  transcript.chat(delta('r1', 'one two three'), 6);
  assert.deepEqual(shown(transcript)[1], 'assistant: one two three [working]');
});

test('a message whose answer was lost and that waits at the gateway is accepted, and stands there once', () => {
  const transcript = new Transcript(KEY);
  load(transcript, []);
  transcript.send('k', 'hi', 1, 'sending');
  const input = { id: 'p', runId: 'k', acceptedAt: 5, state: 'queued' as const, message: plain(0, 'user', 'hi') };
  transcript.setHistory({ sessionId: 's', messages: [], pendingInputs: { items: [input], total: 1 } }, 200, transcript.mark(), 2000);
  assert.equal(transcript.isStored('k'), true);
  assert.deepEqual(shown(transcript).filter((line) => line.startsWith('user')), ['user: hi']);
});
