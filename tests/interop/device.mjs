// A device from elsewhere, as a phone behind a proxy: node device.mjs ws://127.0.0.1:PORT/ AUTH ROLE SCOPES KEYFILE
// Connects with a key of its own and with AUTH, for example {"token": "…"} or {"bootstrapToken": "…"}, and prints one
// line of JSON: what it was granted, or why not. The key is kept in KEYFILE, so that the same device can come again.
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [url, given, role, listed, file] = process.argv.slice(2);
const auth = JSON.parse(given);
const scopes = listed.split(',').filter(Boolean);
if (!existsSync(file)) {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
const key = createPrivateKey(readFileSync(file));
const { x: publicKey } = key.export({ format: 'jwk' });
const id = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
const client = { id: 'openclaw-android', version: '1.0.0', platform: 'android', mode: 'ui', displayName: 'Phone from elsewhere' };

// Somebody forwards for it: it is not on this machine, whatever the kernel says.
const socket = new WebSocket(url, { headers: { 'x-forwarded-for': '203.0.113.9' } });
const end = (said) => { console.log(JSON.stringify({ deviceId: id, ...said })); socket.close(); process.exit(0); };
socket.onerror = () => { console.log(JSON.stringify({ error: 'no connection' })); process.exit(1); };
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.event === 'connect.challenge') {
    const { nonce } = frame.payload;
    const signedAt = Date.now();
    const text = ['v2', id, client.id, client.mode, role, scopes.join(','), signedAt, auth.token ?? auth.bootstrapToken, nonce].join('|');
    const signature = sign(null, Buffer.from(text), key).toString('base64url');
    const params = { minProtocol: 3, maxProtocol: 4, client, role, scopes, caps: [], auth, device: { id, publicKey, signature, signedAt, nonce } };
    socket.send(JSON.stringify({ type: 'req', id: 'c', method: 'connect', params }));
  } else if (frame.id === 'c') {
    end(frame.ok ? { granted: frame.payload.auth } : { refused: frame.error });
  }
};
setTimeout(() => { console.log(JSON.stringify({ error: 'no answer' })); process.exit(1); }, 20_000);
