// Small things about text: hidden characters, search, counts, drafts, choices, advice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureAdvice } from '../src/advice.ts';
import { levelName, modelOptions, modelRef } from '../src/choices.ts';
import { Drafts } from '../src/drafts.ts';
import { fit, ranked } from '../src/fuzzy.ts';
import { picturesIn, saidIn, type Part } from '../src/history.ts';
import { sizeOf, sourceOf } from '../src/pictures.ts';
import { loadTheme, saveTheme } from '../src/theme.ts';
import { dollars, short, totalFacts, totalOf, usageLine, usageOf } from '../src/usage.ts';
import type { SessionsUsageResult } from '../src/wire.ts';
import { exact, oneLine, printed, visible } from '../src/visible.ts';
import { memory } from './clock.ts';

test('what cannot be seen is shown, and what languages need stays', () => {
  assert.equal(visible('a\u202eb\u2066c\u0007d\u{e0041}e\u2028f'), 'a[U+202E]b[U+2066]c[U+0007]d[U+E0041]e[U+2028]f');
  assert.equal(visible('one\r\ntwo\rthree\tfour'), 'one\ntwo\nthree\tfour');
  for (const fine of ['สวัสดี\u200bครับ', 'می\u200cخواهم', '👩\u200d💻', 'אב\u200f', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}']) assert.equal(visible(fine), fine);
  assert.equal(exact('rm\u200b -rf \u200e/'), 'rm[U+200B] -rf [U+200E]/');
  assert.equal(printed('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b[2Jx'), 'red link x');
  assert.equal(oneLine('  a\n b\u202e '), 'a b[U+202E]');
});

test('what is said around a tool call is two paragraphs when it is copied', () => {
  const tool: Part = { type: 'tool', id: 'c', name: 'read', state: 'done' };
  const text = (said: string): Part => ({ type: 'text', text: said });
  assert.equal(saidIn([text('Let me look. '), tool, text('\n\nTwo files.')]), 'Let me look.\n\nTwo files.');
  assert.equal(saidIn([tool, text('  indented\nas it was\n')]), '  indented\nas it was');
  assert.equal(saidIn([tool, text(' \n')]), '');
  assert.deepEqual(picturesIn([text('a'), { type: 'image', src: 'data:image/png;base64,AAAA' }]), [{ name: 'picture', mime: 'image/png', data: 'AAAA' }]);
});

test('the palette finds by words, beginnings and initials, the best first', () => {
  const commands = ['Rename this chat…', 'New chat', 'Reset this chat…', 'Renew the old châteaux'];
  assert.equal(ranked('new', commands, (one) => one)[0], 'New chat');
  assert.deepEqual(ranked('rtc', commands, (one) => one), ['Rename this chat…', 'Reset this chat…']);
  assert.deepEqual(ranked('chateaux', commands, (one) => one), ['Renew the old châteaux']);
  assert.deepEqual(ranked('chat rename', commands, (one) => one), ['Rename this chat…']);
  assert.equal(fit('zzz', 'New chat'), undefined);
  assert.deepEqual(ranked('', commands, (one) => one), commands);
});

test('the use of a session is told in few characters', () => {
  assert.deepEqual([0, 999, 1000, 1234, 9_960, 128_000, 1_250_000].map(short), ['0', '999', '1k', '1.2k', '10k', '128k', '1.3M']);
  assert.deepEqual([12.345, 0.5, 0.0081, 0.00001].map(dollars), ['$12.35', '$0.50', '$0.0081', '< $0.0001']);
  assert.equal(usageOf({ key: 'k', totalTokens: null as never, inputTokens: 0 }), undefined);
  const usage = usageOf({ key: 'k', totalTokens: 1200, contextTokens: 128_000, inputTokens: 1200, outputTokens: 300, estimatedCostUsd: 0.0081 })!;
  assert.equal(usageLine(usage), '1.2k of 128k tokens · $0.0081');
  assert.equal(usageLine(usageOf({ key: 'k', totalTokens: 15 })!), '15 tokens');
});

test('the use of a whole session has what was read, written and paid, and says what is not known', () => {
  const counted = (totals: Partial<SessionsUsageResult['totals']>) => totalOf({
    totals: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalCost: 0, missingCostEntries: 0, ...totals },
    aggregates: { messages: { assistant: 3 } },
  } as SessionsUsageResult);
  assert.equal(counted({}), undefined);
  assert.deepEqual(totalFacts(counted({ input: 2400, output: 600, cacheRead: 1000, totalCost: 0.0162 })!), [
    ['Tokens read by models', '3,400 (1,000 from the cache)'], ['Tokens written', '600'], ['Tokens together', '4,000'], ['Estimated cost', '$0.0162'],
  ]);
  const price = (totals: Partial<SessionsUsageResult['totals']>) => totalFacts(counted({ input: 1, ...totals })!).at(-1)![1];
  assert.equal(price({ missingCostEntries: 3 }), 'no price is known');
  assert.equal(price({ missingCostEntries: 1, totalCost: 0.5 }), '$0.50, and 1 of 3 answers without a price');
});

