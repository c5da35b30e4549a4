// A page in a world that the test owns, and the answers to what it asks for first.
import { Notice, Page } from '../src/page.ts';
import { memoryStore, type PictureStore } from '../src/pictures.ts';
import { HELLO, memory, settle, type FakeSocket, type World } from './clock.ts';

/** The main session of {@link HELLO}. */
export const MAIN = 'agent:main:main';

/** What the gateway has; nothing unless the test says so. */
export interface Had {
  messages?: unknown[];
  sessions?: unknown[];
  /** Methods that its greeting names. */
  methods?: string[];
}

/** Opens a page; `said` is what it tells the person. */
export function open(world: World, storage = memory(), pictures: PictureStore = memoryStore()): { page: Page; said: string[] } {
  const page = new Page({
    url: 'ws://h/', origin: 'http://h', storage, surroundings: world, pictures, credential: { kind: 'token', secret: 's' },
    connectParams: (nonce) => Promise.resolve({ nonce }), saveCredential: () => undefined, session: undefined, onSession: () => undefined,
  });
  const said: string[] = [];
  page.addEventListener('notice', (event) => said.push((event as Notice).text));
  page.start();
  return { page, said };
}

/** Makes the connection and answers what the page asks for then. */
export async function greet(world: World, { messages = [], sessions = [], methods }: Had = {}): Promise<FakeSocket> {
  const { socket } = world;
  socket.event('connect.challenge', { nonce: 'n' });
  await settle();
  socket.answer('connect', methods ? { ...HELLO, features: { methods } } : HELLO);
  await settle();
  socket.answer('sessions.subscribe', { subscribed: true });
  socket.answer('agents.list', { defaultId: 'main', agents: [{ id: 'main' }] });
  socket.answer('sessions.list', { sessions, defaults: { modelProvider: 'local', model: 'demo' } });
  socket.answer('chat.history', { sessionKey: MAIN, sessionId: 's', messages });
  await settle();
  return socket;
}
