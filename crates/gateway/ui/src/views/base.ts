// What all views share: they render into the document itself, so that one style sheet and one focus order serve all.
import { LitElement } from 'lit';

/** A view without a shadow root. */
export class View extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
