/** The workbench's DOM is no stable interface: the version of the embedded VS Code is pinned, and all that we know of its DOM stands here. */
export const selectors = {
  workbench: '.monaco-workbench',
  explorerRow: '.explorer-folders-view .monaco-list-row',
  activeTab: '.tab.active',
  editorLine: '.editor-instance .view-line',
  quickInput: '.quick-input-widget input',
  quickRow: '.quick-input-widget .monaco-list-row',
  toast: '.notification-toast',
  debugToolbar: '.debug-toolbar',
  stepOver: '.debug-toolbar .codicon-debug-step-over',
  stepBack: '.debug-toolbar .codicon-debug-step-back',
  frame: '.debug-call-stack .stack-frame',
  variable: '.debug-variables .monaco-list-row',
  currentLine: '.debug-top-stack-frame-line',
  exception: '.zone-widget.exception-widget-container',
  statusItem: '.statusbar-item',
  /** A webview is two nested frames: the outer one of VS Code, the inner one with the extension's page. */
  webview: 'iframe.webview',
  webviewPage: '#active-frame',
} as const;
