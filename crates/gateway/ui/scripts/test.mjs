// Bundles each `test/*.test.ts` and runs them all with node's test runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const files = (await readdir(join(root, 'test'))).filter((name) => name.endsWith('.test.ts')).sort();
// Inside the folder, so that packages left out of the bundles are found.
const outdir = await mkdtemp(join(root, 'node_modules', '.test-'));
try {
  await build({
    absWorkingDir: root,
    entryPoints: files.map((name) => `test/${name}`),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['jsdom'],
    define: { PAGE_VERSION: '"0.0.0"' },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const built = files.map((name) => join(outdir, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...built], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  await rm(outdir, { recursive: true, force: true });
}
