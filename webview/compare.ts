import { ComparisonView } from './compare/view';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();
const view = new ComparisonView(document.body, {
  post: (message) => vscode.postMessage(message),
  keep: (kept) => vscode.setState(kept),
  kept: vscode.getState(),
});
window.addEventListener('message', (event: MessageEvent<unknown>) => view.receive(event.data));
