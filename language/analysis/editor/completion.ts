import { calls } from '../../catalogue/calls';
import { errno, signals } from '../../catalogue/constants';
import { designs } from '../../catalogue/designs';
import { functions } from '../../catalogue/functions';
import { keywords, type KeywordEntry } from '../../catalogue/keywords';
import { observables } from '../../catalogue/observables';
import { mountDocs, options } from '../../catalogue/options';
import type { OptionEntry, Owner, Parameter } from '../../catalogue/types';
import { callEntry, fieldsOf, sameTable } from '../kinds';
import { constantsOf, signature } from '../passes/calls';
import { designOptions } from '../passes/options';
import type { Program, Source } from '../program';
import { globalsOf } from '../symbols';
import type { Local } from '../walk';
import { beforeDot, type Context, contextAt } from './context';
import { documentation, optionText } from './documentation';
import { wordAt } from './words';

export type CompletionKind =
  | 'keyword'
  | 'call'
  | 'routine'
  | 'function'
  | 'constant'
  | 'observable'
  | 'variable'
  | 'process'
  | 'design'
  | 'filesystem'
  | 'option'
  | 'value';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  /** With placeholders as snippets have them; the label where it is left out. */
  readonly snippet?: string;
  /** A catalogue key for `documentation`, or the text itself. */
  readonly key?: string;
  readonly markdown?: string;
}

/** What can be typed at an offset. The word that is being typed is not looked at: the editor filters. */
export function completion(program: Program, source: Source, offset: number): Completion[] {
  if (source.file.comments.some(({ start, end, text }) => start < offset && (offset < end || (offset === end && text.startsWith('//')))))
    return [];
  const at = wordAt(source.text, offset)?.start ?? offset;
  const context = contextAt(program, source, at);
  const { line } = context;
  if (inString(line) || /[0-9]/.test(source.text[at] ?? '')) return [];
  if (line.endsWith('.') && !line.endsWith('..')) return afterDot(context, at - 1);
  const braces = optionsAround(source.text, at);
  if (braces) return inOptions(braces, line);
  if (/\bunder\s+(\w+\s*,\s*)*$/.test(line)) return designNames(context, /^\s*under\b/.test(line));
  if (/^\s*design\s+\w+\s*=\s*$/.test(line)) return named(Object.keys(designs), 'design', 'design');
  if (/^\s*mount\s+$/.test(line))
    return Object.keys(mountDocs).map((name) => ({
      label: name,
      kind: 'filesystem',
      key: `filesystem:${name}`,
      snippet: `${name} at "\${1:/data}"`,
    }));
  const how = /\b(fails|raises)\s+$/.exec(line)?.[1];
  if (how !== undefined) return failures(line, how);
  const argument = argumentAt(context);
  if (argument?.group !== undefined) return [...constantsOf(argument.group).map(constant), ...names(context)];
  if (context.call)
    return [...(argument?.words ?? []).map((word): Completion => ({ label: word, kind: 'value' })), ...expressionNames(context)];
  return atStart(context) ?? expressionNames(context);
}

