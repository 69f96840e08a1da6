import type { Block, Item, Span, Statement } from '../../syntax/ast';
import type { Source } from '../program';

export interface OutlineEntry extends Span {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'scenario' | 'routine' | 'design' | 'param' | 'process' | 'step' | 'file' | 'mount' | 'cgroup';
  /** The name itself. */
  readonly selection: Span;
  readonly children: readonly OutlineEntry[];
}

/** The file's structure: scenarios with what they declare and their named steps. A half-typed file has one too. */
export function outline(source: Source): OutlineEntry[] {
  return source.file.items.flatMap((item) => ofItem(item, source.text));
}

function ofItem(item: Item, text: string): OutlineEntry[] {
  switch (item.kind) {
    case 'scenario':
      return [
        {
          ...span(item),
          name: item.title.value || '(no title)',
          detail: item.doc ?? '',
          kind: 'scenario',
          selection: span(item.title),
          children: ofBlock(item.body, text),
        },
      ];
    case 'routine': {
      const detail = `(${item.params.map((p) => p.text).join(', ')})`;
      return [
        { ...span(item), name: item.name.text, detail, kind: 'routine', selection: span(item.name), children: ofBlock(item.body, text) },
      ];
    }
    case 'design':
      return [{ ...span(item), name: item.name.text, detail: item.base.text, kind: 'design', selection: span(item.name), children: [] }];
    case 'param':
      return [
        {
          ...span(item),
          name: item.name.text,
          detail: text.slice(item.value.start, item.value.end),
          kind: 'param',
          selection: span(item.name),
          children: [],
        },
      ];
    case 'import':
    case 'broken':
      return [];
  }
}

/** `step "…"` names the lines after it: those become its children. */
function ofBlock(block: Block, text: string): OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  block.statements.forEach((s, i) => {
    if (s.kind === 'step') {
      const next = block.statements.slice(i + 1).find((other) => other.kind === 'step');
      const last = block.statements.slice(i, next ? block.statements.indexOf(next) : undefined).at(-1)!;
      entries.push({
        start: s.start,
        end: last.end,
        name: s.label.value || '(no name)',
        detail: '',
        kind: 'step',
        selection: span(s.label),
        children: [],
      });
    } else entries.push(...ofDeclaration(s, text));
  });
  return entries;
}

function ofDeclaration(s: Statement, text: string): OutlineEntry[] {
  const slice = ({ start, end }: Span) => text.slice(start, end);
  switch (s.kind) {
    case 'process':
      return s.names.map(({ name, count }) => ({
        ...span(s),
        name: name.text,
        detail: count ? `[${slice(count)}]` : '',
        kind: 'process',
        selection: span(name),
        children: [],
      }));
    case 'param':
      return [{ ...span(s), name: s.name.text, detail: slice(s.value), kind: 'param', selection: span(s.name), children: [] }];
    case 'mount':
      return [{ ...span(s), name: slice(s.path), detail: s.type.text, kind: 'mount', selection: span(s.path), children: [] }];
    case 'file':
    case 'cgroup':
      return [{ ...span(s), name: slice(s.path), detail: '', kind: s.kind, selection: span(s.path), children: [] }];
    default:
      return [];
  }
}

function span({ start, end }: Span): Span {
  return { start, end };
}

export interface Lens extends Span {
  readonly scenario: string;
}

/** A place above each scenario for `Run` and `Debug`. */
export function lenses(source: Source): Lens[] {
  return source.file.items.flatMap((item) =>
    item.kind === 'scenario' ? [{ start: item.start, end: item.title.end, scenario: item.title.value }] : [],
  );
}
