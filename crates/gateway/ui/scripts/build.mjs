// Builds the page into one folder: `npm run build [-- --outdir DIR]`.
// The output depends on the sources and the lock file only: no hashes in names, no paths, no dates.
import { build } from 'esbuild';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { outdir: { type: 'string' } } });
const outdir = values.outdir ? resolve(values.outdir) : resolve(root, '../assets/ui');
/** Most bytes of script: what a first load needs at most, `ed25519.js` only without WebCrypto; and what the first code block adds. */
const SCRIPT_LIMITS = [[['app.js', 'ed25519.js'], 300_000], [['highlight.js'], 90_000]];

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const outputs = ['index.html', 'app.js', 'app.css', 'ed25519.js', 'highlight.js', 'favicon.svg', 'licenses.txt'];
await mkdir(outdir, { recursive: true });
await Promise.all(outputs.map((name) => rm(join(outdir, name), { force: true })));

/** Leaves the files that are loaded when needed out of the page's script; they are built beside it. */
const lazy = {
  name: 'lazy',
  setup: (build) => build.onResolve({ filter: /^\.{1,2}\/(ed25519|highlight)\.ts$/ }, ({ path }) => ({ path: `./${path.split('/').pop().replace('.ts', '.js')}`, external: true })),
};
const result = await build({
  absWorkingDir: root,
  entryPoints: { app: 'src/main.ts', ed25519: 'src/ed25519.ts', highlight: 'src/highlight.ts' },
  outdir,
  bundle: true,
  format: 'esm',
  plugins: [lazy],
  target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  define: { PAGE_VERSION: JSON.stringify(version) },
  conditions: ['production'],
  metafile: true,
  logLevel: 'warning',
});
await build({
  absWorkingDir: root,
  entryPoints: { app: 'src/app.css' },
  outdir,
  bundle: true,
  minify: true,
  charset: 'utf8',
  target: ['chrome111', 'firefox113', 'safari16.4'],
  logLevel: 'warning',
});
for (const name of ['index.html', 'favicon.svg']) await cp(join(root, 'src', name), join(outdir, name));

// The notices of the packages that ended up in the scripts, as their licences ask for.
const bundled = Object.keys(result.metafile.inputs).flatMap((name) => {
  const found = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name);
  return found ? [found[1]] : [];
});
const notices = await Promise.all([...new Set(bundled)].sort().map(async (name) => {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).sort().find((entry) => /^licen[sc]e/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : '';
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}));
await writeFile(join(outdir, 'licenses.txt'), notices.join(`\n${'-'.repeat(72)}\n\n`));

const sizes = new Map();
for (const name of outputs) {
  const { size } = await stat(join(outdir, name));
  sizes.set(name, size);
  console.log(`${String(size).padStart(8)}  ${name}`);
}
for (const [names, limit] of SCRIPT_LIMITS) {
  const total = names.reduce((sum, name) => sum + sizes.get(name), 0);
  if (total > limit) throw new Error(`${names.join(' and ')}: ${total} bytes of script, more than ${limit}: drop a dependency`);
}
