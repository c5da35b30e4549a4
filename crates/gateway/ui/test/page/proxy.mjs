// The proxies of deploy/ on ports of the test: each starts with the committed file, and gives its log and a way to stop it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The public name that the files of deploy/ have as their example. */
export const NAME = 'chat.example.org';
const DEPLOY = resolve(fileURLToPath(import.meta.url), '../../../../../../deploy');

/** Starts a proxy on one port in front of the gateway's. */
export const PROXIES = { nginx, caddy };

async function nginx(port, gatewayPort) {
  const folder = await mkdtemp(join(tmpdir(), 'page-nginx-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  let site = await readFile(join(DEPLOY, 'nginx.conf'), 'utf8');
  for (const [ours, theirs] of [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['server 127.0.0.1:18789;', `server 127.0.0.1:${gatewayPort};`],
    [`/etc/letsencrypt/live/${NAME}/fullchain.pem;`, `${certificate};`],
    [`/etc/letsencrypt/live/${NAME}/privkey.pem;`, `${key};`],
  ]) {
    assert.equal(site.split(ours).length, 2, `deploy/nginx.conf has one ${ours}`);
    site = site.replace(ours, theirs);
  }
  await writeFile(join(folder, 'site.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  await writeFile(join(folder, 'nginx.conf'), `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temporary} include ${folder}/site.conf; }\n`);
  return run('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'], {}, folder);
}

async function caddy(port, gatewayPort) {
  const folder = await mkdtemp(join(tmpdir(), 'page-caddy-'));
  // The file itself is taken in as it is; around it stands what keeps the test to itself.
  const global = `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n\tstorage file_system ${folder}/storage\n}\n`;
  await writeFile(join(folder, 'Caddyfile'), `${global}import ${join(DEPLOY, 'Caddyfile')}\n`);
  return run('caddy', ['run', '--config', join(folder, 'Caddyfile')], { OPENCLAW_HOST: `https://${NAME}:${port}`, OPENCLAW_PORT: String(gatewayPort), HOME: folder }, folder);
}

function run(program, args, env, folder) {
  const log = [];
  const child = spawn(program, args, { env: { PATH: `${process.env.PATH}:/usr/sbin`, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => log.push(String(piece)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => log.push(String(error)));
  const stop = async () => {
    if (child.exitCode === null && child.kill()) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { log, stop };
}
