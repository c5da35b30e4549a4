// Which model answers and how much it thinks: what may be chosen, and what is. Pure.
import type { ListedModel, SessionRow } from './wire.ts';

/** A model that may be chosen. */
export interface ModelOption {
  /** `provider/model`. */
  ref: string;
  name: string;
  provider: string;
  /** Why it cannot be used now. */
  unusable?: string;
  /** Whether it reads pictures; unknown when the gateway does not say. */
  images?: boolean;
  levels: readonly { id: string; label: string }[];
  /** How much it thinks when nothing is chosen. */
  usualLevel?: string;
}

const REASONS: Record<string, string | undefined> = {
  'missing-auth': 'no key', 'auth-failed': 'key refused', cooldown: 'paused after failures',
};

/** The models in the gateway's order. */
export function modelOptions(models: readonly ListedModel[]): ModelOption[] {
  return models.map((model) => ({
    ref: modelRef(model.provider, model.id),
    name: model.name || model.id,
    provider: model.provider,
    ...(model.available === false ? { unusable: REASONS[model.unavailableReason ?? ''] ?? 'not available' } : {}),
    ...(model.input ? { images: model.input.includes('image') } : {}),
    levels: model.thinkingLevels ?? [],
    ...(model.thinkingDefault ? { usualLevel: model.thinkingDefault } : {}),
  }));
}

/** `provider/model`, however the two were given. */
export function modelRef(provider: string | null | undefined, model: string): string {
  return !provider || model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}

/** Whether a person chose the model of a session. */
export function isChosen(row: SessionRow | undefined): boolean {
  return row?.modelOverrideSource === 'user';
}

const LEVELS: Record<string, string | undefined> = {
  off: 'No thinking', minimal: 'Thinking: minimal', low: 'Thinking: low', medium: 'Thinking: medium', high: 'Thinking: high',
  xhigh: 'Thinking: extra high', adaptive: 'Thinking: as needed',
};

/** A thinking level as people read it. */
export function levelName(id: string, label?: string): string {
  return LEVELS[id] ?? label ?? id;
}
