// Characters that change what a reader sees without being seen: made visible, so that nothing in a text, a title, a
// file name or a command can pretend to be something else.

/** Controls, overrides of the writing direction, line separators, invisible operators and tags. */
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
/** What may stay in prose, since languages need it, but has no place in a command or a file name. */
const SUSPECT = /[\u00ad\u061c\u180e\u200b-\u200f]/gu;
/** Flags of regions are spelt with tags. */
const FLAG = /(\u{1f3f4}[\u{e0061}-\u{e007a}\u{e0030}-\u{e0039}]{2,6}\u{e007f})/u;
/** What a terminal takes as colours, cursor moves, titles and links. */
// eslint-disable-next-line no-control-regex
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

/** A text for people: what is hidden in it is shown. */
export function visible(text: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!lines.match(HIDDEN)) return lines;
  return lines.split(FLAG).map((piece, index) => (index % 2 === 1 ? piece : piece.replace(HIDDEN, mark))).join('');
}

/** A command, a file name, a piece of code: nothing that cannot be seen stays in it. */
export function exact(text: string): string {
  return visible(text).replace(SUSPECT, mark);
}

/** What a program printed: without the marks for terminals. */
export function printed(text: string): string {
  return exact(text.replace(TERMINAL, ''));
}

/** One line of a text, for titles and labels. */
export function oneLine(text: string): string {
  return exact(text).replace(/\s+/g, ' ').trim();
}

function mark(char: string): string {
  return `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`;
}
