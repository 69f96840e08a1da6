import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../language/analysis/check';
import { loadProgram } from '../../language/analysis/program';
import { registerDesign } from '../../language/simulator/designs/registry';
import { implemented } from '../../language/simulator/implemented';
import { LineMap } from '../../language/syntax/positions';
import { borrowed_pages, entry } from '../simulator/outside/borrowed_pages';

registerDesign(entry, borrowed_pages);

const files = ['samples', 'test'].flatMap((folder) =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mmscn'))
    .map((name) => path.join(folder, name)),
);

test.each(files)('there is nothing to be said against %s', async (file) => {
  const { program, problems } = await loadProgram(file, (uri) => fs.promises.readFile(uri, 'utf8'));
  const found = check(program, implemented, problems).map(({ uri, start, code, message }) => {
    const { line } = new LineMap(program.sources.find((source) => source.uri === uri)!.text).place(start);
    return `${uri}:${line} ${code}: ${message}`;
  });
  expect(found).toEqual([]);
});
