import { Panel } from './panel';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();
const script = document.currentScript as HTMLScriptElement;
const panel = new Panel(document.body, {
  post: (message) => vscode.postMessage(message),
  keep: (choice) => vscode.setState(choice),
  kept: vscode.getState(),
});
window.addEventListener('message', (event: MessageEvent<unknown>) => panel.receive(event.data));

/** The controls come alive after the first paint. */
requestAnimationFrame(() => setTimeout(loadControls));

function loadControls(): void {
  const element = document.createElement('script');
  element.src = script.dataset['controls'] ?? '';
  element.nonce = script.nonce;
  document.head.append(element);
}
