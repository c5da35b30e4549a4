// The official client as the one who decides: node approver.mjs ws://127.0.0.1:PORT/ TOKEN
// Says "listening", allows the first command that asks for it once, prints that request and ends.
import { GatewayClient } from '@openclaw/gateway-client';

const [url, token] = process.argv.slice(2);
const client = new GatewayClient({
  url, token, clientName: 'gateway-client', clientVersion: '1.0.0', platform: 'linux', mode: 'backend', role: 'operator',
  scopes: ['operator.read', 'operator.approvals'], caps: ['approvals'], minProtocol: 4, maxProtocol: 4, deviceIdentity: null,
  onConnectError: (error) => { console.error(error.message); process.exit(1); },
  onHelloOk: () => console.log('listening'),
  onEvent: async ({ event, payload }) => {
    if (event !== 'exec.approval.requested') return;
    await client.request('exec.approval.resolve', { id: payload.id, decision: 'allow-once' });
    console.log(JSON.stringify(payload));
    client.stop();
    process.exit(0);
  },
});
client.start();
setTimeout(() => { console.error('nobody asked'); process.exit(1); }, 60_000);
