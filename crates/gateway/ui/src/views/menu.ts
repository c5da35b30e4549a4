// A small menu at a button: arrows move, Enter chooses, Escape closes and gives the focus back.
import { html, render } from 'lit';

/** One line of a menu. */
export interface MenuItem {
  label: string;
  run(): void;
  danger?: boolean;
  /** For a choice among several: whether it is the current one. */
  checked?: boolean;
}

/** Distance from the button and from the window's edges, in pixels. */
const GAP = 6;

let close: (() => void) | undefined;

/** Opens a menu at a button, or closes the one that is open there. */
export function openMenu(button: HTMLElement, label: string, items: readonly MenuItem[]): void {
  const again = button.getAttribute('aria-expanded') === 'true';
  close?.();
  if (again) return;
  const menu = document.createElement('div');
  menu.className = 'menu-list';
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', label);
  const choose = (item: MenuItem) => () => {
    close?.();
    item.run();
  };
  render(html`${items.map((item) => html`<button type="button" tabindex="-1" class=${item.danger ? 'danger' : ''} role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'}
    aria-checked=${item.checked === undefined ? 'false' : String(item.checked)} @click=${choose(item)}><span class="menu-check" aria-hidden="true">${item.checked ? '✓' : ''}</span>${item.label}</button>`)}`, menu);
  for (const plain of menu.querySelectorAll('[role=menuitem]')) plain.removeAttribute('aria-checked');
  menu.classList.toggle('with-checks', items.some((item) => item.checked !== undefined));
  // In the same part of the page as its button, for those who move by parts.
  (button.closest('dialog, aside, main') ?? document.body).append(menu);
  place(menu, button);
  button.setAttribute('aria-expanded', 'true');
  const buttons = [...menu.querySelectorAll('button')];
  (buttons.find((one) => one.getAttribute('aria-checked') === 'true') ?? buttons[0])?.focus();

  const onKey = (event: KeyboardEvent) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) buttons[to % buttons.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close?.();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onOutside = (event: Event) => { if (!menu.contains(event.target as Node) && !button.contains(event.target as Node)) close?.(); };
  menu.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', onOutside, true);
  window.addEventListener('resize', onOutside);
  close = () => {
    close = undefined;
    const inside = menu.contains(document.activeElement);
    document.removeEventListener('pointerdown', onOutside, true);
    window.removeEventListener('resize', onOutside);
    button.setAttribute('aria-expanded', 'false');
    menu.remove();
    if (inside) button.focus();
  };
}

/** Below the button where there is room, else above; never over the window's edge. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP + height <= innerHeight;
  menu.style.top = `${Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - height)}px`;
  menu.style.left = `${Math.max(GAP, Math.min(at.right - width, innerWidth - width - GAP))}px`;
}
