// Finds what a person means by a few letters. Pure.

/** How well a text fits what was typed: higher is better, nothing for not at all. */
export function fit(typed: string, text: string): number | undefined {
  const wanted = fold(typed);
  const have = fold(text);
  if (!wanted) return 0;
  const at = have.indexOf(wanted);
  if (at >= 0) return 1000 - at - (at > 0 && /\w/.test(have[at - 1]!) ? 200 : 0) - have.length / 100;
  // Else each word must be there somewhere.
  const words = wanted.split(/\s+/).filter(Boolean);
  if (words.length > 1) return words.every((word) => have.includes(word)) ? 400 - have.length / 100 : undefined;
  return initials(have).includes(wanted) ? 300 : undefined;
}

/** The fitting ones, best first; equals keep their order. */
export function ranked<T>(typed: string, items: readonly T[], textOf: (item: T) => string): T[] {
  return items
    .flatMap((item) => {
      const score = fit(typed, textOf(item));
      return score === undefined ? [] : [{ item, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

function initials(text: string): string {
  return text.split(/[^\p{L}\p{N}]+/u).map((word) => word[0] ?? '').join('');
}
