import { calls } from '../../catalogue/calls';
import { constants } from '../../catalogue/constants';
import { designs } from '../../catalogue/designs';
import { functions } from '../../catalogue/functions';
import { keywords } from '../../catalogue/keywords';
import { mountDocs, options } from '../../catalogue/options';
import type { CallEntry, Constant, OptionEntry, Owner } from '../../catalogue/types';
import { callEntry, observableEntry, sameTable } from '../kinds';
import { signature } from '../passes/calls';

const UNITS = {
  bytes: 'bytes',
  count: 'a number',
  boolean: 'true or false',
  content: 'content',
  path: 'a path',
  address: 'an address',
  object: 'an object',
} as const;

/** Documentation of a catalogue key (`call:open`, `constant:O_RDONLY`, `option:machine.memory`, …) as Markdown; undefined for other keys. */
export function documentation(key: string): string | undefined {
  const at = key.indexOf(':');
  const name = key.slice(at + 1);
  switch (key.slice(0, at)) {
    case 'call':
      return sameTable(calls, name) ? callDoc(name, calls[name]) : undefined;
    case 'function': {
      if (!sameTable(functions, name)) return undefined;
      const entry = functions[name];
      return lines(code(`${signature(name, entry.params)} → ${entry.returns}`), entry.doc);
    }
    case 'constant':
      return sameTable(constants, name) ? constantDoc(name, constants[name]) : undefined;
    case 'observable':
      return observableDoc(name);
    case 'field':
      return fieldDoc(name);
    case 'filesystem':
      return sameTable(mountDocs, name)
        ? lines(code(`mount ${name} at PATH`), mountDocs[name], optionList(options.mount[name]))
        : undefined;
    case 'design':
      return designDoc(name);
    case 'option':
      return optionDoc(name);
    case 'keyword':
      return sameTable(keywords, name) ? lines(code(name), keywords[name].doc) : undefined;
    default:
      return undefined;
  }
}

function designDoc(name: string): string | undefined {
  const entry = Object.hasOwn(designs, name) ? designs[name] : undefined;
  return (
    entry &&
    lines(
      code(name),
      `**${entry.title}**`,
      entry.doc,
      `Saves: ${entry.saves}`,
      `Said against it: ${entry.against}`,
      optionList(entry.options),
      `Source: ${entry.source}`,
    )
  );
}

function callDoc(name: string, entry: CallEntry): string {
  const errors = Object.entries(entry.errors).map(([errno, when]) => `- \`${errno}\`: ${when}`);
  const params = entry.params.map((param) => `- \`${param.name}\`${param.optional ? ' (optional)' : ''}: ${param.doc}`);
  const fields = Object.entries(entry.fields ?? {}).map(([field, doc]) => `- \`.${field}\`: ${doc}`);
  return lines(
    code(`${entry.who === 'kernel' ? 'kernel: ' : ''}${signature(name, entry.params)} → ${entry.returns}`),
    entry.doc,
    params.join('\n'),
    fields.length > 0 ? `Fields of the result:\n${fields.join('\n')}` : '',
    errors.length > 0 ? `Errors:\n${errors.join('\n')}` : '',
    entry.choice === undefined ? '' : `*Simulator choice*: ${entry.choice}`,
    `Source: ${entry.source}`,
  );
}

function fieldDoc(key: string): string | undefined {
  const [call = '', field = ''] = key.split('.');
  const entry = callEntry(call);
  const doc = entry?.fields?.[field];
  return entry && doc && lines(code(`${call}(…).${field}`), doc, `Source: ${entry.source}`);
}

function constantDoc(name: string, { value, doc }: Constant): string {
  return lines(code(`${name} = ${value}${value > 9n ? ` (0x${value.toString(16)})` : ''}`), doc);
}

function observableDoc(key: string): string | undefined {
  const dot = key.indexOf('.');
  const entry = observableEntry(key.slice(0, dot) as Owner, key.slice(dot + 1));
  if (!entry) return undefined;
  const index = entry.index === undefined ? '' : `[${entry.index}]`;
  return lines(
    code(`${key.startsWith('run.') ? key.slice(4) : key}${index}`),
    `${entry.doc} *(${UNITS[entry.unit]})*`,
    `Source: ${entry.source}`,
  );
}

/** `machine.memory`, `mount.xfs.size`, `design.extent_cache.key`; the rest is the option's own, dotted name. */
function optionDoc(key: string): string | undefined {
  const [place, type] = key.split('.');
  const nested = place === 'mount' || place === 'design';
  const prefix = nested ? `${place}.${type}.` : `${place}.`;
  const group: unknown = nested
    ? (options[place] as Readonly<Record<string, unknown>>)[type ?? '']
    : options[place as keyof typeof options];
  const name = key.slice(prefix.length);
  if (typeof group !== 'object' || group === null || !Object.hasOwn(group, name)) return undefined;
  return optionText(name, (group as Readonly<Record<string, OptionEntry>>)[name]!);
}

export function optionText(name: string, entry: OptionEntry): string {
  const values = entry.kind === 'boolean' ? 'true | false' : entry.values ? entry.values.join(' | ') : entry.kind;
  return lines(
    code(`${name} = ${values}`),
    entry.doc,
    entry.default === undefined ? '' : `Default: \`${entry.default}\``,
    entry.choice ? '*Simulator choice*: the sources leave it open, or argue about it.' : '',
    `Source: ${entry.source}`,
  );
}

function optionList(table: Readonly<Record<string, OptionEntry>>): string {
  const names = Object.keys(table);
  return names.length === 0 ? '' : `Options: ${names.map((name) => `\`${name}\``).join(', ')}`;
}

function code(text: string): string {
  return `\`\`\`mmscn\n${text}\n\`\`\``;
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
