import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUrl, parseFragment, sessionFragment, takeFragment, tokenFromPaste } from '../src/address.ts';
import { loadCredential, saveCredential } from '../src/credential.ts';
import { memory } from './clock.ts';

function take(address: string) {
  const url = new URL(address);
  const replaced: string[] = [];
  const history = { replaceState: (_state: unknown, _title: string, to: string) => replaced.push(to) };
  const found = takeFragment(url as unknown as Location, history as unknown as History);
  return { found, replaced };
}

test('the token leaves the address, the session stays', () => {
  assert.deepEqual(take('http://127.0.0.1:18789/#token=a%2Bb+c'), { found: { token: 'a+b+c' }, replaced: ['/'] });
  assert.deepEqual(take('http://h/base/#token=t&session=agent:main:x'), {
    found: { token: 't', session: 'agent:main:x' }, replaced: ['/base/#session=agent:main:x'],
  });
  assert.deepEqual(take('http://h/#session=agent:main:x').replaced, []);
});

test('a query gives neither a token nor a gateway, and does not stay', () => {
  const { found, replaced } = take('http://h/?token=t&gatewayUrl=wss://evil/');
  assert.deepEqual(found, {});
  assert.deepEqual(replaced, ['/']);
});

test('the gateway is where the script came from', () => {
  assert.equal(gatewayUrl('http://127.0.0.1:18789/app.js?x#y'), 'ws://127.0.0.1:18789/');
  assert.equal(gatewayUrl('https://host/base/app.js'), 'wss://host/base/');
});

test('a fragment survives what is not well-formed', () => {
  assert.deepEqual(parseFragment('#token=%zz&&x&session='), { token: '%zz' });
  assert.deepEqual(parseFragment(sessionFragment('agent:main:a b&c')), { session: 'agent:main:a b&c' });
});

test('a pasted address gives its token', () => {
  assert.equal(tokenFromPaste(' http://127.0.0.1:1/#token=abc \n'), 'abc');
  assert.equal(tokenFromPaste(' ab#c '), 'ab#c');
  assert.equal(tokenFromPaste('http://127.0.0.1:1/#session=x'), '');
});

test('a credential is given back only for the gateway that it was stored for', () => {
  const storage = memory();
  saveCredential(storage, 'ws://a/', { kind: 'token', secret: 's' });
  assert.deepEqual(loadCredential(storage, 'ws://a/'), { kind: 'token', secret: 's' });
  assert.equal(loadCredential(storage, 'ws://a/base/'), undefined);
  storage.setItem('openclaw.credential', '{"secret":1');
  assert.equal(loadCredential(storage, 'ws://a/'), undefined);
});
