import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayClient, LostError, RequestError, type ConnectionState } from '../src/gateway.ts';
import { HELLO, settle, World } from './clock.ts';

function client(world: World) {
  const states: ConnectionState[] = [];
  const events: unknown[] = [];
  const gateway = new GatewayClient({
    url: 'ws://h/', origin: 'http://h', surroundings: world,
    connectParams: (nonce) => Promise.resolve({ nonce }),
    onState: (state) => states.push(state), onEvent: (event, payload) => events.push([event, payload]),
  });
  return { gateway, states, events };
}

async function connected(world: World) {
  const made = client(world);
  made.gateway.connect();
  world.socket.event('connect.challenge', { nonce: 'n', ts: 1 });
  await settle();
  world.socket.answer('connect', HELLO);
  await settle();
  assert.equal(made.gateway.state.kind, 'connected');
  return made;
}

test('it waits for the challenge and signs its nonce', async () => {
  const world = new World();
  const { gateway } = client(world);
  gateway.connect();
  assert.equal(world.socket.sent.length, 0);
  world.socket.event('connect.challenge', { nonce: 'n1', ts: 5 });
  await settle();
  assert.deepEqual(world.socket.sent.map(({ method, params }) => [method, params]), [['connect', { nonce: 'n1' }]]);
});

test('no challenge within ten seconds counts as no gateway', async () => {
  const world = new World();
  const { gateway } = client(world);
  gateway.connect();
  await world.pass(10_000);
  assert.equal(gateway.state.kind, 'waiting');
  assert.deepEqual(world.sockets[0]!.closed, { code: 4000, reason: 'connect timeout' });
});

test('the delay doubles from one second to thirty, and a connection resets it', async () => {
  const world = new World();
  const { gateway } = client(world);
  gateway.connect();
  const delays: number[] = [];
  for (let tries = 0; tries < 7; tries++) {
    world.socket.drop();
    assert.equal(gateway.state.kind, 'waiting');
    const { retryAt } = gateway.state as { retryAt: number };
    delays.push(retryAt - world.time);
    await world.pass(retryAt - world.time);
    assert.equal(gateway.state.kind, 'connecting');
  }
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  world.socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  world.socket.answer('connect', HELLO);
  await settle();
  world.socket.drop();
  assert.equal((gateway.state as { retryAt: number }).retryAt - world.time, 1000);
});

test('chance shortens the delay by a quarter at most', async () => {
  const world = new World();
  world.chance = 1;
  const { gateway } = client(world);
  gateway.connect();
  world.socket.drop();
  assert.equal((gateway.state as { retryAt: number }).retryAt - world.time, 750);
});

test('two tick intervals of silence end the connection; any frame keeps it', async () => {
  const world = new World();
  const { gateway } = await connected(world);
  await world.pass(50_000);
  world.socket.event('tick', { ts: 1 });
  await world.pass(50_000);
  assert.equal(gateway.state.kind, 'connected');
  await world.pass(10_000);
  assert.equal(gateway.state.kind, 'waiting');
  assert.deepEqual(world.sockets[0]!.closed, { code: 4000, reason: 'tick timeout' });
});

test('after sleep the silence is noticed at once', async () => {
  const world = new World();
  const { gateway } = await connected(world);
  world.time += 3_600_000;
  gateway.wake();
  assert.equal(gateway.state.kind, 'waiting');
});

test('a request has a deadline, an error is its own kind, and a late answer is ignored', async () => {
  const world = new World();
  const { gateway } = await connected(world);
  const late = gateway.request('health', {}, 1000);
  const refused = gateway.request('agents.list', {});
  const lateResult = assert.rejects(late, LostError);
  const refusedResult = assert.rejects(refused, (error: Error) => error instanceof RequestError && error.error.code === 'UNAVAILABLE');
  world.socket.refuse('agents.list', { code: 'UNAVAILABLE', message: 'busy' });
  await world.pass(1000);
  world.socket.answer('health', {});
  await Promise.all([lateResult, refusedResult]);
});

test('a broken connection rejects what waits', async () => {
  const world = new World();
  const { gateway } = await connected(world);
  const lost = assert.rejects(gateway.request('health', {}), LostError);
  world.socket.drop();
  await lost;
  await assert.rejects(gateway.request('agents.list', {}), LostError);
});

async function refusedWith(error: object) {
  const world = new World();
  const made = client(world);
  made.gateway.connect();
  world.socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  world.socket.refuse('connect', { code: 'INVALID_REQUEST', message: 'no', ...error });
  await settle();
  return { world, ...made };
}

test('a wrong token asks for another and is never sent again by itself', async () => {
  const { world, gateway } = await refusedWith({ details: { code: 'AUTH_TOKEN_MISMATCH' } });
  assert.equal(gateway.state.kind, 'blocked');
  assert.equal((gateway.state as { problem: { next: string } }).problem.next, 'credential');
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
});

test('waiting for approval shows the command and goes on asking', async () => {
  const { world, gateway } = await refusedWith({ code: 'NOT_PAIRED', details: { code: 'PAIRING_REQUIRED', requestId: 'r-1' } });
  assert.equal(gateway.state.kind, 'waiting');
  assert.equal((gateway.state as { problem: { command?: string } }).problem.command, 'openclaw devices approve r-1');
  await world.pass(8000);
  assert.equal(world.sockets.length, 2);
});

test('a request id that could be read as more than a name is not made part of a command', async () => {
  const { gateway } = await refusedWith({ code: 'NOT_PAIRED', details: { code: 'PAIRING_REQUIRED', requestId: 'x; rm -rf ~' } });
  assert.equal((gateway.state as { problem: { command?: string } }).problem.command, 'openclaw devices list');
});

test('a gateway that is starting says when to come back', async () => {
  const { world, gateway } = await refusedWith({ code: 'UNAVAILABLE', message: 'starting', retryAfterMs: 300, details: { reason: 'startup-sidecars' } });
  assert.equal((gateway.state as { retryAt: number }).retryAt - world.time, 300);
});

test('an announced restart is not called a failure', async () => {
  const world = new World();
  const { gateway } = await connected(world);
  world.socket.event('shutdown', { reason: 'restart', restartExpectedMs: null });
  world.socket.drop(1012);
  assert.equal((gateway.state as { problem: { code: string } }).problem.code, 'RESTARTING');
});

test('what is not a frame is ignored, and an old socket says nothing any more', async () => {
  const world = new World();
  const { gateway, events } = await connected(world);
  const old = world.socket;
  old.onmessage?.({ data: '{"type":"event"' });
  old.onmessage?.({ data: 'null' });
  old.receive({ type: 'event' });
  const stale = old.onmessage;
  gateway.restart();
  stale?.({ data: JSON.stringify({ type: 'event', event: 'chat', payload: {} }) });
  assert.deepEqual(events, []);
});
