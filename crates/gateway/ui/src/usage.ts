// How much of a model a session used, in words. Pure.
import type { SessionRow } from './wire.ts';

/** What is known of a session's use. */
export interface Usage {
  /** Tokens in the context, of how many; absent when not known. */
  context?: { used: number; of: number; share: number };
  /** Tokens of the last turn: the gateway's row counts that one. */
  read?: number;
  written?: number;
  /** Of the last turn, in US dollars. */
  cost?: number;
}

/** The use that a row tells of; nothing before the first answer. */
export function usageOf(row: SessionRow | undefined): Usage | undefined {
  if (!row) return undefined;
  const usage: Usage = {};
  if (row.totalTokens && row.contextTokens) {
    usage.context = { used: row.totalTokens, of: row.contextTokens, share: Math.min(1, row.totalTokens / row.contextTokens) };
  }
  if (row.inputTokens) usage.read = row.inputTokens;
  if (row.outputTokens) usage.written = row.outputTokens;
  if (row.estimatedCostUsd) usage.cost = row.estimatedCostUsd;
  return Object.keys(usage).length > 0 ? usage : undefined;
}

/** A count in at most four characters and a letter. */
export function short(count: number): string {
  if (count < 1000) return String(count);
  if (count < 9_950) return `${(count / 1000).toFixed(1).replace(/\.0$/, '')}k`;
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${(count / 1_000_000).toFixed(1).replace(/\.0$/, '')}M`;
}

/** An amount of money: cents where they matter, more digits below one. */
export function dollars(amount: number): string {
  if (amount >= 0.1) return `$${amount.toFixed(2)}`;
  return amount >= 0.0001 ? `$${amount.toFixed(4)}` : '< $0.0001';
}

/** The short form for the head of the page. */
export function usageLine({ context, read, written, cost }: Usage): string {
  const tokens = context ? `${short(context.used)} of ${short(context.of)}` : read || written ? short((read ?? 0) + (written ?? 0)) : '';
  return [tokens && `${tokens} tokens`, cost ? `last ${dollars(cost)}` : ''].filter(Boolean).join(' · ');
}
