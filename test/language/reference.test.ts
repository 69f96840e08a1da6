import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check } from '../../language/analysis/check';
import { report } from '../../language/runtime/report';
import { Run } from '../../language/runtime/run';
import { implemented } from '../../language/simulator/implemented';
import { format } from '../../language/syntax/print';
import { loaded } from './markers';

const PAGE = fs.readFileSync('docs/language.md', 'utf8');
const examples = [...PAGE.matchAll(/```mmscn\n([\s\S]*?)```/g)].map((match) => match[1]!);

describe('the examples of the language reference', () => {
  it('are there', () => expect(examples.length).toBeGreaterThan(2));

  it.each(examples)('mean what they say: %.60s', async (text) => {
    const { program, problems } = await loaded(text);
    expect(check(program, implemented, problems)).toEqual([]);
    expect(format(format(text))).toBe(format(text));
    for (const item of program.sources[0]!.file.items) {
      if (item.kind !== 'scenario') continue;
      const under = item.body.statements.flatMap((s) => (s.kind === 'under' ? s.designs.map((name) => name.text) : []));
      for (const design of under.length > 0 ? under : ['baseline']) {
        const run = Run.start(program, { scenario: item.title.value, design });
        if (!(run instanceof Run)) throw new Error(run.error.message);
        run.finish();
        const { ok, error, expectations } = report(run);
        expect({ design, ok, error, failed: expectations.filter((one) => !one.ok) }).toEqual({ design, ok: true, error: null, failed: [] });
      }
    }
  });
});
