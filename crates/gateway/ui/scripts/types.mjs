// Writes `src/protocol.d.ts` from the schema documents of the repository: every definition, and two tables that say
// which types belong to each method and each event.
import { compile } from 'json-schema-to-typescript';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'src/protocol.d.ts') } } });
const folder = resolve(root, '../../../schema');
const names = (await readdir(folder)).filter((name) => name.endsWith('.schema.json')).sort();
const documents = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));

const definitions = {};
const tables = { Methods: {}, Events: {} };
for (const document of documents) {
  // Other documents, such as that of the configuration, are of no use to the page.
  if (!document.methods && !document.events) continue;
  for (const [name, definition] of Object.entries(document.definitions ?? {})) {
    const known = definitions[name];
    if (known && JSON.stringify(known) !== JSON.stringify(definition)) throw new Error(`two definitions of ${name}: write the schema documents again`);
    definitions[name] = definition;
  }
  for (const [name, { params, result }] of Object.entries(document.methods ?? {})) {
    tables.Methods[name] = object({ params: params ?? {}, result: result ?? {} });
  }
  for (const [name, { payload }] of Object.entries(document.events ?? {})) tables.Events[name] = payload ?? {};
}
for (const [name, properties] of Object.entries(tables)) definitions[name] = object(properties);

function object(properties) {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const text = await compile({ title: 'Protocol', ...object({ methods: { $ref: '#/definitions/Methods' }, events: { $ref: '#/definitions/Events' } }), definitions }, 'Protocol', {
  additionalProperties: false,
  unreachableDefinitions: true,
  bannerComment: '// Written by `npm run types` from the schema documents. Do not edit.',
  style: { singleQuote: true, printWidth: 120 },
});
await writeFile(values.out, text);
