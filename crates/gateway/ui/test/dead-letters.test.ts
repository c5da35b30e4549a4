// What was dropped or given up, against a gateway that the test plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELLO, settle, World, type FakeSocket } from './clock.ts';
import { MAIN, open } from './opened.ts';

const LETTER = { id: '7', at: 1, kind: 'interrupted', subject: 'r', reason: 'cut off', sessionKey: MAIN, text: 'hello' };

async function meet(world: World, methods = ['deadLetters.list', 'deadLetters.discard']): Promise<FakeSocket> {
  const { socket } = world;
  socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  socket.answer('connect', { ...HELLO, features: { methods } });
  await settle();
  return socket;
}

test('the number is read with the connection, and again when a run did not end well', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world);
  assert.deepEqual(socket.of('deadLetters.list').map(({ params }) => params), [{ limit: 1 }]);
  let changes = 0;
  page.addEventListener('change', () => changes++);
  socket.answer('deadLetters.list', { letters: [LETTER], total: 1 });
  await settle();
  assert.equal(page.deadLetters.total, 1);
  assert.ok(changes > 0, 'the page is told');
  socket.event('chat', { sessionKey: MAIN, runId: 'a', state: 'final' });
  await settle();
  assert.equal(socket.of('deadLetters.list').length, 1, 'a good end leaves no letter');
  socket.event('chat', { sessionKey: MAIN, runId: 'b', state: 'error' });
  await settle();
  socket.answer('deadLetters.list', { letters: [LETTER], total: 2 });
  await settle();
  assert.equal(page.deadLetters.total, 2);
});

test('what is shown is what is discarded, and a refusal is said', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world);
  socket.answer('deadLetters.list', { letters: [LETTER], total: 3 });
  await settle();
  const listed = page.deadLetters.list();
  await settle();
  socket.answer('deadLetters.list', { letters: [LETTER], total: 3 });
  assert.deepEqual(await listed, [LETTER]);
  const refused = page.deadLetters.discard(['7']);
  await settle();
  socket.refuse('deadLetters.discard', { code: 'UNAVAILABLE', message: 'busy' });
  assert.equal(await refused, false);
  assert.deepEqual([said, page.deadLetters.total], [['The list could not be cleared: busy.'], 3]);
  const done = page.deadLetters.discard(['7']);
  await settle();
  assert.deepEqual(socket.of('deadLetters.discard').at(-1)?.params, { ids: ['7'] });
  socket.answer('deadLetters.discard', { discarded: 1, total: 2 });
  assert.equal(await done, true);
  assert.equal(page.deadLetters.total, 2);
});

test('a gateway without the list is not asked for it', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await meet(world, []);
  assert.deepEqual([socket.of('deadLetters.list'), page.deadLetters.total], [[], 0]);
});
