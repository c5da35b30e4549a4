// Light, dark, or as the system says. The choice is this browser's and is the same in all of its tabs.

/** What the person chose. */
export type Theme = 'system' | 'light' | 'dark';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const KEY = 'openclaw.theme';

/** The choice that was made before. */
export function loadTheme(storage: Storage | undefined): Theme {
  const stored = storage?.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Keeps a choice. */
export function saveTheme(storage: Storage | undefined, theme: Theme): void {
  if (theme === 'system') storage?.removeItem(KEY);
  else storage?.setItem(KEY, theme);
}

/** Whether a storage event is about the choice. */
export function isThemeEvent(event: StorageEvent): boolean {
  return event.key === KEY || event.key === null;
}
