// How much of a model a session used, in words. Pure.
import type { SessionRow, SessionsUsageResult } from './wire.ts';

/** What a session's row tells of its use. */
export interface Usage {
  /** Tokens in the context; of how many, where that is known. */
  context?: { used: number; of?: number; share?: number };
  /** Of all answers since the session began, in US dollars. */
  cost?: number;
}

/** What a session used from its beginning. */
export interface Total {
  /** How many answers that were. */
  answers: number;
  /** Tokens that models read; those from a provider's cache among them. */
  read: number;
  cached: number;
  written: number;
  /** Both together. */
  tokens: number;
  /** In US dollars, as far as prices are known; absent when none is. */
  cost?: number;
  /** Answers of which no price is known. */
  unpriced: number;
}

/** The use that a row tells of; nothing before the first answer. */
export function usageOf(row: SessionRow | undefined): Usage | undefined {
  if (!row) return undefined;
  const usage: Usage = {};
  const { totalTokens: used, contextTokens: of } = row;
  if (used) usage.context = of ? { used, of, share: Math.min(1, used / of) } : { used };
  if (row.estimatedCostUsd) usage.cost = row.estimatedCostUsd;
  return Object.keys(usage).length > 0 ? usage : undefined;
}

/** The sums over a session; nothing before the first answer. */
export function totalOf({ totals, aggregates }: SessionsUsageResult): Total | undefined {
  const cached = totals.cacheRead + totals.cacheWrite;
  const read = totals.input + cached;
  if (read + totals.output === 0) return undefined;
  const answers = aggregates.messages.assistant;
  const unpriced = totals.missingCostEntries;
  const total: Total = { answers, read, cached, written: totals.output, tokens: read + totals.output, unpriced };
  if (totals.totalCost > 0) total.cost = totals.totalCost;
  return total;
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
export function usageLine({ context, cost }: Usage): string {
  const tokens = context && (context.of ? `${short(context.used)} of ${short(context.of)} tokens` : `${short(context.used)} tokens`);
  return [tokens, cost ? dollars(cost) : ''].filter(Boolean).join(' · ');
}

/** The sums as names and values, for people. */
export function totalFacts({ answers, read, cached, written, tokens, cost, unpriced }: Total): [name: string, value: string][] {
  const number = (count: number) => count.toLocaleString();
  const price = cost === undefined ? 'no price is known' : unpriced > 0 ? `${dollars(cost)}, and ${number(unpriced)} of ${number(answers)} answers without a price` : dollars(cost);
  return [
    ['Tokens read by models', cached > 0 ? `${number(read)} (${number(cached)} from the cache)` : number(read)],
    ['Tokens written', number(written)],
    ['Tokens together', number(tokens)],
    ['Estimated cost', price],
  ];
}
