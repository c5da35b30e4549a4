// Requests that wait for a decision, against a gateway that the test plays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../src/page.ts';
import { HELLO, settle, World, type FakeSocket } from './clock.ts';
import { open } from './opened.ts';

const METHODS = ['exec.approval.list', 'plugin.approval.list', 'approval.resolve'];

/** A command that wants to run; it waits for a minute. */
const command = (world: World, id: string, more: object = {}) => ({
  id, createdAtMs: world.time, expiresAtMs: world.time + 60_000,
  request: { command: `ls ${id}`, cwd: '/srv', host: 'gateway', allowedDecisions: ['allow-once', 'allow-always', 'deny'], ...more },
});

/** Makes the connection; these wait. */
async function meet(world: World, commands: unknown[] = [], plugins: unknown[] = []): Promise<FakeSocket> {
  const { socket } = world;
  socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  socket.answer('connect', { ...HELLO, features: { methods: METHODS } });
  await settle();
  socket.answer('exec.approval.list', commands);
  socket.answer('plugin.approval.list', plugins);
  await settle();
  return socket;
}

const ids = (page: Page) => page.approvals.waiting.map(({ id }) => id);

test('what waits is read with the connection, and what comes and goes is told', async () => {
  const world = new World();
  const { page } = open(world);
  const plugin = { id: 'plugin:1', createdAtMs: 1, expiresAtMs: world.time + 90_000, request: { title: 'Send', description: 'To all', severity: 'critical', allowedDecisions: ['allow-once'] } };
  const socket = await meet(world, [command(world, 'a', { warningText: 'Look twice.', resolvedPath: '/bin/ls', envKeys: ['A', 'B'] })], [plugin]);
  const [first, second] = page.approvals.waiting;
  assert.deepEqual([first?.text, first?.warnings], ['ls a', ['Look twice.']]);
  assert.deepEqual(first?.facts, [{ name: 'Folder', value: '/srv' }, { name: 'Program', value: '/bin/ls' }, { name: 'Variables', value: 'A, B' }, { name: 'Runs on', value: 'gateway' }]);
  assert.deepEqual([second?.title, second?.text, second?.allowed], ['Send', 'To all', ['allow-once', 'deny']]);
  socket.event('exec.approval.requested', command(world, 'b'));
  socket.event('exec.approval.requested', command(world, 'b'));
  assert.deepEqual(ids(page), ['a', 'plugin:1', 'b']);
  socket.event('exec.approval.resolved', { id: 'a', decision: 'deny' });
  socket.event('plugin.approval.resolved', { id: 'plugin:1', decision: 'allow-once' });
  assert.deepEqual(ids(page), ['b']);
});

test('a command that does not fit its place says how long it is, and is whole', async () => {
  const world = new World();
  const { page } = open(world);
  const text = `echo ${'x'.repeat(16_000)} && rm -rf /`;
  await meet(world, [command(world, 'a', { command: text })]);
  const [one] = page.approvals.waiting;
  assert.deepEqual([one?.text, one?.warnings], [text, [`The command is ${text.length} characters long; read it to its end.`]]);
});

test('a decision is sent once and the card goes when the gateway has confirmed it', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world, [command(world, 'a', { allowedDecisions: ['allow-once', 'deny'] })]);
  // What is not offered cannot be sent.
  void page.approvals.decide('a', 'allow-always');
  void page.approvals.decide('a', 'allow-once');
  void page.approvals.decide('a', 'deny');
  await settle();
  assert.deepEqual(socket.of('approval.resolve').map(({ params }) => params), [{ id: 'a', kind: 'exec', decision: 'allow-once' }]);
  assert.deepEqual([ids(page), page.approvals.waiting[0]?.deciding], [['a'], 'allow-once']);
  socket.answer('approval.resolve', { applied: true, approval: { id: 'a', decision: 'allow-once' } });
  await settle();
  assert.deepEqual([ids(page), said], [[], []]);
});

test('whoever comes too late is told what holds', async () => {
  const world = new World();
  const { page, said } = open(world);
  const socket = await meet(world, ['a', 'b', 'c', 'd'].map((id) => command(world, id)));
  const late = async (id: string, approval: object) => {
    void page.approvals.decide(id, 'allow-once');
    await settle();
    socket.answer('approval.resolve', { applied: false, approval: { id, ...approval } });
    await settle();
  };
  await late('a', { decision: 'deny' });
  await late('b', { decision: 'allow-once' });
  await late('c', {});
  assert.deepEqual(said, ['It was denied elsewhere before.', 'Its time was up; it has to be asked again.']);
  void page.approvals.decide('d', 'allow-once');
  await settle();
  socket.refuse('approval.resolve', { code: 'INVALID_REQUEST', message: 'not from here' });
  await settle();
  assert.deepEqual([ids(page), page.approvals.waiting[0]?.deciding], [['d'], undefined]);
  assert.equal(said.at(-1), 'It could not be decided: not from here');
});

test('a lost answer decides nothing here: what waits is read again', async () => {
  const world = new World();
  const { page } = open(world);
  const first = await meet(world, [command(world, 'a'), command(world, 'b')]);
  void page.approvals.decide('a', 'allow-once');
  await settle();
  first.drop();
  await settle();
  assert.deepEqual(page.approvals.waiting.map(({ deciding }) => deciding), [undefined, undefined]);
  // Without a connection nothing is decided, and nothing is kept for later.
  void page.approvals.decide('b', 'allow-once');
  await world.pass(1000);
  const second = await meet(world, [command(world, 'b')]);
  assert.deepEqual(ids(page), ['b']);
  assert.deepEqual(second.of('approval.resolve'), []);
});

test('what ended while the list was read does not come back', async () => {
  const world = new World();
  const { page } = open(world);
  const { socket } = world;
  socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  socket.answer('connect', { ...HELLO, features: { methods: METHODS } });
  await settle();
  const listed = [command(world, 'a'), command(world, 'b')];
  socket.event('exec.approval.resolved', { id: 'a', decision: 'deny' });
  socket.event('exec.approval.requested', command(world, 'c'));
  socket.answer('exec.approval.list', listed);
  socket.answer('plugin.approval.list', []);
  await settle();
  assert.deepEqual(ids(page), ['b', 'c']);
});

test('a card does not outlive its time for long', async () => {
  const world = new World();
  const { page } = open(world);
  await meet(world, [command(world, 'a')]);
  await world.pass(59_000);
  assert.deepEqual(ids(page), ['a']);
  await world.pass(10_000);
  assert.deepEqual(ids(page), []);
});

test('a gateway without approvals is not asked for them', async () => {
  const world = new World();
  open(world);
  const { socket } = world;
  socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  socket.answer('connect', HELLO);
  await settle();
  assert.deepEqual(socket.of('exec.approval.list'), []);
});
