// The official OpenAI library for Node against a running gateway with local/demo.
// node openai.mjs http://127.0.0.1:PORT/v1 TOKEN; ends with 0 when everything is as it should be.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const model = 'openclaw';
const hello = [{ role: 'user', content: 'hello from node' }];

const models = [];
for await (const one of client.models.list()) models.push(one.id);
assert.deepEqual(models, ['openclaw', 'openclaw/default', 'openclaw/main']);
assert.equal((await client.models.retrieve('openclaw/main')).id, 'openclaw/main');

const plain = await client.chat.completions.create({ model, messages: hello });
assert.match(plain.choices[0].message.content, /You said: hello from node$/);
assert.equal(plain.choices[0].finish_reason, 'stop');
assert.equal(plain.usage.total_tokens, plain.usage.prompt_tokens + plain.usage.completion_tokens);
assert.ok(plain.usage.completion_tokens > 0);

const stream = await client.chat.completions.create({
  model, messages: hello, stream: true, stream_options: { include_usage: true },
});
let text = '', finish, usage;
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? '';
  finish = chunk.choices[0]?.finish_reason ?? finish;
  usage = chunk.usage ?? usage;
}
assert.equal(text, plain.choices[0].message.content);
assert.equal(finish, 'stop');
assert.equal(usage.total_tokens, plain.usage.total_tokens);

// The library carries out the tool itself and sends its result; the model then reports it.
const asked = [];
const runner = client.chat.completions.runTools({
  model, stream: true, messages: [{ role: 'user', content: 'run tool weather {"city": "Graz"}' }],
  tools: [{ type: 'function', function: {
    name: 'weather', description: 'The weather of a city.', parse: JSON.parse,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    function: args => { asked.push(args); return '30 degrees'; },
  } }],
});
assert.match(await runner.finalContent(), /The tool weather answered:\n30 degrees$/);
assert.deepEqual(asked, [{ city: 'Graz' }]);

const bad = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
await assert.rejects(bad.models.list(), OpenAI.AuthenticationError);
await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages: hello }), OpenAI.BadRequestError);
console.log('openai-node: models, plain, streamed, tools, refusals');
