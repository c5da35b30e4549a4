// The model that answers and how much it thinks, to be chosen for the session that is shown.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { isChosen, levelName } from '../choices.ts';
import type { Page } from '../page.ts';
import { View } from './base.ts';

/** `<oc-choice-bar .page=..>` */
export class ChoiceBar extends View {
  static override properties = { page: { attribute: false }, version: { attribute: false } };
  declare page: Page;
  declare version: number;

  protected override render(): TemplateResult {
    const { page } = this;
    const off = !page.mayWrite || page.connection.kind !== 'connected';
    return html`${this.#models(off)}${this.#levels(off)}`;
  }

  #models(off: boolean): TemplateResult | typeof nothing {
    const { models, model, row, current, manage } = this.page;
    if (!model && models.length === 0) return nothing;
    const listed = models.some((option) => option.ref === model);
    const choose = (event: Event) => void manage.chooseModel(current, (event.target as HTMLSelectElement).value || undefined).then(() => this.requestUpdate());
    return html`<label class="choice"><span class="visually-hidden">Model</span>
      <select title="The model that answers in this chat" ?disabled=${off || models.length === 0} .value=${live(model ?? '')} @change=${choose}>
        ${listed || !model ? nothing : html`<option value=${model} selected>${model}</option>`}
        ${models.map((option) => html`<option value=${option.ref} ?selected=${option.ref === model} ?disabled=${option.unusable !== undefined}>${option.name}${option.unusable ? ` (${option.unusable})` : ''}</option>`)}
        ${isChosen(row) ? html`<option value="">Back to the usual model</option>` : nothing}
      </select></label>`;
  }

  #levels(off: boolean): TemplateResult | typeof nothing {
    const { modelOption, thinking, current, manage } = this.page;
    const levels = modelOption?.levels ?? [];
    if (levels.length < 2) return nothing;
    const usual = modelOption?.usualLevel;
    const choose = (event: Event) => void manage.chooseThinking(current, (event.target as HTMLSelectElement).value || undefined).then(() => this.requestUpdate());
    return html`<label class="choice"><span class="visually-hidden">Thinking</span>
      <select title="How much the model thinks before it answers" ?disabled=${off} .value=${live(thinking ?? '')} @change=${choose}>
        <option value="" ?selected=${!thinking}>${usual ? `${levelName(usual)} · usual` : 'Usual thinking'}</option>
        ${levels.map(({ id, label }) => html`<option value=${id} ?selected=${id === thinking}>${levelName(id, label)}</option>`)}
      </select></label>`;
  }
}

customElements.define('oc-choice-bar', ChoiceBar);
