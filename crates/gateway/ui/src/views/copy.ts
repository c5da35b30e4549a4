// Copies text, also where the clipboard interface is missing (plain http, not loopback).

/** How long a button says that it worked, in milliseconds. */
const SHOWN_MS = 1500;

/** Copies at a button, which tells for a moment whether it worked, also to those who listen. */
export async function copyAt(button: HTMLElement, text: string): Promise<void> {
  const { textContent } = button;
  const label = button.getAttribute('aria-label');
  const said = (await copyText(text)) ? 'Copied' : 'Not copied';
  if (textContent === 'Copied' || textContent === 'Not copied') return;
  button.textContent = said;
  button.setAttribute('aria-label', said);
  setTimeout(() => {
    button.textContent = textContent;
    if (label) button.setAttribute('aria-label', label);
    else button.removeAttribute('aria-label');
  }, SHOWN_MS);
}

/** Copies; tells whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) {
    const done = await clipboard.writeText(text).then(() => true, () => false);
    if (done) return true;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  const focused = document.activeElement;
  area.select();
  // The old interface is the only one on plain http.
  const done = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
