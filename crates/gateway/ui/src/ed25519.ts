// Ed25519 and SHA-256 in JavaScript, loaded only where WebCrypto cannot do it (plain http off loopback, old browsers).
import { getPublicKey, hashes, sign } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

hashes.sha512 = sha512;

/** The public key of a 32 byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}

/** Signs a message with the key of a seed. */
export function signWith(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(message, seed);
}

/** SHA-256. */
export function digest(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}
