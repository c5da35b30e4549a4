// The list of sessions: order, titles and changes. Pure.
import { oneLine } from './visible.ts';
import type { SessionRow, SessionsChanged } from './wire.ts';

/** What the list shows of a session. */
export interface SessionItem {
  key: string;
  title: string;
  /** Where it takes place, when that is not this page. */
  place?: string;
  updatedAt?: number;
  running: boolean;
  /** Whether the gateway knows it. */
  known: boolean;
  /** An agent's main session cannot be deleted. */
  main: boolean;
}

/** The parts of a session key that matter here. */
export interface KeyParts {
  agentId: string;
  rest: string[];
}

/** Splits `agent:<id>:<rest>`. */
export function splitKey(key: string): KeyParts | undefined {
  const [head, agentId, ...rest] = key.split(':');
  return head === 'agent' && agentId && rest.length > 0 ? { agentId, rest } : undefined;
}

/** The canonical form of a session key that a person or an address gave. */
export function canonicalKey(key: string, defaultAgent: string, mainKey: string): string {
  const plain = key.trim().toLowerCase();
  if (plain.startsWith('agent:') || plain === 'global' || plain === 'unknown') return plain;
  return `agent:${defaultAgent}:${plain || mainKey}`;
}

/** A key for a new chat. */
export function newSessionKey(agentId: string, id: string): string {
  return `agent:${agentId}:dashboard:${id}`;
}

/** Whether a person wants to see this session in the list: not those of sub-agents and not single runs of jobs. */
export function isListed(row: SessionRow): boolean {
  const rest = splitKey(row.key)?.rest ?? [];
  if (row.archived || row.key === 'unknown') return false;
  return rest[0] !== 'subagent' && rest[0] !== 'acp' && !(rest[0] === 'cron' && rest.includes('run'));
}

const CHANNELS: Record<string, string | undefined> = {
  imessage: 'iMessage', whatsapp: 'WhatsApp', irc: 'IRC', mqtt: 'MQTT', xmpp: 'XMPP', msteams: 'Teams',
};

/** A channel's name as people write it. */
export function channelName(id: string): string {
  return CHANNELS[id] ?? id.charAt(0).toUpperCase() + id.slice(1);
}

/** What a session is called. */
export function titleOf(row: SessionRow): string {
  return oneLine(rawTitle(row)) || row.key;
}

function rawTitle(row: SessionRow): string {
  const derived = row.derivedTitle?.startsWith('Sender (untrusted') ? undefined : row.derivedTitle;
  const rest = splitKey(row.key)?.rest ?? [row.key];
  const given = [row.label, row.displayName === 'heartbeat' ? undefined : row.displayName, row.subject, derived]
    .map((text) => text?.trim())
    .find((text) => text && text !== row.key);
  if (given) return given;
  if (rest[0] === 'main') return 'Main chat';
  if (rest[0] === 'dashboard') return 'New chat';
  if (rest[0] === 'hook') return 'Webhook';
  if (rest[0] === 'cron') return 'Scheduled job';
  if (rest[0]?.startsWith('open')) return 'API request';
  const from = row.origin?.label?.trim();
  if (from && from !== 'heartbeat') return from;
  const kinds = ['direct', 'group', 'channel'];
  const at = rest.findIndex((part) => kinds.includes(part));
  return at >= 0 && rest[at + 1] ? rest.slice(at + 1).join(':') : rest.join(':');
}

/** Where a session takes place, when a channel brought it here. */
export function placeOf(row: SessionRow): string | undefined {
  const rest = splitKey(row.key)?.rest ?? [];
  const named = rest.length > 2 && ['direct', 'group', 'channel'].includes(rest[rest.length - 2]!) ? rest[0] : undefined;
  const id = row.channel ?? named ?? row.lastChannel;
  return id && id !== 'webchat' && id !== 'internal' ? channelName(id) : undefined;
}

/** What is listed, newest first; `draft` is a chat that the gateway does not know yet. */
export function listItems(rows: readonly SessionRow[], draft?: string): SessionItem[] {
  const items = rows.filter(isListed).map((row): SessionItem => ({
    key: row.key, title: titleOf(row), place: placeOf(row), updatedAt: row.updatedAt ?? undefined,
    running: isRunning(row), known: true, main: isMain(row),
  }));
  items.sort((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0) || a.key.localeCompare(b.key));
  if (draft && !rows.some((row) => row.key === draft)) items.unshift({ key: draft, title: 'New chat', running: false, known: false, main: false });
  return items;
}

/** Whether a run of a session goes on. */
export function isRunning(row: SessionRow | undefined): boolean {
  return row?.status === 'running' || row?.hasActiveRun === true;
}

function isMain(row: SessionRow): boolean {
  return row.isMain ?? splitKey(row.key)?.rest.join(':') === 'main';
}

/** The list in parts by age: today, yesterday, this week, earlier. */
export function groupsOf(items: readonly SessionItem[], now: number): { name: string; items: SessionItem[] }[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const day = 24 * 60 * 60 * 1000;
  const nameOf = ({ updatedAt, known }: SessionItem) => {
    if (!known || updatedAt === undefined || updatedAt >= midnight) return 'Today';
    if (updatedAt >= midnight - day) return 'Yesterday';
    return updatedAt >= midnight - 6 * day ? 'This week' : 'Earlier';
  };
  const groups: { name: string; items: SessionItem[] }[] = [];
  for (const item of items) {
    const name = nameOf(item);
    if (groups.at(-1)?.name !== name) groups.push({ name, items: [] });
    groups.at(-1)!.items.push(item);
  }
  return groups;
}

/** Takes in a change. Gives nothing when only a fresh list can tell. */
export function applyChange(rows: readonly SessionRow[], change: SessionsChanged): SessionRow[] | undefined {
  const key = change.session?.key ?? change.sessionKey;
  if (!key) return undefined;
  if (change.reason === 'delete') return rows.filter((row) => row.key !== key);
  const index = rows.findIndex((row) => row.key === key);
  const { session, sessionKey: _sessionKey, reason, phase: _phase, ...flat } = change;
  if (index < 0 || reason === 'reset' || reason === 'new') return undefined;
  const next = rows.slice();
  const old = rows[index]!;
  if (session?.sessionId) {
    // A whole row: what it does not have is gone. The texts that only lists have stay.
    const { derivedTitle, lastMessagePreview } = old;
    next[index] = { ...(derivedTitle ? { derivedTitle } : {}), ...(lastMessagePreview ? { lastMessagePreview } : {}), ...session, key };
    return next;
  }
  const fresh = Object.fromEntries(Object.entries({ ...flat, ...session }).filter(([, value]) => value !== undefined));
  // A patch may take a field away, which a merge cannot see.
  const { label, ...known } = old;
  next[index] = { ...known, ...(reason === 'patch' || label === undefined ? {} : { label }), ...fresh, key };
  return next;
}

/** How long ago, in a word or two. */
export function ago(then: number, now: number): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 7 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d`;
  return new Date(then).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
