// What a person does with sessions and messages, against a gateway that the test plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfParts } from '../src/history.ts';
import type { Page } from '../src/page.ts';
import { memoryStore } from '../src/pictures.ts';
import { memory, settle, World } from './clock.ts';
import { greet, MAIN, open } from './opened.ts';

const OTHER = 'agent:main:dashboard:1';
const ROWS = [{ key: MAIN, updatedAt: 2, sessionId: 'm' }, { key: OTHER, updatedAt: 3, sessionId: 'o', label: 'Other' }];

/** Greets with both sessions. */
const meet = (world: World, messages: unknown[] = []) => greet(world, { messages, sessions: ROWS });

const user = (seq: number, text: string) => ({ role: 'user', content: text, timestamp: seq, __openclaw: { id: `e${seq}`, seq } });
const texts = (page: Page) => page.entries.map((entry) => textOfParts(entry.parts));

test('a change of a session is sent as it is meant, and a refusal is said', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world);
  void page.manage.rename(OTHER, '  Plans ');
  void page.manage.rename(OTHER, ' ');
  void page.manage.chooseModel(OTHER, 'p/big');
  void page.manage.chooseThinking(OTHER, undefined);
  await settle();
  assert.deepEqual(socket.of('sessions.patch').map(({ params }) => params), [
    { key: OTHER, label: 'Plans' }, { key: OTHER, label: null }, { key: OTHER, model: 'p/big' }, { key: OTHER, thinkingLevel: null },
  ]);
  const done = page.manage.rename(OTHER, 'Taken');
  await settle();
  socket.refuse('sessions.patch', { code: 'INVALID_REQUEST', message: 'label already in use: Taken' });
  assert.equal(await done, false);
  assert.deepEqual(said, ['The chat could not be renamed: label already in use: Taken.']);
});

test('a patch that takes something away is seen in the list', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  socket.event('sessions.changed', { sessionKey: OTHER, reason: 'patch', ts: 1, session: { key: OTHER, sessionId: 'o', updatedAt: 4, thinkingLevel: 'high' } });
  assert.equal(page.rowOf(OTHER)?.thinkingLevel, 'high');
  assert.equal(page.rowOf(OTHER)?.label, undefined);
  socket.event('sessions.changed', { sessionKey: OTHER, reason: 'patch', ts: 1, session: { key: OTHER, sessionId: 'o', updatedAt: 5 } });
  assert.equal(page.rowOf(OTHER)?.thinkingLevel, undefined);
});

test('a session that another window deletes is left, with what was typed', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world);
  page.select(OTHER);
  page.drafts.set(OTHER, 'half a thought');
  socket.event('sessions.changed', { sessionKey: OTHER, reason: 'delete', ts: 1 });
  assert.equal(page.current, MAIN);
  assert.equal(page.drafts.get(MAIN), 'half a thought');
  assert.deepEqual(said, ['This chat was deleted in another window.']);
  // The event and the answer of this page's own deletion say it once.
  socket.event('sessions.changed', { sessionKey: OTHER, reason: 'delete', ts: 1 });
  assert.equal(said.length, 1);
});

test('deleting what is deleted already is no failure', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world);
  page.select(OTHER);
  const done = page.manage.remove(OTHER);
  socket.event('sessions.changed', { sessionKey: OTHER, reason: 'delete', ts: 1 });
  socket.answer('sessions.delete', { ok: true, key: OTHER, deleted: false, archived: [] });
  assert.equal(await done, true);
  assert.deepEqual([page.current, said], [MAIN, ['The chat was deleted already.']]);
});

test('a reset empties the chat and keeps what was not accepted yet', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world, [user(1, 'before')]);
  page.send('no');
  await settle();
  socket.refuse('chat.send', { code: 'INVALID_REQUEST', message: 'not now' });
  await settle();
  assert.deepEqual(texts(page), ['before', 'no']);
  socket.event('sessions.changed', { sessionKey: MAIN, reason: 'reset', ts: 1 });
  assert.deepEqual(texts(page), ['no']);
});

test('pictures go with their message, also after a reload, and are forgotten with the answer', async () => {
  const world = new World();
  const [storage, store] = [memory(), memoryStore()];
  const picture = { name: 'a.png', mime: 'image/png', data: 'AAAA' };
  const first = open(world, storage, store);
  const socket = await meet(world);
  socket.drop();
  first.page.send('', [picture]);
  const id = first.page.entries[0]!.runId!;
  const second = open(world, storage, store);
  const again = await meet(world);
  assert.deepEqual(second.page.entries[0]!.parts.at(-1), { type: 'image', src: 'data:image/png;base64,AAAA' });
  const { params } = again.of('chat.send')[0]!;
  assert.deepEqual([params['idempotencyKey'], params['attachments']], [id, [{ type: 'image', fileName: 'a.png', mimeType: 'image/png', content: 'AAAA' }]]);
  again.answer('chat.send', { runId: id, status: 'started' });
  await settle();
  assert.equal(await store.get(id), undefined);
});

