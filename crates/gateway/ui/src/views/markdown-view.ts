// Shows a Markdown text that may still grow. Blocks that did not change keep their nodes, so a selection survives and
// the work is that of the last block.
import { LitElement, type PropertyValues } from 'lit';
import { blocksOf, renderBlock, sanitiseCode } from '../markdown.ts';
import { copyAt } from './copy.ts';

/** How long a code block must have been the same before it is coloured, in milliseconds. */
const SETTLE_MS = 200;
/** Longest code that is coloured, in characters. */
const MAX_COLOURED = 60_000;

interface Shown {
  raw: string;
  nodes: ChildNode[];
}

/** `<oc-markdown .text=..>` */
export class MarkdownView extends LitElement {
  static override properties = { text: { attribute: false } };
  declare text: string;
  #shown: Shown[] = [];
  #colourTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.text = '';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add('markdown');
    this.addEventListener('click', this.#onClick);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('click', this.#onClick);
    clearTimeout(this.#colourTimer);
  }

  protected override update(changed: PropertyValues): void {
    super.update(changed);
    const blocks = blocksOf(this.text);
    let same = 0;
    while (same < blocks.length && blocks[same]!.raw === this.#shown[same]?.raw) same++;
    for (const old of this.#shown.splice(same)) for (const node of old.nodes) node.remove();
    for (const block of blocks.slice(same)) {
      const fragment = renderBlock(block);
      addCopyButtons(fragment);
      const nodes = [...fragment.childNodes];
      this.#shown.push({ raw: block.raw, nodes });
      this.append(fragment);
    }
    clearTimeout(this.#colourTimer);
    if (this.querySelector('code[class]')) this.#colourTimer = setTimeout(() => void colour(this), SETTLE_MS);
  }

  #onClick = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button.copy') : null;
    const code = button?.closest('.code')?.querySelector('code');
    if (button && code) void copyAt(button, code.textContent ?? '');
  };
}

customElements.define('oc-markdown', MarkdownView);

/** Colours the code blocks that are not yet, once the highlighter is there. */
async function colour(view: MarkdownView): Promise<void> {
  const highlighter = await import('../highlight.ts').catch(() => undefined);
  if (!highlighter) return;
  for (const code of view.querySelectorAll<HTMLElement>('pre code[class^="language-"]')) {
    const text = code.textContent ?? '';
    if (code.dataset['coloured'] || text.length > MAX_COLOURED) continue;
    code.dataset['coloured'] = 'yes';
    const html = highlighter.coloured(text, code.className.replace('language-', '').toLowerCase());
    if (html !== undefined) code.replaceChildren(sanitiseCode(html));
  }
}

/** Puts a head with the language and a copy button above each code block. */
function addCopyButtons(fragment: DocumentFragment): void {
  for (const pre of fragment.querySelectorAll('pre')) {
    const language = /language-(\S+)/.exec(pre.querySelector('code')?.className ?? '')?.[1] ?? '';
    const frame = element('div', 'code');
    const head = element('div', 'code-head');
    const button = element('button', 'copy') as HTMLButtonElement;
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', language ? `Copy the ${language} code` : 'Copy the code');
    const label = element('span', 'code-language');
    label.textContent = language;
    head.append(label, button);
    pre.tabIndex = 0;
    pre.setAttribute('aria-label', language ? `${language} code` : 'code');
    pre.setAttribute('role', 'region');
    pre.replaceWith(frame);
    frame.append(head, pre);
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
