import { designs } from '../../catalogue/designs';
import { mountDocs, options } from '../../catalogue/options';
import type { OptionEntry } from '../../catalogue/types';
import type { Name, Option, Span, Statement } from '../../syntax/ast';
import { didYouMean } from '../../syntax/nearest';
import { sortName, sortOf } from '../kinds';
import type { Scope } from '../walk';
import type { Pass } from './pass';

export type OptionTable = Readonly<Record<string, OptionEntry>>;

/** The options that may stand in the braces of a statement; undefined where its mount type is unknown. */
export function optionsOf(owner: Statement): { readonly table: OptionTable; readonly of: string; readonly key: string } | undefined {
  switch (owner.kind) {
    case 'mount': {
      const type = owner.type.text;
      return Object.hasOwn(options.mount, type)
        ? { table: options.mount[type as keyof typeof options.mount], of: `a mount of ${type}`, key: `mount.${type}` }
        : undefined;
    }
    case 'machine':
      return { table: options.machine, of: 'the machine', key: 'machine' };
    case 'file':
    case 'directory':
    case 'process':
    case 'cgroup':
      return { table: options[owner.kind], of: `a ${owner.kind}`, key: owner.kind };
    default:
      return undefined;
  }
}

export function designOptions(base: string): OptionTable | undefined {
  return Object.hasOwn(designs, base) ? designs[base]?.options : undefined;
}

/** Options in braces: known there, given once, of the right kind, and none missing. */
export function checkOptions(pass: Pass): void {
  pass.walk({
    options: (given, owner, scope) => {
      const known = optionsOf(owner);
      if (!known) {
        if (owner.kind === 'mount') unknownType(pass, owner.type);
        return;
      }
      checkAll(pass, given, known.table, known.of, owner.kind === 'mount' ? owner.type : owner, scope);
    },
  });
  for (const item of pass.source.file.items) {
    if (item.kind !== 'design') continue;
    const table = designOptions(item.base.text);
    if (table) checkAll(pass, item.options, table, `the design ${item.base.text}`, item.base, undefined);
  }
}

function unknownType(pass: Pass, type: Name): void {
  const types = Object.keys(mountDocs);
  pass.report(
    type,
    'unknown-filesystem',
    `there is no filesystem \`${type.text}\`${didYouMean(type.text, types) || `; there are ${types.join(', ')}`}`,
  );
}

function checkAll(pass: Pass, given: readonly Option[], table: OptionTable, of: string, owner: Span, scope: Scope | undefined): void {
  const seen = new Set<string>();
  for (const option of given) {
    const name = option.name.text;
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!entry) {
      const known = Object.keys(table);
      const hint = didYouMean(name, known) || (known.length === 0 ? '; it has none' : `; there are ${known.join(', ')}`);
      pass.report(option.name, 'unknown-option', `${of} has no option \`${name}\`${hint}`);
    } else {
      if (seen.has(name)) pass.report(option.name, 'duplicate', `\`${name}\` is given twice`);
      const wrong = whyWrong(pass, option, entry, scope);
      if (wrong !== undefined) pass.report(option.value, 'option-kind', `\`${name}\` ${wrong}`);
    }
    seen.add(name);
  }
  for (const [name, entry] of Object.entries(table)) {
    if (entry.required && !seen.has(name)) pass.report(owner, 'missing-option', `${of} needs the option \`${name}\``);
  }
}

function whyWrong(pass: Pass, { value }: Option, entry: OptionEntry, scope: Scope | undefined): string | undefined {
  const values = entry.kind === 'boolean' ? ['true', 'false'] : entry.values;
  if (value.kind === 'word') {
    if (values?.includes(value.text) || entry.kind === 'words' || (entry.kind === 'word' && !values)) return undefined;
    if (values) return `is ${values.join(', ')}${didYouMean(value.text, values) || `, not \`${value.text}\``}`;
    return `is ${wanted(entry)}; a bare word in braces is never a variable: write \`(${value.text})\` if it is meant so`;
  }
  if (entry.kind === 'word' || entry.kind === 'boolean') {
    if (value.kind === 'string' && entry.kind === 'word' && !values) return undefined;
    return `is ${values ? values.join(', ') : 'a word'}`;
  }
  const sort = scope ? sortOf(value, scope, pass.isProcess(scope)) : undefined;
  if (sort === undefined) return undefined;
  const text = entry.kind === 'path' || entry.kind === 'paths' || entry.kind === 'content';
  const fits = text ? sort === 'content' || (entry.kind === 'paths' && sort === 'list') : sort === 'integer';
  return fits ? undefined : `is ${wanted(entry)}, not ${sortName(sort)}`;
}

function wanted(entry: OptionEntry): string {
  switch (entry.kind) {
    case 'size':
      return 'a size';
    case 'content':
      return 'content';
    case 'path':
      return 'a path';
    case 'paths':
      return 'a path or a list of paths';
    case 'mode':
      return 'a mode as 0644';
    default:
      return 'a number';
  }
}
