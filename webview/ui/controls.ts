/**
 * The panel's controls. Nobody outside this folder knows that they are @vscode/webview-ui-toolkit's: their elements are
 * there at once and come alive when `toolkit.ts`, loaded after the first paint, defines them.
 */

export interface Control {
  readonly element: HTMLElement;
}

/** `glyph` stays when there is no room for the word. */
export function button(glyph: string, word: string, title: string, onPress: () => void): Control & { enable(enabled: boolean): void } {
  const element = make('vscode-button', { appearance: 'secondary', title, 'aria-label': title });
  element.append(part('i', 'glyph', glyph), part('b', 'word', word));
  element.addEventListener('click', () => {
    if (!element.hasAttribute('disabled')) onPress();
  });
  return { element, enable: (enabled) => element.toggleAttribute('disabled', !enabled) };
}

export function checkbox(label: string, checked: boolean, onChange: (checked: boolean) => void): Control {
  const element = make('vscode-checkbox', { 'aria-label': label });
  element.toggleAttribute('checked', checked);
  element.textContent = label;
  element.addEventListener('change', () => onChange((element as unknown as { checked: boolean }).checked));
  return { element };
}

/** `onEnter` is called with the text when Enter is pressed in the field. */
export function textField(label: string, onEnter: (text: string) => void): Control & { invalid(message: string): void } {
  const element = make('vscode-text-field', { placeholder: label, 'aria-label': label, title: label });
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') onEnter((element as unknown as { value: string }).value);
  });
  return {
    element,
    invalid(message) {
      element.classList.toggle('invalid', message !== '');
      element.title = message === '' ? label : message;
    },
  };
}

/** A choice among names; `options` may be set again at any time. */
export function dropdown(
  label: string,
  onChange: (value: string) => void,
): Control & { options(names: readonly string[], chosen: string, text?: (name: string) => string): void } {
  const element = make('vscode-dropdown', { 'aria-label': label, title: label });
  element.addEventListener('change', () => onChange((element as unknown as { value: string }).value));
  let shown = '';
  return {
    element,
    options(names, chosen, text = (name) => name) {
      const wanted = [chosen, ...names].join('\n');
      if (shown === wanted) return;
      shown = wanted;
      element.replaceChildren(
        ...names.map((name) => {
          const option = make('vscode-option', { value: name });
          option.toggleAttribute('selected', name === chosen);
          option.textContent = text(name);
          return option;
        }),
      );
    },
  };
}

/** No `span`: the toolkit gives those in a button the size of an icon. */
function part(tag: string, name: string, text: string): HTMLElement {
  const element = make(tag, { class: name });
  element.textContent = text;
  return element;
}

function make(tag: string, attributes: Readonly<Record<string, string>>): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
