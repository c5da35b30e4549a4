import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, applyChange, canonicalKey, listItems, placeOf, titleOf } from '../src/sessions.ts';
import { Speech } from '../src/speech.ts';

test('the newest comes first, a draft before all, and sub-agents are left out', () => {
  const rows = [
    { key: 'agent:main:a', updatedAt: 1 }, { key: 'agent:main:b', updatedAt: 2, label: 'B' },
    { key: 'agent:main:subagent:x', updatedAt: 9 }, { key: 'agent:main:cron:j:run:1', updatedAt: 9 },
  ];
  assert.deepEqual(listItems(rows, 'agent:main:dashboard:n').map((item) => item.title), ['New chat', 'B', 'a']);
});

test('titles are what a person would call it', () => {
  assert.equal(titleOf({ key: 'agent:main:main', displayName: 'heartbeat' }), 'Main chat');
  assert.equal(titleOf({ key: 'agent:main:main', label: ' Work ' }), 'Work');
  assert.equal(titleOf({ key: 'agent:main:telegram:group:-100' }), '-100');
  assert.equal(titleOf({ key: 'agent:main:x', derivedTitle: 'Sender (untrusted metadata): ..' }), 'x');
  assert.equal(titleOf({ key: 'agent:main:dashboard:1', derivedTitle: 'Plan' }), 'Plan');
});

test('a channel is named where one brought the session', () => {
  assert.equal(placeOf({ key: 'agent:main:telegram:group:1' }), 'Telegram');
  assert.equal(placeOf({ key: 'agent:main:main', lastChannel: 'webchat' }), undefined);
  assert.equal(placeOf({ key: 'agent:main:main', lastChannel: 'imessage' }), 'iMessage');
});

test('changes are merged, deletions taken out, and unknown sessions asked for', () => {
  const rows = [{ key: 'k', label: 'L', updatedAt: 1 }];
  assert.deepEqual(applyChange(rows, { sessionKey: 'k', phase: 'end', session: { key: 'k', kind: 'direct', updatedAt: 3, status: 'done' } }), [{ key: 'k', label: 'L', kind: 'direct', updatedAt: 3, status: 'done' }]);
  assert.deepEqual(applyChange(rows, { sessionKey: 'k', reason: 'patch', updatedAt: 2 }), [{ key: 'k', updatedAt: 2 }]);
  assert.deepEqual(applyChange(rows, { sessionKey: 'k', reason: 'delete' }), []);
  assert.equal(applyChange(rows, { sessionKey: 'other' }), undefined);
  assert.equal(applyChange(rows, { reason: 'loaded' }), undefined);
});

test('keys that people write become canonical', () => {
  assert.equal(canonicalKey('main', 'main', 'main'), 'agent:main:main');
  assert.equal(canonicalKey('Agent:Ops:X', 'main', 'main'), 'agent:ops:x');
  assert.equal(canonicalKey('', 'ops', 'main'), 'agent:ops:main');
});

test('ages are short', () => {
  assert.deepEqual([0, 59, 61, 3_700, 90_000].map((seconds) => ago(0, seconds * 1000)), ['now', 'now', '1 min', '1 h', '1 d']);
});

test('whole sentences are spoken, each once', () => {
  const speech = new Speech();
  assert.equal(speech.next('a', 'One. Tw', false), 'One.');
  assert.equal(speech.next('a', 'One. Two is', false), '');
  assert.equal(speech.next('a', 'One. Two is **bold**', true), 'Two is bold');
  assert.equal(speech.next('b', 'New', true), 'New');
});
