import * as vscode from 'vscode';
import { LIMITS } from '../language/runtime/limits';
import { isMmscn, programOf, scenarioAt, scenariosOf } from './documents';

const TYPE = 'mmscn';

/** Fills in what a debug session is started with, however it is started: F5, a launch configuration, a picked one or an extension. */
export function registerDebugConfigurations(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.debug.registerDebugConfigurationProvider(TYPE, {
      resolveDebugConfiguration: (_folder, config) => withProgram(config),
      resolveDebugConfigurationWithSubstitutedVariables: (folder, config) => withDefaults(folder, config),
    }),
    vscode.debug.registerDebugConfigurationProvider(
      TYPE,
      { provideDebugConfigurations: () => forActiveFile() },
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
  );
}

/** Without a launch.json everything is missing; a configuration without `program` means the active editor's file. */
function withProgram(config: vscode.DebugConfiguration): vscode.DebugConfiguration | undefined {
  if (config['program']) return config;
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !isMmscn(document)) {
    void vscode.window.showErrorMessage('Open a .mmscn file to debug it, or name one as `program` in the launch configuration.');
    return undefined;
  }
  const name = config.name || 'Memory Scenario';
  return { ...config, type: TYPE, request: 'launch', name, program: programOf(document.uri) };
}

/** The memory panel shows what happens: the debug console, beneath it, opens by itself only for a run without debugging. */
function withDefaults(folder: vscode.WorkspaceFolder | undefined, config: vscode.DebugConfiguration): vscode.DebugConfiguration {
  const console = config.noDebug ? {} : { internalConsoleOptions: 'neverOpen' };
  const scenario: unknown = config['scenario'] ?? scenarioAtCursor(config['program']);
  const limits = { ...limitsFor(folder), ...(config['limits'] as object | undefined) };
  return { stopOnEntry: true, ...console, ...config, ...(scenario === undefined ? {} : { scenario }), limits };
}

/** What a run may use, as the settings say it. */
function limitsFor(folder: vscode.WorkspaceFolder | undefined): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration('mmscn.limits', folder);
  return Object.fromEntries(Object.keys(LIMITS).map((name) => [name, settings.get<unknown>(name)]));
}

/** The scenario that the cursor is in, when the program is the file in the active editor. */
function scenarioAtCursor(program: unknown): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || programOf(editor.document.uri) !== program) return undefined;
  return scenarioAt(editor.document, editor.selection.active);
}

/** One configuration for each scenario of the active file under each design that it names. */
function forActiveFile(): vscode.DebugConfiguration[] {
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !isMmscn(document)) return [];
  const base = { type: TYPE, request: 'launch', program: programOf(document.uri), stopOnEntry: true };
  return scenariosOf(document.getText()).flatMap(({ title, designs }) =>
    designs.length < 2
      ? [{ ...base, name: title, scenario: title }]
      : designs.map((design) => ({ ...base, name: `${title} under ${design}`, scenario: title, design })),
  );
}
