import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfParts } from '../src/history.ts';
import type { Page } from '../src/page.ts';
import { memory, settle, World } from './clock.ts';
import { greet, open } from './opened.ts';

const mine = (page: Page) => page.entries.filter((entry) => entry.role === 'user').map((entry) => `${textOfParts(entry.parts)}${entry.status ? ` [${entry.status}]` : ''}`);

test('it shows the main session and the model that answers', async () => {
  const world = new World();
  const { page } = open(world);
  await greet(world);
  assert.equal(page.current, 'agent:main:main');
  assert.equal(page.model, 'local/demo');
});

test('a message whose answer was lost is sent again with the same key after the history was read', async () => {
  const world = new World();
  const { page } = open(world);
  const first = await greet(world);
  page.send('hello');
  await settle();
  const { idempotencyKey } = first.of('chat.send')[0]!.params;
  first.drop();
  await world.pass(1000);
  const second = await greet(world);
  assert.deepEqual(second.of('chat.send').map(({ params }) => params['idempotencyKey']), [idempotencyKey]);
  second.answer('chat.send', { runId: idempotencyKey, status: 'in_flight' });
  await settle();
  assert.deepEqual(mine(page), ['hello']);
});

test('a message that the history has is not sent again', async () => {
  const world = new World();
  const { page } = open(world);
  const first = await greet(world);
  page.send('hello');
  await settle();
  const key = String(first.of('chat.send')[0]!.params['idempotencyKey']);
  first.drop();
  await world.pass(1000);
  const second = await greet(world, { messages: [{ role: 'user', content: 'hello', idempotencyKey: `${key}:user`, timestamp: 1, __openclaw: { id: 'a', seq: 1 } }] });
  assert.equal(second.of('chat.send').length, 0);
  assert.deepEqual(mine(page), ['hello']);
});

test('messages written while there is no connection wait, keep their order, and survive a reload of the page', async () => {
  const world = new World();
  const storage = memory();
  const { page } = open(world, storage);
  const first = await greet(world);
  first.drop();
  page.send('one');
  page.send('two');
  assert.deepEqual(mine(page), ['one [offline]', 'two [offline]']);
  const { page: again } = open(world, storage);
  const second = await greet(world);
  assert.deepEqual(second.of('chat.send').map(({ params }) => params['message']), ['one']);
  second.answer('chat.send', { runId: second.of('chat.send')[0]!.params['idempotencyKey'], status: 'started' });
  await settle();
  assert.deepEqual(second.of('chat.send').map(({ params }) => params['message']), ['one', 'two']);
  second.answer('chat.send', { runId: second.of('chat.send')[1]!.params['idempotencyKey'], status: 'started' });
  await settle();
  assert.deepEqual(mine(again).map((line) => line.slice(0, 3)), ['one', 'two']);
  assert.equal(storage.getItem('openclaw.outbox'), null);
});

test('a refused message says why and can be sent again as a new one', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world);
  page.send('no');
  await settle();
  socket.refuse('chat.send', { code: 'INVALID_REQUEST', message: 'send blocked by session policy' });
  await settle();
  assert.deepEqual(mine(page), ['no [failed]']);
  assert.equal(page.entries[0]!.statusText, 'send blocked by session policy');
  page.resend(page.entries[0]!.runId!);
  await settle();
  const keys = socket.of('chat.send').map(({ params }) => params['idempotencyKey']);
  assert.equal(new Set(keys).size, 2);
});

test('a busy gateway is asked again after the time that it names', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world);
  page.send('hi');
  await settle();
  socket.refuse('chat.send', { code: 'UNAVAILABLE', message: 'busy', retryable: true, retryAfterMs: 500 });
  await settle();
  await world.pass(499);
  assert.equal(socket.of('chat.send').length, 1);
  await world.pass(1);
  assert.equal(socket.of('chat.send').length, 2);
  assert.equal(socket.of('chat.send')[0]!.params['idempotencyKey'], socket.of('chat.send')[1]!.params['idempotencyKey']);
});

test('a run that ended while nobody was connected does not go on for ever', async () => {
  const world = new World();
  const { page } = open(world);
  const first = await greet(world);
  page.send('hi');
  await settle();
  const runId = first.of('chat.send')[0]!.params['idempotencyKey'];
  first.answer('chat.send', { runId, status: 'started' });
  await settle();
  first.event('chat', { runId, sessionKey: 'agent:main:main', state: 'delta', message: { content: [{ type: 'text', text: 'Hel' }] } });
  assert.equal(page.busy, true);
  first.drop();
  await world.pass(1000);
  const messages = [
    { role: 'user', content: 'hi', timestamp: 1, __openclaw: { id: 'a', seq: 1 } },
    { role: 'assistant', content: [{ type: 'text', text: 'Hello.' }], timestamp: 2, __openclaw: { id: 'b', seq: 2 } },
  ];
  await greet(world, { messages, sessions: [{ key: 'agent:main:main', status: 'done' }] });
  assert.equal(page.busy, false);
  assert.deepEqual(page.entries.map((entry) => textOfParts(entry.parts)), ['hi', 'Hello.']);
});

test('stop ends the run that is known, or all of the session when that one is gone', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world);
  socket.event('chat', { runId: 'r1', sessionKey: 'agent:main:main', state: 'delta', message: { content: [{ type: 'text', text: 'x' }] } });
  const stopped = page.stop();
  await settle();
  assert.deepEqual(socket.of('chat.abort')[0]!.params, { sessionKey: 'agent:main:main', runId: 'r1' });
  socket.answer('chat.abort', { ok: true, aborted: false, runIds: [] });
  await settle();
  assert.deepEqual(socket.of('chat.abort')[1]!.params, { sessionKey: 'agent:main:main' });
  socket.answer('chat.abort', { ok: true, aborted: false, runIds: [] });
  await stopped;
  assert.equal(page.busy, false);
});

test('a new chat is a key of the default agent, unknown to the gateway until something is sent', async () => {
  const world = new World();
  const { page } = open(world);
  const socket = await greet(world);
  page.newChat();
  assert.match(page.current, /^agent:main:dashboard:[0-9a-f-]{36}$/);
  const key = page.current;
  page.newChat();
  assert.equal(page.current, key);
  assert.deepEqual(page.items.map((item) => item.title), ['New chat']);
  assert.equal(socket.sent.filter(({ method }) => method.startsWith('sessions.create')).length, 0);
});
