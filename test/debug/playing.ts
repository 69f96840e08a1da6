import { beforeAll } from 'vitest';
import { buildCommand } from '../cli/command';
import { Script } from './script';

export const TWO_READERS = `scenario "two readers" {
  under baseline, extent_cache
  machine { memory = 64M }
  mount xfs at "/data"
  file "/data/a" { size = 4 pages; content = "A" }
  reflink "/data/a" to "/data/b"
  process p, q
  p: fa = open("/data/a", O_RDONLY)
  p: buf = read(fa, 2 pages)
  q: fb = open("/data/b", O_RDONLY)
  q: read(fb, 2 pages)
  expect disk.reads == 4 pages under baseline
  expect disk.reads == 2 pages under extent_cache
  expect memory.cached == 1 page : "wrong on purpose"
}
`;

/** Plays scripts on the command as it is built from the sources now; `more` are files beside main.mmscn. */
export function player() {
  let command: string;
  beforeAll(async () => {
    command = await buildCommand();
  });
  return (text: string, script: string, more: Readonly<Record<string, string>> = {}) =>
    new Script(command, { 'main.mmscn': text, ...more }).play(script);
}
