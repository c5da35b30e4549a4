// Questions in a dialog: a name to give, a thing to confirm. The browser keeps the focus inside and gives it back.
import { html, nothing, render, type TemplateResult } from 'lit';

/** A question. */
export interface Question {
  title: string;
  text?: string;
  /** The button that says yes. */
  yes: string;
  /** Whether it destroys something. */
  danger?: boolean;
  /** A text to give, with what it is now. */
  field?: { label: string; value: string; max: number };
}

/** Asks; gives the text (empty without a field), or nothing when the person does not want it. */
export function ask(question: Question): Promise<string | undefined> {
  const { title, text, yes, danger, field } = question;
  return new Promise((resolve) => {
    let answer: string | undefined;
    const dialog = open(html`<form method="dialog" class="ask" @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      answer = (event.target as HTMLFormElement).querySelector('input')?.value ?? '';
      dialog.close();
    }}>
      <h2 id="ask-title">${title}</h2>
      ${text ? html`<p id="ask-text">${text}</p>` : nothing}
      ${field ? html`<label for="ask-field">${field.label}</label><input id="ask-field" class="field" .value=${field.value} maxlength=${field.max} autocomplete="off" autofocus>` : nothing}
      <div class="ask-buttons">
        <button type="button" class="secondary" ?autofocus=${danger === true} @click=${() => dialog.close()}>Cancel</button>
        <button type="submit" class="primary ${danger ? 'danger' : ''}">${yes}</button>
      </div>
    </form>`, text ? 'ask-text' : undefined, () => resolve(answer));
    dialog.querySelector('input')?.select();
  });
}

/** Shows something to read. */
export function show(content: TemplateResult): HTMLDialogElement {
  const dialog = open(html`<div class="ask">${content}
    <div class="ask-buttons"><button type="button" class="secondary" autofocus @click=${() => dialog.close()}>Close</button></div></div>`);
  return dialog;
}

/** Opens a dialog whose heading has the id `ask-title`; it leaves the document when it closes. */
export function open(content: TemplateResult, describedBy?: string, closed?: () => void, className = ''): HTMLDialogElement {
  const dialog = document.createElement('dialog');
  dialog.className = `dialog ${className}`;
  dialog.setAttribute('aria-labelledby', 'ask-title');
  if (describedBy) dialog.setAttribute('aria-describedby', describedBy);
  render(content, dialog);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    dialog.remove();
    closed?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Whether a dialog is open. */
export function isAsking(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
