import { CompletionItemKind, DiagnosticSeverity, SymbolKind } from 'vscode-languageserver/node';
import type { Severity } from '../../language/analysis/diagnostic';
import type { CompletionKind } from '../../language/analysis/editor/completion';
import type { OutlineEntry } from '../../language/analysis/editor/outline';

export const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export const COMPLETIONS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  call: CompletionItemKind.Method,
  routine: CompletionItemKind.Function,
  function: CompletionItemKind.Function,
  constant: CompletionItemKind.EnumMember,
  observable: CompletionItemKind.Property,
  variable: CompletionItemKind.Variable,
  process: CompletionItemKind.Class,
  design: CompletionItemKind.Module,
  filesystem: CompletionItemKind.Module,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
};

export const SYMBOLS: Readonly<Record<OutlineEntry['kind'], SymbolKind>> = {
  scenario: SymbolKind.Module,
  routine: SymbolKind.Function,
  design: SymbolKind.Interface,
  param: SymbolKind.Constant,
  process: SymbolKind.Class,
  step: SymbolKind.Event,
  file: SymbolKind.File,
  mount: SymbolKind.Namespace,
  cgroup: SymbolKind.Package,
};
