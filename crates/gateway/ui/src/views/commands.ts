// Every command of the palette, as the page stands.
import { levelName } from '../choices.ts';
import type { Page } from '../page.ts';
import { THEMES, type Theme } from '../theme.ts';
import { keyName, renameSession, resetSession, deleteSession, showDetails, showKeys } from './actions.ts';
import type { Command } from './palette.ts';

/** What commands need besides the page. */
export interface CommandHost {
  theme: Theme;
  setTheme(theme: Theme): void;
  newChat(agentId?: string): void;
  focusComposer(): void;
  editLast(): void;
  copyLast(): void;
}

const THEME_NAMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** The commands that make sense now. */
export function commandsOf(page: Page, host: CommandHost): Command[] {
  const item = page.items.find((one) => one.key === page.current);
  const commands: Command[] = [{ id: 'new', label: 'New chat', keys: [keyName('Ctrl'), 'Shift', 'O'], run: () => host.newChat() }];
  if (page.agents.length > 1) {
    for (const agent of page.agents) {
      commands.push({ id: `new:${agent.id}`, label: `New chat with ${agent.identity?.name ?? agent.name ?? agent.id}`, hint: 'Agent', run: () => host.newChat(agent.id) });
    }
  }
  if (page.busy) commands.push({ id: 'stop', label: 'Stop the answer', keys: ['Esc'], run: () => void page.stop() });
  commands.push({ id: 'write', label: 'To the message field', keys: ['/'], run: () => host.focusComposer() });
  if (page.lastSaid && page.mayWrite) {
    commands.push(
      { id: 'edit', label: 'Change your last message', keys: ['↑'], run: () => host.editLast() },
      { id: 'again', label: 'Send your last message again', run: () => page.sayAgain() },
    );
  }
  if (page.entries.some((entry) => entry.role === 'assistant')) commands.push({ id: 'copy', label: 'Copy the last answer', run: () => host.copyLast() });
  if (item) {
    if (page.mayWrite) commands.push({ id: 'rename', label: 'Rename this chat…', run: () => void renameSession(page, item) });
    commands.push({ id: 'details', label: 'Details and use of this chat', run: () => showDetails(page, item) });
    if (page.mayAdmin && item.known) commands.push({ id: 'reset', label: 'Reset this chat…', run: () => void resetSession(page, item) });
    if (page.mayAdmin && item.known && !item.main) commands.push({ id: 'delete', label: 'Delete this chat…', run: () => void deleteSession(page, item) });
  }
  return [...commands, ...choices(page), ...looks(host), { id: 'keys', label: 'Keys', keys: ['?'], run: showKeys }];
}

function choices(page: Page): Command[] {
  if (!page.mayWrite) return [];
  const { current, model, manage, modelOption, thinking } = page;
  const models = page.models.filter((option) => !option.unusable && option.ref !== model).map((option) => ({
    id: `model:${option.ref}`, label: `Model: ${option.name}`, hint: option.ref, run: () => void manage.chooseModel(current, option.ref),
  }));
  const levels = (modelOption?.levels.length ?? 0) > 1 ? modelOption!.levels : [];
  const thinkings = levels.filter(({ id }) => id !== thinking).map(({ id, label }) => ({
    id: `think:${id}`, label: levelName(id, label), hint: id, run: () => void manage.chooseThinking(current, id),
  }));
  return [...models, ...thinkings];
}

function looks(host: CommandHost): Command[] {
  return THEMES.filter((theme) => theme !== host.theme).map((theme) => ({
    id: `theme:${theme}`, label: `Colours: ${THEME_NAMES[theme]}`, hint: 'Look', run: () => host.setTheme(theme),
  }));
}
