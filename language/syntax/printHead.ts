import type { Action, DesignDeclaration, Import, Name, Range, Statement, StringLiteral, Who } from './ast';
import { printExpr } from './printExpr';

type Headed = Exclude<Statement, { kind: 'broken' | 'parallel' }> | Import | DesignDeclaration;

/** A statement without its block or its options in braces. */
export function printHead(part: Headed): string {
  switch (part.kind) {
    case 'import':
      return `import ${part.path.text}`;
    case 'param':
    case 'let':
      return `${part.kind} ${part.name.text} = ${printExpr(part.value)}`;
    case 'design':
      return `design ${part.name.text} = ${part.base.text}`;
    case 'under':
      return `under ${names(part.designs)}`;
    case 'machine':
      return part.options.length === 0 ? 'machine {}' : 'machine';
    case 'host':
      return `host ${names(part.names)}`;
    case 'mount':
      return `mount ${part.type.text} at ${printExpr(part.path)}`;
    case 'file':
      return part.content ? `file ${printExpr(part.path)} = ${printExpr(part.content)}` : `file ${printExpr(part.path)}`;
    case 'directory':
    case 'cgroup':
      return `${part.kind} ${printExpr(part.path)}`;
    case 'reflink':
    case 'snapshot':
      return `${part.kind} ${printExpr(part.from)} to ${printExpr(part.to)}`;
    case 'dedupe':
      return `dedupe ${printExpr(part.from)}, ${printExpr(part.to)}`;
    case 'process': {
      const declared = part.names.map(({ name, count }) => (count ? `${name.text}[${printExpr(count)}]` : name.text)).join(', ');
      return `process ${declared}${part.cgroup ? ` in ${printExpr(part.cgroup)}` : ''}${part.host ? ` on ${part.host.text}` : ''}`;
    }
    case 'action':
      return printAction(part);
    case 'process-block':
      return printWho(part.who);
    case 'if':
      return `if ${printExpr(part.condition)}`;
    case 'for':
      return `for ${part.name.text} in ${part.in.kind === 'range' ? printRange(part.in) : printExpr(part.in)}`;
    case 'repeat':
      return `repeat ${printExpr(part.count)}`;
    case 'step':
      return `step ${part.label.text}`;
    case 'expect':
    case 'invariant':
      return `${part.kind} ${printExpr(part.condition)}${underClause(part.under)}${reason(part.reason)}`;
    case 'expect-failure':
      return `expect ${printAction(part.action)} ${part.how} ${part.what.text}${underClause(part.under)}${reason(part.reason)}`;
    case 'return':
      return part.value ? `return ${printExpr(part.value)}` : 'return';
  }
}

function printAction({ who, bind, value, as, under }: Action): string {
  const child = as ? ` as ${as.name.text}${as.count ? `[${printExpr(as.count)}]` : ''}` : '';
  return `${who ? `${printWho(who)}: ` : ''}${bind ? `${bind.text} = ` : ''}${printExpr(value)}${child}${underClause(under)}`;
}

function printWho({ name, selector }: Who): string {
  if (!selector) return name.text;
  if (selector.kind === 'all') return `${name.text}[*]`;
  return `${name.text}[${selector.kind === 'index' ? printExpr(selector.index) : printRange(selector.range)}]`;
}

function printRange({ from, to }: Range): string {
  return `${printExpr(from)}..${printExpr(to)}`;
}

function underClause(designs: readonly Name[] | undefined): string {
  return designs ? ` under ${names(designs)}` : '';
}

function reason(text: StringLiteral | undefined): string {
  return text ? ` : ${text.text}` : '';
}

function names(all: readonly Name[]): string {
  return all.map((name) => name.text).join(', ');
}
