// A model server for the page's test: speaks OpenAI chat completions and does what the last message asks for.
//   slow N       N words, one every 60 ms          think N     N thoughts before the answer
//   fail STATUS  refuses with an HTTP status       markdown    headings, lists, a table, code
//   tool NAME {} calls a tool, then reports        hold        begins, and ends when the test releases it
//   anything     repeats it, and tells the model and the pictures it got
import { createServer } from 'node:http';

const STEP_MS = 60;

const SAMPLE = `# A plan for the week

Here is what I would do, in *this* order. It keeps the **hard part** first; see [the notes](https://example.org/notes).

1. Read the report and mark what is unclear
2. Ask Ana about the figures
   - revenue by region
   - churn

> Short beats complete. Nobody reads page four.

\`\`\`rust
/// Adds the numbers up.
fn main() {
    let total: u64 = (1..=10).sum();
    println!("the total is {total}"); // 55
}
\`\`\`

| Region | Q1 | Q2 |
|:--|--:|--:|
| North | 120 | 141 |
| South | 98 | 87 |

- [x] draft
- [ ] review

Use \`cargo run\` to try it, or press <kbd>Ctrl</kbd>+<kbd>C</kbd> to stop.
`;

/** Starts the server; `asked` counts the requests by their last message. */
export async function startModel() {
  const asked = [];
  const held = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => { body += piece; });
    request.on('end', () => {
      if (request.method !== 'POST') return response.writeHead(404).end();
      const asks = JSON.parse(body);
      const said = lastSaid(asks.messages);
      asked.push(said.text);
      return void answer(response, asks, said, held).catch(() => response.destroy());
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  /** Lets the answers go on that are held. */
  const release = () => { for (const go of held.splice(0)) go(); };
  return { asked, release, url: `http://127.0.0.1:${server.address().port}/v1`, stop: () => { server.closeAllConnections(); server.close(); } };
}

function lastSaid(messages) {
  const at = messages.findLastIndex((message) => message.role === 'user');
  const { content } = messages[at];
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const results = messages.slice(at + 1).filter((message) => message.role === 'tool');
  // The gateway may put the time before what was said.
  const text = parts.map((part) => part.text ?? '').join('').replace(/^\[[^\]]*\] /, '');
  return { text, pictures: parts.filter((part) => part.type === 'image_url').length, results };
}

async function answer(response, asks, { text, pictures, results }, held) {
  const failed = /^fail (\d{3})/.exec(text);
  if (failed) {
    response.writeHead(Number(failed[1]), { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ error: { message: `the test refuses with ${failed[1]}`, type: 'test' } }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta, finish = null, usage) => response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: asks.model, choices: [{ index: 0, delta, finish_reason: finish }], ...(usage ? { usage } : {}) })}\n\n`);
  const call = results.length === 0 && /^tool (\w+) ?(\{.*\})?/s.exec(text);
  if (call) {
    send({ content: 'I will look. ' });
    send({ tool_calls: [{ index: 0, id: `call_${Date.now().toString(36)}`, type: 'function', function: { name: call[1], arguments: call[2] ?? '{}' } }] });
    send({}, 'tool_calls', { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 });
    return response.end('data: [DONE]\n\n');
  }
  if (text === 'hold') {
    send({ content: 'begun, ' });
    await new Promise((resolve) => held.push(resolve));
    send({ content: 'done' });
    send({}, 'stop', { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 });
    return response.end('data: [DONE]\n\n');
  }
  const { thoughts, pieces } = script(text, asks, pictures, results);
  for (const [field, list] of [['reasoning_content', thoughts], ['content', pieces]]) {
    for (const piece of list) {
      if (response.destroyed) return undefined;
      send({ [field]: piece });
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  }
  send({}, 'stop', { prompt_tokens: 1200, completion_tokens: 300, total_tokens: 1500 });
  return response.end('data: [DONE]\n\n');
}

function script(text, asks, pictures, results) {
  if (results.length > 0) return { thoughts: [], pieces: ['The tool said: ', String(results.at(-1).content).slice(0, 60)] };
  const slow = /^slow (\d+)/.exec(text);
  if (slow) return { thoughts: [], pieces: Array.from({ length: Number(slow[1]) }, (_, index) => `word-${index} `) };
  const think = /^think (\d+)/.exec(text);
  if (think) return { thoughts: Array.from({ length: Number(think[1]) }, (_, index) => `Thought ${index}.\n`), pieces: ['I have ', 'thought about it.'] };
  if (text.startsWith('markdown')) return { thoughts: [], pieces: SAMPLE.match(/[\s\S]{1,160}/g) };
  const effort = asks.reasoning_effort ? `, effort ${asks.reasoning_effort}` : '';
  return { thoughts: [], pieces: [`${asks.model}${effort}, ${pictures} pictures. `, `You said: ${text}`] };
}
