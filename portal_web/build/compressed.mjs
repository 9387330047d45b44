// Compresses what is text once, when the portal is built, so that no server has to do it for each browser.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TEXT = /\.(css|html|js|svg|webmanifest)$/;
/** Below this a compressed file takes as many packets as the plain one. */
const SMALLEST = 1000;
/** The best takes seconds for a megabyte: only GraphiQL's editor is so large, and few ever load it. */
const LARGE = 1_000_000;

const brotli = (bytes) =>
  promisify(brotliCompress)(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: bytes.length > LARGE ? 9 : constants.BROTLI_MAX_QUALITY },
  });

/** Writes a `.br` and a `.gz` beside each file that is worth it. */
async function compress(file) {
  const bytes = await readFile(file);
  if (bytes.length < SMALLEST) return;
  await Promise.all([
    brotli(bytes).then((made) => writeFile(`${file}.br`, made)),
    promisify(gzip)(bytes, { level: 9 }).then((made) => writeFile(`${file}.gz`, made)),
  ]);
}

export function compressed() {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      await Promise.all(Object.keys(bundle).filter((name) => TEXT.test(name)).map((name) => compress(join(dir, name))));
    },
  };
}