test('pictures that did not survive are said to be lost, never left out silently', async () => {
  const world = new World();
  const storage = memory();
  const { page } = open(world, storage);
  (await meet(world)).drop();
  page.send('look', [{ name: 'a.png', mime: 'image/png', data: 'AAAA' }]);
  const later = open(world, storage, memoryStore());
  const socket = await meet(world);
  assert.equal(socket.of('chat.send').length, 0);
  assert.match(later.page.entries[0]!.statusText ?? '', /did not survive/);
});

test('a message that was never answered keeps its key when the person sends it again; a refused one does not', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  page.send('unheard');
  await settle();
  for (let tries = 0; tries < 5; tries++) {
    socket.event('tick', { ts: 1 });
    await world.pass(59_000);
    socket.event('tick', { ts: 1 });
    await world.pass(1_001);
  }
  assert.equal(page.entries[0]!.status, 'failed');
  const before = socket.of('chat.send').length;
  page.resend(page.entries[0]!.runId!);
  await settle();
  const keys = socket.of('chat.send').map(({ params }) => params['idempotencyKey']);
  assert.equal(keys.length, before + 1);
  assert.equal(new Set(keys).size, 1);
});

test('an equal text in the history is no proof: in doubt the message is sent again under its key', async () => {
  const world = new World();
  const storage = memory();
  const { page } = open(world, storage);
  const socket = await meet(world);
  page.send('yes');
  await settle();
  const key = socket.of('chat.send')[0]!.params['idempotencyKey'];
  socket.drop();
  open(world, storage);
  const again = await meet(world, [{ ...user(1, 'yes'), timestamp: world.time }]);
  assert.deepEqual(again.of('chat.send').map(({ params }) => params['idempotencyKey']), [key]);
});

test('earlier messages are read page by page, without a gap', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  page.select(OTHER);
  await world.pass(1);
  socket.answer('chat.history', { sessionKey: OTHER, sessionId: 'o', messages: [user(5, 'five'), user(6, 'six')], hasMore: true, totalMessages: 6 });
  await settle();
  const loaded = page.loadEarlier();
  assert.deepEqual(socket.of('chat.history').at(-1)!.params, { sessionKey: OTHER, limit: 200, offset: 2 });
  socket.answer('chat.history', { sessionKey: OTHER, sessionId: 'o', messages: [user(3, 'three'), user(4, 'four'), user(5, 'five')], hasMore: true, totalMessages: 7 });
  await loaded;
  assert.deepEqual(texts(page), ['three', 'four', 'five', 'six']);
  assert.equal(page.transcript?.hasMore, true);
  socket.event('sessions.changed', { sessionKey: OTHER, phase: 'message', ts: 1, session: { key: OTHER } });
  await world.pass(200);
  socket.answer('chat.history', { sessionKey: OTHER, sessionId: 'o', messages: [user(6, 'six'), user(7, 'seven')], hasMore: true, totalMessages: 7 });
  await settle();
  assert.deepEqual(texts(page), ['three', 'four', 'five', 'six', 'seven']);
});

test('each message has thoughts of its own, and a new connection does not double them', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  const think = (text: string) => socket.event('agent', { runId: 'r', sessionKey: MAIN, stream: 'thinking', data: { text, delta: '' } });
  const tool = (phase: string) => socket.event('agent', { runId: 'r', sessionKey: MAIN, stream: 'tool', data: { phase, name: 'read', toolCallId: 'c' } });
  const shown = () => page.entries.at(-1)!.parts.map((part) => ('text' in part ? part.text : part.type));
  tool('start');
  think('One.');
  tool('result');
  think('Two');
  think('Two.');
  assert.deepEqual(shown(), ['tool', 'One.', 'Two.']);
  for (const again of ['One.', 'Two', 'Two. And']) think(again);
  assert.deepEqual(shown(), ['tool', 'One.', 'Two. And']);
});

test('thoughts grow in place, in front of what was said after them', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  const think = (text: string) => socket.event('agent', { runId: 'r', sessionKey: MAIN, stream: 'thinking', data: { text, delta: '' } });
  socket.event('agent', { runId: 'r', sessionKey: MAIN, stream: 'lifecycle', data: { phase: 'start' } });
  think('One.');
  think('One. Two.');
  assert.deepEqual(page.entries.at(-1)!.parts, [{ type: 'thinking', text: 'One. Two.', live: true }]);
  socket.event('chat', { runId: 'r', sessionKey: MAIN, state: 'delta', message: { content: [{ type: 'text', text: 'Said.' }] } });
  think('One. Two. Three.');
  assert.deepEqual(page.entries.at(-1)!.parts.map((part) => ('text' in part ? part.text : part.type)), ['One. Two.', 'Said.', ' Three.']);
});
