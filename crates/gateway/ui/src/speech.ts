// What a screen reader is told of a growing text: whole sentences, each once.

/** Follows one text at a time. */
export class Speech {
  #key = '';
  #said = 0;

  /** The part that was not said yet, up to the last complete sentence, or to the end when the text is done. */
  next(key: string, text: string, done: boolean): string {
    if (key !== this.#key) {
      this.#key = key;
      this.#said = 0;
    }
    const fresh = text.slice(this.#said);
    const end = done ? fresh.length : lastSentenceEnd(fresh);
    this.#said += end;
    return fresh.slice(0, end).replace(/[#*_`>|~]+/g, '').trim();
  }

  /** Takes a text as said, such as one that was there before. */
  skip(key: string, text: string): void {
    this.#key = key;
    this.#said = text.length;
  }
}

function lastSentenceEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?:…]["')\]]?(?=\s)|\n/g)) end = match.index + match[0].length;
  return end;
}
