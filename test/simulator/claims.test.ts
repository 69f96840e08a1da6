import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../language/syntax/parse';

const spaces = (text: string): string => text.replace(/\s+/g, ' ');

/** The text of a scenario of a sample; undefined where there is none of that title. */
function scenarioText(file: string, title: string): string | undefined {
  const text = fs.readFileSync(path.join('docs', file), 'utf8');
  for (const item of parse(text).items)
    if (item.kind === 'scenario' && item.title.value === title) return spaces(text.slice(item.start, item.end));
  return undefined;
}

const rows = fs
  .readFileSync('docs/claims.md', 'utf8')
  .split('\n')
  .map((line) => /^\| [^|]+ \| (?<claim>[^|]+) \| \[(?<title>.+)\]\((?<file>[^)]+)\) \| (?<shown>.+) \|$/.exec(line)?.groups)
  .filter((groups) => groups !== undefined);

describe('docs/claims.md', () => {
  test('has rows', () => {
    expect(rows.length).toBeGreaterThan(40);
  });
  test.each(rows)('$claim', ({ title, file, shown }) => {
    const scenario = scenarioText(file!, title!);
    expect(scenario, `${file}: "${title}"`).toBeDefined();
    const quoted = [...shown!.matchAll(/`(expect [^`]+)`/g)].map((match) => match[1]!);
    expect(quoted).not.toEqual([]);
    for (const expectation of quoted) expect(scenario).toContain(spaces(expectation));
  });
});
