// The shared secret, kept for this tab only and only for the gateway that it was given for.

/** What proves to the gateway that this page may connect. */
export interface Credential {
  kind: 'token' | 'password';
  secret: string;
}

const KEY = 'openclaw.credential';

/** Reads the credential that was stored for exactly this gateway. */
export function loadCredential(storage: Storage, gateway: string): Credential | undefined {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? 'null');
    if (!stored || typeof stored !== 'object') return undefined;
    const { kind, secret, gateway: owner } = stored as Record<string, unknown>;
    if (owner !== gateway || typeof secret !== 'string' || !secret) return undefined;
    return { kind: kind === 'password' ? 'password' : 'token', secret };
  } catch {
    return undefined;
  }
}

/** Stores the credential for this tab, or forgets it. Where storage is refused it lives in memory only. */
export function saveCredential(storage: Storage, gateway: string, credential?: Credential): void {
  try {
    if (credential) storage.setItem(KEY, JSON.stringify({ ...credential, gateway }));
    else storage.removeItem(KEY);
  } catch {
    // The page works without; the token has to be given again after a reload.
  }
}
