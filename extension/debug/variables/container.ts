import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import type { Format } from './format';

/** A row among the variables. */
export interface Item {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  readonly children?: Container;
  /** The expression that gives it in a watch. */
  readonly expression?: string;
  readonly hint?: DebugProtocol.VariablePresentationHint;
  /** Where its bytes can be read: process id and address. */
  readonly memory?: string;
  /** Gives it another value, an expression. */
  readonly assign?: (expression: string) => void;
}

/** Rows by their number, made only for the stretch that is asked for. */
export interface Indexed {
  readonly count: number;
  slice(start: number, count: number, format: Format): readonly Item[];
}

const NOTHING: Indexed = { count: 0, slice: () => [] };

/** Rows given in one answer to a client that does not page. */
const PAGE = 1000;

/** What can be unfolded: rows by name, and rows by number, which may be billions. */
export class Container {
  constructor(
    readonly named: (format: Format) => readonly Item[],
    readonly indexed: Indexed = NOTHING,
  ) {}

  static of(items: readonly Item[]): Container {
    return new Container(() => [], { count: items.length, slice: (start, count) => items.slice(start, start + count) });
  }

  /** The row of that name; of numbered rows the first ones are looked through. */
  find(name: string, format: Format): Item | undefined {
    return [...this.named(format), ...this.indexed.slice(0, PAGE, format)].find((item) => item.name === name);
  }

  /** The rows that a client asks for. Nothing is left out silently: what does not fit into one answer is under a row that says how much it is. */
  rows(filter: unknown, start: number, count: number | undefined, format: Format): readonly Item[] {
    const named = filter === 'indexed' ? [] : this.named(format);
    if (filter === 'named') return named;
    const left = Math.max(0, this.indexed.count - start);
    const wanted = Math.min(count || left, left);
    const rows = this.indexed.slice(start, Math.min(wanted, PAGE), format);
    if (wanted <= PAGE) return [...named, ...rows];
    const rest = { count: wanted - PAGE, slice: (from: number, n: number, f: Format) => this.indexed.slice(start + PAGE + from, n, f) };
    return [...named, ...rows, { name: '…', value: `${wanted - PAGE} more`, children: new Container(() => [], rest) }];
  }
}

export function variableOf(debug: Debugger, { name, value, type, children, expression, hint, memory }: Item): DebugProtocol.Variable {
  return {
    name,
    value,
    ...(type && { type }),
    ...(expression && { evaluateName: expression }),
    ...(hint && { presentationHint: hint }),
    ...(memory && { memoryReference: memory }),
    ...childrenOf(debug, children),
  };
}

/** How a client is told of what can be unfolded. Few rows come all at once. */
export function childrenOf(
  debug: Debugger,
  container: Container | undefined,
): Pick<DebugProtocol.Variable, 'variablesReference' | 'indexedVariables' | 'namedVariables'> {
  if (!container) return { variablesReference: 0 };
  const variablesReference = debug.references.add(container);
  const { count } = container.indexed;
  if (count <= 100 || !debug.client.supportsVariablePaging) return { variablesReference };
  return { variablesReference, indexedVariables: count, namedVariables: 1 };
}
