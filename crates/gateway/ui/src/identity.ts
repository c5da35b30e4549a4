// This browser's device key. WebCrypto makes it and never gives it out; where that is missing, a seed and
// JavaScript do the same. It lives in IndexedDB and is bound to this origin by the browser.
import { done, IDENTITY, openDatabase } from './database.ts';

/** A device key as the gateway knows it. */
export interface Identity {
  /** Lower-case hexadecimal SHA-256 of the raw public key. */
  id: string;
  /** The raw public key, base64url without padding. */
  publicKey: string;
  /** Signs UTF-8 text; base64url without padding. */
  sign(text: string): Promise<string>;
}

/** What is signed in `connect`. */
export interface SignedFields {
  deviceId: string;
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  signedAt: number;
  token: string;
  nonce: string;
  platform: string;
  deviceFamily: string;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Stored = { publicKey: Bytes; privateKey: CryptoKey } | { publicKey: Bytes; seed: Bytes };

const ENTRY = 'device';

/** The text of the signature, third form: fields joined with `|`, platform and family trimmed and lower-cased. */
export function signedText(f: SignedFields): string {
  const plain = (text: string) => text.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [
    'v3', f.deviceId, f.clientId, f.clientMode, f.role, f.scopes.join(','), String(f.signedAt), f.token, f.nonce,
    plain(f.platform), plain(f.deviceFamily),
  ].join('|');
}

/** Base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Loads this browser's key, or makes and stores one. Without IndexedDB the key lasts as long as the page. */
export async function loadIdentity(): Promise<Identity> {
  const database = await openDatabase().catch(() => undefined);
  const found = database && (await readStored(database).catch(() => undefined));
  if (found) return identityOf(found);
  const made = await makeKey();
  const kept = database ? await keepFirst(database, made).catch(() => made) : made;
  return identityOf(kept);
}

async function makeKey(): Promise<Stored> {
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  try {
    if (subtle) {
      const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
      const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
      return { publicKey, privateKey: pair.privateKey };
    }
  } catch {
    // A browser whose WebCrypto has no Ed25519: the seed does it.
  }
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const { publicKeyOf } = await import('./ed25519.ts');
  return { publicKey: new Uint8Array(publicKeyOf(seed)), seed };
}

async function identityOf(stored: Stored): Promise<Identity> {
  const { publicKey } = stored;
  const encode = (text: string) => new TextEncoder().encode(text);
  if ('privateKey' in stored) {
    const { subtle } = crypto;
    return {
      id: hex(new Uint8Array(await subtle.digest('SHA-256', publicKey))),
      publicKey: base64url(publicKey),
      sign: async (text) => base64url(new Uint8Array(await subtle.sign('Ed25519', stored.privateKey, encode(text)))),
    };
  }
  const { digest, signWith } = await import('./ed25519.ts');
  return {
    id: hex(digest(publicKey)),
    publicKey: base64url(publicKey),
    sign: (text) => Promise.resolve(base64url(signWith(stored.seed, encode(text)))),
  };
}

async function readStored(database: IDBDatabase): Promise<Stored | undefined> {
  return (await done(database.transaction(IDENTITY).objectStore(IDENTITY).get(ENTRY))) as Stored | undefined;
}

/** Stores the key unless another tab was first; gives the one that is stored. */
function keepFirst(database: IDBDatabase, made: Stored): Promise<Stored> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(IDENTITY, 'readwrite');
    const store = transaction.objectStore(IDENTITY);
    let kept = made;
    const request = store.get(ENTRY);
    request.onsuccess = () => {
      if (request.result) kept = request.result as Stored;
      else store.put(made, ENTRY);
    };
    transaction.oncomplete = () => resolve(kept);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
