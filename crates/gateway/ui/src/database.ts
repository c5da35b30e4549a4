// This origin's database: the device key, and the pictures of messages that were not answered yet.
import type { Picture, PictureStore } from './pictures.ts';

const NAME = 'openclaw';
const VERSION = 2;
export const IDENTITY = 'identity';
export const PICTURES = 'pictures';
/** Pictures whose message was never answered are dropped after this time, in milliseconds. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

let opened: Promise<IDBDatabase> | undefined;

/** Opens the database, once. */
export function openDatabase(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const store of [IDENTITY, PICTURES]) {
        if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
      }
    };
    request.onsuccess = () => {
      // Another tab with a newer page may want to change the database.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error('the database cannot be opened'));
    request.onblocked = () => reject(new Error('the database is blocked'));
  });
  return opened;
}

/** Waits for a request. */
export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database failed'));
  });
}

interface Kept {
  at: number;
  pictures: readonly Picture[];
}

/** Pictures in the database; where there is none, nothing is kept. */
export function databaseStore(now: () => number): PictureStore {
  const store = async (mode: IDBTransactionMode) => (await openDatabase()).transaction(PICTURES, mode).objectStore(PICTURES);
  return {
    async put(id, pictures) {
      const target = await store('readwrite');
      await done(target.put({ at: now(), pictures } satisfies Kept, id));
      await sweep(target, now() - KEEP_MS);
    },
    get: async (id) => ((await done((await store('readonly')).get(id))) as Kept | undefined)?.pictures,
    remove: async (id) => void (await done((await store('readwrite')).delete(id))),
  };
}

async function sweep(store: IDBObjectStore, before: number): Promise<void> {
  const keys = await done(store.getAllKeys());
  for (const key of keys) {
    const kept = (await done(store.get(key))) as Kept | undefined;
    if (kept && kept.at < before) store.delete(key);
  }
}
