import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { digest, publicKeyOf, signWith } from '../src/ed25519.ts';
import { base64url, hex, loadIdentity, signedText } from '../src/identity.ts';

function holds(publicKey: string, text: string, signature: string): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey, 'base64url')]);
  return verify(null, Buffer.from(text), createPublicKey({ key: spki, format: 'der', type: 'spki' }), Buffer.from(signature, 'base64url'));
}

test('the signed text is the third form, platform and family plain', () => {
  assert.equal(signedText({
    deviceId: 'd', clientId: 'openclaw-control-ui', clientMode: 'webchat', role: 'operator', scopes: ['operator.admin', 'operator.read'],
    signedAt: 7, token: 't', nonce: 'n', platform: ' Linux X86_64 ', deviceFamily: '',
  }), 'v3|d|openclaw-control-ui|webchat|operator|operator.admin,operator.read|7|t|n|linux x86_64|');
});

test('the key of the browser proves itself', async () => {
  const identity = await loadIdentity();
  const raw = Buffer.from(identity.publicKey, 'base64url');
  assert.equal(raw.length, 32);
  assert.equal(identity.id, createHash('sha256').update(raw).digest('hex'));
  assert.ok(holds(identity.publicKey, 'text', await identity.sign('text')));
});

test('the JavaScript form agrees with RFC 8032 and SHA-256', () => {
  const seed = Uint8Array.from(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'));
  const key = publicKeyOf(seed);
  assert.equal(hex(key), 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  assert.ok(hex(signWith(seed, new Uint8Array())).startsWith('e5564300c360ac729086e2cc806e828a'));
  assert.equal(hex(digest(key)), createHash('sha256').update(key).digest('hex'));
  assert.ok(holds(base64url(key), 'text', base64url(signWith(seed, new TextEncoder().encode('text')))));
});
