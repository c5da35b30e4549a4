// Markdown to a document fragment that is safe to show. What a model writes is never trusted: HTML in it is shown as
// text, links lead to http, https and mailto only, and no picture is loaded from anywhere.
import DOMPurify from 'dompurify';
import { Marked, type Token, type Tokens, type TokensList } from 'marked';
import { exact, visible } from './visible.ts';

/** One top-level block; equal `raw` and equal `links` mean an equal result. */
export interface Block {
  raw: string;
  token: Token;
}

/** Inline tags that models use as plain formatting; everything else is shown as it was written. */
const PLAIN_TAG = /^<\/?(br|sub|sup|kbd|u|mark)\s*\/?>$/i;
const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;
const SAFE_IMAGE = /^(?:blob:|data:image\/(?:png|jpeg|gif|webp);base64,)/i;

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // The page itself has the first two levels.
    heading({ depth, tokens }: Tokens.Heading): string {
      const level = Math.min(6, depth + 2);
      return `<h${level} class="h${depth}">${this.parser.parseInline(tokens)}</h${level}>`;
    },
    code: ({ text, lang }: Tokens.Code): string => {
      const language = /^[\w+#.-]{1,32}/.exec(lang ?? '')?.[0];
      return `<pre><code${language ? ` class="language-${language}"` : ''}>${escape(exact(text))}\n</code></pre>`;
    },
    codespan: ({ text }: Tokens.Codespan): string => `<code>${escape(exact(text))}</code>`,
    html(token: Tokens.HTML | Tokens.Tag): string {
      if (PLAIN_TAG.test(token.text.trim())) return token.text;
      return token.block ? `<p>${escape(token.text.trim()).replaceAll('\n', '<br>')}</p>` : escape(token.text);
    },
    link({ href, title, tokens }: Tokens.Link) {
      const text = this.parser.parseInline(tokens);
      if (!SAFE_LINK.test(href)) return text;
      return `<a href="${escape(href)}"${title ? ` title="${escape(title)}"` : ''}>${text}</a>`;
    },
    image({ href, text }: Tokens.Image) {
      if (SAFE_IMAGE.test(href)) return `<img src="${escape(href)}" alt="${escape(text)}">`;
      const label = escape(text || 'picture');
      return SAFE_LINK.test(href) ? `<a href="${escape(href)}">${label}</a>` : label;
    },
    checkbox: ({ checked }: Tokens.Checkbox): string => (checked ? '☑ ' : '☐ '),
    table(token: Tokens.Table) {
      const row = (cells: Tokens.TableCell[], tag: string) =>
        `<tr>${cells.map((cell) => `<${tag}${cell.align ? ` align="${cell.align}"` : ''}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
      return `<div class="table"><table><thead>${row(token.header, 'th')}</thead><tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`;
    },
  },
});

/** What may be in the result; nothing of it can run, load or style anything. */
const ALLOWED_TAGS = [
  'a', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'img', 'kbd', 'li', 'mark',
  'ol', 'p', 'pre', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul',
];
const ALLOWED_ATTR = ['href', 'title', 'src', 'alt', 'align', 'class', 'start'];
const ALLOWED_CLASS = /^(?:table|h[1-6]|language-[\w+#.-]{1,32})$/;

/** Splits a text into its top-level blocks. */
export function blocksOf(text: string): Block[] {
  const tokens = marked.lexer(visible(text)) as TokensList;
  // A link definition further down changes blocks above it.
  const links = Object.keys(tokens.links).length > 0 ? JSON.stringify(tokens.links) : '';
  return tokens.filter((token) => token.type !== 'space').map((token) => ({ raw: token.type + links + token.raw, token }));
}

/** Renders one block. */
export function renderBlock(block: Block): DocumentFragment {
  return sanitise(marked.parser([block.token]));
}

/** Renders a whole text. */
export function renderMarkdown(text: string): DocumentFragment {
  return sanitise(marked.parse(visible(text), { async: false }));
}

/** Cleans HTML, whatever it came from. */
export function sanitise(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS, ALLOWED_ATTR, ADD_URI_SAFE_ATTR: ['align', 'start'], ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|blob:|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  });
  for (const element of fragment.querySelectorAll('*')) settle(element);
  return fragment;
}

/** Cleans what the highlighter made: spans with classes of its own, and text. */
export function sanitiseCode(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, { ALLOWED_TAGS: ['span'], ALLOWED_ATTR: ['class'], RETURN_DOM_FRAGMENT: true });
  for (const span of fragment.querySelectorAll('[class]')) {
    if (!/^hljs-[\w -]{1,64}$/.test(span.getAttribute('class') ?? '')) span.removeAttribute('class');
  }
  return fragment;
}

/** The second look at every element, which does not rely on the first. */
function settle(element: Element): void {
  const name = element.localName;
  if (element.hasAttribute('class') && !ALLOWED_CLASS.test(element.getAttribute('class') ?? '')) element.removeAttribute('class');
  if (name !== 'img' && element.hasAttribute('src')) element.removeAttribute('src');
  if (name === 'img' && !SAFE_IMAGE.test(element.getAttribute('src') ?? '')) element.remove();
  if (name !== 'a') {
    element.removeAttribute('href');
    return;
  }
  if (SAFE_LINK.test(element.getAttribute('href') ?? '')) {
    element.setAttribute('rel', 'noopener noreferrer nofollow');
    element.setAttribute('target', '_blank');
  } else element.removeAttribute('href');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
