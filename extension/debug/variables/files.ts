import type { Run } from '../../../language/runtime/run';
import type { ObjectRef } from '../../../language/simulator/value';
import { Container, type Item } from './container';
import { counted } from './format';
import { filesOf } from './inspect';
import { observablesOf, summary } from './object';

/** Every file with what of it is cached. */
export function filesContainer(run: Run, host = 0): Container {
  const files = filesOf(run, host);
  const slice = (start: number, count: number) => files.slice(start, start + count).map(({ path, ref }) => fileItem(run, path, ref));
  return new Container(() => [], { count: files.length, slice });
}

function fileItem(run: Run, path: string, ref: ObjectRef): Item {
  const expression = `file(${JSON.stringify(path)})`;
  const amount = (name: string) => Number(run.machine.observe('file', name, ref) ?? 0n) / 4096;
  const pages = Math.ceil(amount('size'));
  const dirty = amount('dirty');
  const value = `${counted(pages, 'page')}, ${amount('cached')} cached${dirty > 0 ? `, ${dirty} dirty` : ''}`;
  const children = new Container((format) => observablesOf(run, 'file', ref, expression, format), cachedPages(run, ref, expression, pages));
  return { name: path, value, expression, children };
}

function cachedPages(run: Run, file: ObjectRef, expression: string, pages: number) {
  const slice = (start: number, count: number): Item[] =>
    Array.from({ length: Math.max(0, Math.min(count, pages - start)) }, (_, i) => {
      const index = start + i;
      const page = run.machine.page(file, index);
      const name = `page[${index}]`;
      const watch = `${expression}.${name}`;
      if (!page) return { name, value: 'not cached', expression: watch };
      return {
        name,
        value: summary(run, page),
        expression: watch,
        children: new Container((f) => observablesOf(run, 'page', page, watch, f)),
      };
    });
  return { count: pages, slice };
}