test('models say what they can, and why they cannot be chosen', () => {
  const options = modelOptions([
    { id: 'big', name: 'Big', provider: 'p', input: ['text', 'image'], thinkingLevels: [{ id: 'off', label: 'off' }], available: true },
    { id: 'p/small', name: '', provider: 'p', available: false, unavailableReason: 'missing-auth' },
  ]);
  assert.deepEqual(options.map(({ ref, name, images, unusable }) => [ref, name, images, unusable]), [['p/big', 'Big', true, undefined], ['p/small', 'p/small', undefined, 'no key']]);
  assert.equal(modelRef(null, 'x'), 'x');
  assert.equal(levelName('odd', 'Odd level'), 'Odd level');
});

test('what is typed survives a reload, and the oldest goes when there is too much', () => {
  const storage = memory();
  const drafts = new Drafts(storage);
  for (let one = 0; one < 31; one++) drafts.set(`s${one}`, `text ${one}`);
  const again = new Drafts(storage);
  assert.deepEqual([again.get('s0'), again.get('s1'), again.get('s30')], ['', 'text 1', 'text 30']);
  for (let one = 0; one < 31; one++) again.delete(`s${one}`);
  assert.equal(storage.getItem('openclaw.drafts'), null);
  storage.setItem('openclaw.drafts', '{"broken"');
  assert.equal(new Drafts(storage).get('s1'), '');
});

test('a failure is followed by what to do', () => {
  const cases: [string, RegExp | undefined][] = [
    ['HTTP 401: invalid x-api-key', /key/], ['429 Too Many Requests', /minute/], ['maximum context length is 8192 tokens', /new chat/],
    ['error sending request: connection refused', /server/], ['insufficient_quota', /balance/], ['model xyz not found', /Choose another/], ['something odd', undefined],
  ];
  for (const [error, advice] of cases) {
    const found = failureAdvice(error);
    if (advice) assert.match(found ?? '', advice, error);
    else assert.equal(found, undefined);
  }
});

test('only pictures become addresses', () => {
  assert.equal(sourceOf('image/png', 'AAAA'), 'data:image/png;base64,AAAA');
  for (const mime of ['image/svg+xml', 'text/html', 'image/png;x', '']) assert.equal(sourceOf(mime, 'AAAA'), undefined);
  assert.deepEqual(['AAAA', 'AAA=', 'AA=='].map((data) => sizeOf({ name: '', mime: '', data })), [3, 2, 1]);
});

test('the colours are as the system says unless something was chosen', () => {
  const storage = memory();
  assert.equal(loadTheme(storage), 'system');
  saveTheme(storage, 'dark');
  assert.equal(loadTheme(storage), 'dark');
  saveTheme(storage, 'system');
  assert.equal(storage.getItem('openclaw.theme'), null);
  assert.equal(loadTheme(undefined), 'system');
});
