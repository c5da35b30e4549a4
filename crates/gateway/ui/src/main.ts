// Where it starts: take the token out of the address before anything else, then connect and show.
import { gatewayUrl, parseFragment, sessionFragment, takeFragment } from './address.ts';
import { loadCredential, saveCredential, type Credential } from './credential.ts';
import { databaseStore } from './database.ts';
import { loadIdentity, signedText } from './identity.ts';
import type { Socket } from './gateway.ts';
import { Page } from './page.ts';
import { uuid } from './random.ts';
import './views/app.ts';

declare const PAGE_VERSION: string;

const fragment = takeFragment(location, history);
const url = gatewayUrl(import.meta.url);
const storage = tabStorage();
if (fragment.token) saveCredential(storage, url, { kind: 'token', secret: fragment.token });

const ROLE = 'operator';
const SCOPES = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];
const CLIENT = { id: 'openclaw-control-ui', version: PAGE_VERSION, platform: navigator.platform || 'web', mode: 'webchat' };
const instanceId = uuid();
let identity: ReturnType<typeof loadIdentity> | undefined;

/** The parameters of `connect`: who this is, what it may do, and the proof that it holds the device's key. */
async function connectParams(nonce: string, ts: number | undefined, credential: Credential | undefined): Promise<unknown> {
  identity ??= loadIdentity();
  const device = await identity;
  const signedAt = ts ?? Date.now();
  const token = credential?.kind === 'token' ? credential.secret : '';
  const text = signedText({
    deviceId: device.id, clientId: CLIENT.id, clientMode: CLIENT.mode, role: ROLE, scopes: SCOPES, signedAt, token, nonce,
    platform: CLIENT.platform, deviceFamily: '',
  });
  return {
    minProtocol: 3, maxProtocol: 4, client: { ...CLIENT, instanceId }, role: ROLE, scopes: SCOPES, caps: ['tool-events', 'approvals'],
    ...(credential ? { auth: { [credential.kind]: credential.secret } } : {}),
    device: { id: device.id, publicKey: device.publicKey, signature: await device.sign(text), signedAt, nonce },
    locale: navigator.language, userAgent: navigator.userAgent.slice(0, 512),
  };
}

const page = new Page({
  url,
  origin: location.origin,
  storage,
  pictures: databaseStore(() => Date.now()),
  surroundings: {
    open: (address) => new WebSocket(address) as unknown as Socket,
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: (run, ms) => setTimeout(run, ms),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
  },
  connectParams,
  credential: loadCredential(storage, url),
  saveCredential: (credential) => saveCredential(storage, url, credential),
  session: fragment.session,
  onSession: (key) => {
    const wanted = sessionFragment(key);
    if (location.hash === wanted) return;
    // The first session replaces the bare address; later ones can be gone back from.
    if (location.hash) history.pushState(null, '', wanted);
    else history.replaceState(null, '', wanted);
  },
});

// A fresh address may be pasted into the open tab; going back changes the session.
addEventListener('hashchange', () => {
  const { token } = takeFragment(location, history);
  if (token) page.signIn({ kind: 'token', secret: token });
});
addEventListener('popstate', () => {
  const { session, token } = parseFragment(location.hash);
  if (session && !token) page.select(session);
});
addEventListener('online', () => page.wake());
document.addEventListener('visibilitychange', () => { if (!document.hidden) page.wake(); });

const app = document.createElement('oc-app');
app.page = page;
app.storage = sharedStorage();
document.body.append(app);
page.start();

/** The storage of all tabs, where the browser gives one. */
function sharedStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** The tab's storage, or one in memory where the browser refuses it. */
function tabStorage(): Storage {
  try {
    return sessionStorage;
  } catch {
    const items = new Map<string, string>();
    return {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, value: string) => void items.set(name, value),
      removeItem: (name: string) => void items.delete(name),
    } as Storage;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'oc-app': import('./views/app.ts').App;
  }
}