function inString(line: string): boolean {
  return (line.replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
}

function named(all: readonly string[], kind: CompletionKind, table: string): Completion[] {
  return all.map((label) => ({ label, kind, key: `${table}:${label}` }));
}

function constant(label: string): Completion {
  return { label, kind: 'constant', key: `constant:${label}` };
}

function argumentAt({ call }: Context): Parameter | undefined {
  if (!call) return undefined;
  const params = callEntry(call.name)?.params ?? (sameTable(functions, call.name) ? functions[call.name].params : []);
  return params[call.argument];
}

function afterDot(context: Context, dot: number): Completion[] {
  const before = beforeDot(context, dot);
  if (!before) return [];
  const fields = fieldsOf(before.sort);
  if (fields) return Object.entries(fields).map(([label, doc]): Completion => ({ label, kind: 'observable', markdown: doc }));
  const host = before.expr.kind === 'reference' && context.names.hosts.has(before.expr.name);
  const owner: Owner | undefined = host ? 'host' : typeof before.sort === 'object' ? before.sort.object : undefined;
  if (owner === undefined) return [];
  const asked = Object.entries(observables[owner]).map(([label, entry]): Completion => ({
    label,
    kind: 'observable',
    detail: entry.unit,
    key: `observable:${owner}.${label}`,
    ...('index' in entry ? { snippet: `${label}[$1]` } : {}),
  }));
  const variables =
    owner === 'process' ? [...context.names.variables.keys()].map((label): Completion => ({ label, kind: 'variable' })) : [];
  return [...variables, ...asked];
}

type OptionTable = Readonly<Record<string, OptionEntry>>;

/** The options of the braces that are open at an offset, where they are such. */
function optionsAround(text: string, offset: number): OptionTable | undefined {
  const open = text.lastIndexOf('{', offset - 1);
  if (open < 0 || offset - open > 2000 || text.slice(open, offset).includes('}')) return undefined;
  const head = text
    .slice(Math.max(text.lastIndexOf('\n', open), text.lastIndexOf(';', open), text.lastIndexOf('{', open - 1)) + 1, open)
    .trim();
  const mount = /^mount\s+(\w+)\s/.exec(head)?.[1];
  if (mount !== undefined) return sameTable(options.mount, mount) ? options.mount[mount] : {};
  const design = /^design\s+\w+\s*=\s*(\w+)$/.exec(head)?.[1];
  if (design !== undefined) return designOptions(design) ?? {};
  const word = /^(machine|file|directory|process|cgroup)\b/.exec(head)?.[1];
  return word === undefined ? undefined : options[word as 'machine'];
}

function inOptions(table: OptionTable, line: string): Completion[] {
  const option = /([\w.]+)\s*=\s*$/.exec(line)?.[1];
  if (option !== undefined) {
    const entry = Object.hasOwn(table, option) ? table[option] : undefined;
    const values = entry?.kind === 'boolean' ? ['true', 'false'] : (entry?.values ?? []);
    return values.map((label) => ({ label, kind: 'value', ...(label === entry?.default ? { detail: 'default' } : {}) }));
  }
  if (!/(^|[{;])\s*[\w.]*$/.test(line)) return [];
  return Object.entries(table).map(([label, entry]) => ({
    label,
    kind: 'option',
    snippet: `${label} = \${1${entry.values ? `|${entry.values.join(',')}|` : `:${(entry.default ?? '').replaceAll('"', '')}`}}`,
    markdown: optionText(label, entry),
    ...(entry.default === undefined ? {} : { detail: `default ${entry.default}` }),
  }));
}

function designNames(context: Context, atHead: boolean): Completion[] {
  const own = [...globalsOf(context.program).designs.keys()];
  const all = [...Object.keys(designs), ...own];
  const spoken = context.names.designs;
  return named(atHead || spoken.size === 0 ? all : all.filter((name) => spoken.has(name)), 'design', 'design');
}

function failures(line: string, how: string): Completion[] {
  if (how === 'raises') return Object.keys(signals).map(constant);
  const call = /([A-Za-z_]\w*)\s*\([^()]*(\([^()]*\)[^()]*)*\)\s*fails\s+$/.exec(line)?.[1];
  const known =
    call === undefined
      ? []
      : Object.entries(callEntry(call)?.errors ?? {}).map(([label, when]): Completion => ({ ...constant(label), detail: when }));
  return known.length > 0 ? known : Object.keys(errno).map(constant);
}

/** Where a statement or item begins; undefined where none does. */
function atStart(context: Context): Completion[] | undefined {
  const { line, unit, scope } = context;
  const begins = /(^|[;{}])\s*$/.test(line);
  if (!unit) return begins ? keywordsIn(['file'], 'param') : [];
  const acting = /(?:^|[;{}])\s*(?:expect\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*:\s*(?:[A-Za-z_]\w*\s*=\s*)?$/.exec(line)?.[1];
  if (acting !== undefined) return callable(context, acting === 'kernel' ? 'kernel' : 'process');
  const expected = /(?:^|[;{}])\s*expect\s+$/.test(line);
  if (!begins && !expected) {
    if (scope?.actor !== 'none' && /(?:^|[;{}])\s*[A-Za-z_]\w*\s*=\s*$/.test(line))
      return [...callable(context, scope?.actor ?? 'process'), ...expressionNames(context)];
    return undefined;
  }
  const doers = [...context.names.processes.keys(), 'kernel'].map((label): Completion => ({
    label,
    kind: 'process',
    snippet: `${label}: `,
  }));
  const steps = scope && scope.actor !== 'none' ? callable(context, scope.actor) : [];
  if (expected) return [...doers, ...steps, ...expressionNames(context)];
  const where: KeywordEntry['in'][] = unit.kind === 'scenario' && scope?.depth === 0 ? ['declaration', 'statement'] : ['statement'];
  return [...steps, ...doers, ...keywordsIn(where)];
}

function keywordsIn(where: readonly KeywordEntry['in'][], ...more: readonly string[]): Completion[] {
  return Object.entries(keywords)
    .filter(([name, entry]) => where.includes(entry.in) || more.includes(name))
    .map(([label, entry]) => ({ label, kind: 'keyword', snippet: entry.snippet, key: `keyword:${label}` }));
}

/** Calls and routines that somebody can make. */
function callable(context: Context, who: 'process' | 'kernel' | 'none'): Completion[] {
  const own = [...globalsOf(context.program).routines.values()].map(({ node }): Completion => {
    const params = node.params.map((param, i) => `\${${i + 1}:${param.text}}`).join(', ');
    return {
      label: node.name.text,
      kind: 'routine',
      snippet: `${node.name.text}(${params})`,
      ...(node.doc === undefined ? {} : { markdown: node.doc }),
    };
  });
  const known = Object.entries(calls)
    .filter(([, entry]) => entry.who === who)
    .map(([label, entry]): Completion => ({
      label,
      kind: 'call',
      detail: signature(label, entry.params),
      snippet: callSnippet(label, entry.params),
      key: `call:${label}`,
    }));
  return [...(who === 'process' ? own : []), ...known];
}

function callSnippet(name: string, params: readonly Parameter[]): string {
  const required = params.filter((param) => !param.optional);
  return `${name}(${required.map((param, i) => placeholder(param, i + 1)).join(', ')})`;
}

/** A path is typed between quotes that are there already. */
function placeholder({ name, kind }: Parameter, at: number): string {
  return kind === 'path' ? `"\${${at}:${name}}"` : `\${${at}:${name}}`;
}

function names({ scope, names: unit }: Context): Completion[] {
  const found = new Map<string, Completion>();
  for (let local: Local | undefined = scope?.locals; local; local = local.outer)
    found.set(local.name.text, { label: local.name.text, kind: 'variable', detail: local.kind });
  if (scope && scope.actor !== 'none') for (const label of unit.variables.keys()) found.set(label, { label, kind: 'variable' });
  return [...found.values()];
}

function expressionNames(context: Context): Completion[] {
  const processes = [...context.names.processes.keys()].map((label): Completion => ({ label, kind: 'process' }));
  const run = Object.keys(observables.run).map((label): Completion => ({ label, kind: 'observable', key: `observable:run.${label}` }));
  const calledFunctions = Object.entries(functions).map(([label, entry]): Completion => ({
    label,
    kind: 'function',
    snippet: callSnippet(label, entry.params),
    key: `function:${label}`,
  }));
  return [...names(context), ...processes, ...run, ...calledFunctions, ...constantsOf('null').map(constant)];
}

export function completionDoc({ key, markdown }: Completion): string | undefined {
  return markdown ?? (key === undefined ? undefined : documentation(key));
}

export interface Signature {
  readonly label: string;
  /** Offsets of the parameters in the label. */
  readonly params: readonly { readonly start: number; readonly end: number; readonly doc: string }[];
  readonly active: number;
  readonly doc: string;
}

/** The call whose arguments are being typed. */
export function signatureHelp(program: Program, source: Source, offset: number): Signature | undefined {
  const { call } = contextAt(program, source, offset);
  if (!call) return undefined;
  const routine = globalsOf(program).routines.get(call.name)?.node;
  const entry = callEntry(call.name) ?? (sameTable(functions, call.name) ? functions[call.name] : undefined);
  const params: readonly { readonly name: string; readonly doc: string }[] | undefined = routine
    ? routine.params.map(({ text }) => ({ name: text, doc: '' }))
    : entry?.params;
  if (!params) return undefined;
  const label = routine ? `${call.name}(${params.map(({ name }) => name).join(', ')})` : signature(call.name, entry!.params);
  let from = label.indexOf('(') + 1;
  const placed = params.map(({ name, doc }) => {
    const start = label.indexOf(name, from);
    from = start + name.length;
    return { start, end: from, doc };
  });
  return { label, params: placed, active: call.argument, doc: routine ? (routine.doc ?? '') : entry!.doc };
}
