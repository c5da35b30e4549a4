// Something in front of the gateway, on an address of its own, that says for whom it forwards.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

/** Forwards HTTP and upgrades from a port to the gateway's; who comes this way is not on this machine. */
export async function startFront(gatewayPort, port) {
  const ours = { 'x-forwarded-for': '203.0.113.9', host: `127.0.0.1:${gatewayPort}` };
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const onward = request({ host: '127.0.0.1', port: gatewayPort, method, path, headers: { ...headers, ...ours } }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.on('upgrade', (asked, socket) => {
    const onward = connect(gatewayPort, '127.0.0.1', () => {
      const lines = Object.entries({ ...asked.headers, ...ours }).map(([name, value]) => `${name}: ${value}`);
      onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on('error', () => { socket.destroy(); onward.destroy(); });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}
