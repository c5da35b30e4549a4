// Saying the last thing again or otherwise, against a gateway that the test plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfParts } from '../src/history.ts';
import type { Page } from '../src/page.ts';
import { settle, World } from './clock.ts';
import { greet, MAIN, open } from './opened.ts';

const METHODS = ['sessions.rewind'];
const message = (role: string, seq: number, text: string) => ({ role, content: [{ type: 'text', text }], timestamp: seq, __openclaw: { id: `e${seq}`, seq } });
const SAID = [message('user', 1, 'one'), message('assistant', 2, 'on one'), message('user', 3, 'two'), message('assistant', 4, 'on two')];
const texts = (page: Page) => page.entries.map((entry) => textOfParts(entry.parts));

test('the last thing is said again in its own place', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world, { messages: SAID, methods: METHODS });
  void page.sayAgain();
  await settle();
  assert.deepEqual(socket.of('sessions.rewind').map(({ params }) => params), [{ sessionKey: MAIN, entryId: 'e3' }]);
  assert.equal(socket.of('chat.send').length, 0, 'nothing is said before it was taken back');
  socket.answer('sessions.rewind', { editorText: 'two' });
  await settle();
  socket.answer('chat.history', { sessionKey: MAIN, sessionId: 's', messages: SAID.slice(0, 2) });
  await settle();
  assert.deepEqual(texts(page), ['one', 'on one', 'two']);
  assert.equal(socket.of('chat.send')[0]?.params['message'], 'two');
});

test('what the gateway refuses to take back is not said again', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await greet(world, { messages: SAID, methods: METHODS });
  const back = page.takeBack('m:e3');
  await settle();
  socket.refuse('sessions.rewind', { code: 'UNAVAILABLE', message: 'Rewind is unavailable while the agent is working.' });
  assert.equal(await back, false);
  assert.deepEqual(said, ['The chat could not be taken back: Rewind is unavailable while the agent is working.']);
  assert.deepEqual(texts(page), ['one', 'on one', 'two', 'on two']);
});

test('a gateway that takes nothing back hears the last thing as a new one', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world, { messages: SAID });
  void page.sayAgain();
  await settle();
  assert.equal(socket.of('sessions.rewind').length, 0);
  assert.equal(socket.of('chat.send')[0]?.params['message'], 'two');
});

test('another window that goes back is followed, and a run that ended before leaves no trace', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world, { messages: SAID, methods: METHODS });
  const text = { role: 'assistant', content: [{ type: 'text', text: 'half' }] };
  socket.event('chat', { runId: 'r', sessionKey: MAIN, seq: 1, state: 'delta', message: text });
  socket.event('chat', { runId: 'r', sessionKey: MAIN, seq: 2, state: 'aborted', message: text });
  assert.equal(texts(page).at(-1), 'half');
  socket.event('sessions.changed', { sessionKey: MAIN, reason: 'rewind', ts: 1 });
  await world.pass(200);
  socket.answer('chat.history', { sessionKey: MAIN, sessionId: 's', messages: SAID.slice(0, 2) });
  await settle();
  assert.deepEqual(texts(page), ['one', 'on one']);
});
