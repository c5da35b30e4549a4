import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { JSDOM } from 'jsdom';

type Markdown = typeof import('../src/markdown.ts');
let markdown: Markdown;

before(async () => {
  const { window } = new JSDOM();
  // The sanitiser looks for its document when it is loaded.
  Object.assign(globalThis, { window, document: window.document, NodeFilter: window.NodeFilter, Node: window.Node });
  markdown = await import('../src/markdown.ts');
});

function html(text: string): string {
  const host = document.createElement('div');
  host.append(markdown.renderMarkdown(text));
  return host.innerHTML;
}

test('it renders what models write', () => {
  assert.match(html('**b** _i_ `c`'), /<strong>b<\/strong> <em>i<\/em> <code>c<\/code>/);
  assert.match(html('```rust\nfn main() {}\n```'), /<pre><code class="language-rust">fn main\(\) \{\}\n<\/code><\/pre>/);
  assert.match(html('| a | b |\n|--|--:|\n| 1 | 2 |'), /<td align="right">2<\/td>/);
  assert.match(html('3. c'), /<ol start="3">/);
  assert.match(html('- [x] done'), /☑ done/);
  assert.match(html('H<sub>2</sub>O<br>x'), /H<sub>2<\/sub>O<br>x/);
});

for (const scheme of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', '/relative', '#x', 'java&#x0A;script:x', '//host/x']) {
  test(`a link to ${scheme} is only text`, () => {
    const result = html(`[x](${scheme}) <a href="${scheme}">y</a>`);
    assert.doesNotMatch(result, /<a\b/);
  });
}

test('links to the web open apart and tell nothing', () => {
  const result = html('[x](https://example.org/a "t") and me@example.org');
  assert.match(result, /href="https:\/\/example\.org\/a"/);
  assert.match(result, /rel="noopener noreferrer nofollow"/);
  assert.match(result, /target="_blank"/);
  assert.match(result, /href="mailto:me@example\.org"/);
});

test('no picture is loaded from anywhere', () => {
  assert.doesNotMatch(html('![alt](https://example.org/x.png)'), /<img/);
  assert.match(html('![alt](https://example.org/x.png)'), /<a href="https:\/\/example\.org\/x\.png"[^>]*>alt<\/a>/);
  assert.doesNotMatch(html('![x](data:image/svg+xml;base64,PHN2Zz4=)'), /<img/);
  assert.match(html('![x](data:image/png;base64,iVBORw0KGgo=)'), /<img src="data:image\/png;base64,iVBORw0KGgo=" alt="x">/);
});

for (const bad of [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<iframe src="https://e"></iframe>',
  '<div style="position:fixed">x</div>', '<form action="https://e"><input name=x></form>', '<a href="javascript:1" onclick="x()">y</a>',
  '<sub onclick="x()">y</sub>', '<style>body{}</style>', '<math><mtext><img src=x onerror=1></mtext></math>', '<button class="copy">x</button>',
]) {
  test(`markup is shown as text: ${bad}`, () => {
    const result = html(bad);
    assert.doesNotMatch(result, /<(?!\/?(?:p|br|div)\b)[a-z]/i);
    assert.match(result, /&lt;/);
  });
}

test('HTML that reaches the sanitiser anyway is cleaned', () => {
  const host = document.createElement('div');
  host.append(markdown.sanitise('<p class="frame veil" id="x" onclick="x()">a<img src="https://e/x.png"><a href="javascript:1">b</a><code class="language-js">c</code></p>'));
  assert.equal(host.innerHTML, '<p>a<a>b</a><code class="language-js">c</code></p>');
  // What may be the source of a picture is no place to go to.
  host.replaceChildren(markdown.sanitise('<a href="blob:https://e/x">a</a><a href="data:image/png;base64,iVBORw0KGgo=">b</a>'));
  assert.equal(host.innerHTML, '<a>a</a><a>b</a>');
});

test('a text is split into blocks that change only where it grows', () => {
  const before = markdown.blocksOf('# A\n\nfirst\n\n```js\nlet a');
  const after = markdown.blocksOf('# A\n\nfirst\n\n```js\nlet a = 1;\n```\n\nmore');
  assert.deepEqual(before.slice(0, 2).map((block) => block.raw), after.slice(0, 2).map((block) => block.raw));
  assert.notEqual(before[2]!.raw, after[2]!.raw);
});
