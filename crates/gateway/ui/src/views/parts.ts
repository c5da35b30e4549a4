// The parts of an entry: text, thoughts, tool calls, pictures, and how a run ended.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { failureAdvice } from '../advice.ts';
import type { Entry, Part, ToolPart } from '../history.ts';
import { exact, oneLine, printed, visible } from '../visible.ts';
import { copyAt } from './copy.ts';
import { chevronIcon, thoughtIcon, toolIcon } from './icons.ts';
import './markdown-view.ts';

/** Longest tool output or argument that is shown, in characters; copying gives all of it. */
const MAX_SHOWN = 20_000;

/** All parts of an entry, in order. */
export function parts(entry: Entry): unknown {
  let texts = 0;
  // Texts are keyed by their order, so that a growing one keeps its element.
  return repeat(entry.parts, (part) => (part.type === 'tool' ? part.id : `${part.type}${texts++}`), part);
}

function part(part: Part): TemplateResult {
  switch (part.type) {
    case 'text': return html`<oc-markdown .text=${part.text}></oc-markdown>`;
    case 'tool': return tool(part);
    case 'thinking': return thoughts(part.text, part.live === true);
    case 'image': return html`<img class="attached" src=${part.src} alt="Picture">`;
    case 'error': return failure(part.text);
    case 'stopped': return html`<div class="stopped">Stopped</div>`;
  }
}

function thoughts(text: string, live: boolean): TemplateResult {
  return html`<details class="fold thoughts" ?data-live=${live}>
    <summary>${chevronIcon}${thoughtIcon}<span class="fold-name">${live ? 'Thinking' : 'Thoughts'}</span><span class="fold-hint">${oneLine(live ? lastLine(text) : text).slice(0, 160)}</span></summary>
    <div class="fold-body plain">${clip(visible(text.trim()))}</div></details>`;
}

function failure(text: string): TemplateResult {
  const advice = failureAdvice(text);
  return html`<div class="run-error" role="alert"><strong>The run failed.</strong> <span class="plain">${visible(text)}</span>
    ${advice ? html`<p class="advice">${advice}</p>` : nothing}</div>`;
}

function tool(part: ToolPart): TemplateResult {
  const state = { running: 'running', done: 'done', failed: 'failed' }[part.state];
  const args = part.args && typeof part.args === 'object' && Object.keys(part.args).length === 0 ? undefined : part.args;
  const failed = part.state === 'failed';
  return html`<details class="fold tool" data-state=${part.state}>
    <summary>${chevronIcon}${toolIcon}<span class="fold-name">${oneLine(part.name)}</span><span class="fold-hint">${hint(part)}</span><span class="fold-state">${state}</span></summary>
    <div class="fold-body">
      ${args === undefined ? nothing : html`<div class="fold-label"><span>Arguments</span></div>${given(args)}`}
      ${part.output === undefined ? nothing : html`<div class="fold-label"><span>${failed ? 'Error' : 'Result'}</span>${copyButton(() => part.output!, failed ? 'Copy the error' : 'Copy the result')}</div>
        <pre tabindex="0" role="region" aria-label=${failed ? 'Error' : 'Result'}>${part.output ? clip(readable(part.output)) : '(nothing)'}</pre>`}
      ${part.output === undefined && args === undefined ? html`<div class="fold-label">Nothing more is known of this call.</div>` : nothing}
    </div>
  </details>`;
}

/** Arguments: plain values by name, anything deeper as JSON. */
function given(args: unknown): TemplateResult {
  const plain = args && typeof args === 'object' && !Array.isArray(args) && Object.values(args).every((value) => value === null || typeof value !== 'object');
  if (!plain) return html`<pre tabindex="0" role="region" aria-label="Arguments">${clip(exact(typeof args === 'string' ? args : JSON.stringify(args, null, 2)))}</pre>`;
  return html`<dl class="given">${Object.entries(args as Record<string, unknown>).map(([name, value]) => html`<div><dt>${exact(name)}</dt><dd>${clip(exact(String(value)))}</dd></div>`)}</dl>`;
}

/** A result as people read it: JSON is laid out. */
function readable(output: string): string {
  const text = printed(output);
  if (!/^\s*[[{]/.test(text) || text.length > MAX_SHOWN) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The argument that says most, in one line. */
function hint(part: ToolPart): string {
  const args = part.args && typeof part.args === 'object' ? (part.args as Record<string, unknown>) : {};
  const named = ['command', 'path', 'file_path', 'query', 'url', 'pattern', 'message', 'text'].map((name) => args[name]);
  const value = named.find((one) => typeof one === 'string') ?? Object.values(args).find((one) => typeof one === 'string') ?? part.meta ?? '';
  return oneLine(String(value)).slice(0, 160);
}

/** A button that copies a text. */
export function copyButton(text: () => string, label: string): TemplateResult {
  return html`<button type="button" class="copy" aria-label=${label} @click=${(event: Event) => void copyAt(event.currentTarget as HTMLElement, text())}>Copy</button>`;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

function clip(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… ${(text.length - MAX_SHOWN).toLocaleString()} more characters` : text;
}
