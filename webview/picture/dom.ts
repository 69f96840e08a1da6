/** Makes and patches elements. Text goes in through textContent only, styles through classes or the CSSOM. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  attribute(element, attributes);
  element.append(...children);
  return element;
}

/** Sets attributes; `undefined` and `false` remove one. Touches only what differs. */
export function attribute(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) {
      if (element.hasAttribute(name)) element.removeAttribute(name);
    } else {
      const text = value === true ? '' : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

export function setText(element: Node, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Makes the children of `parent` those of `items`, in their order; an element is kept as long as its key stays. */
export function keyed<Item>(
  parent: Element,
  items: readonly Item[],
  key: (item: Item) => string,
  make: (item: Item) => HTMLElement,
  patch: (element: HTMLElement, item: Item) => void,
): void {
  const old = new Map<string, HTMLElement>();
  for (const child of parent.children) {
    if (child instanceof HTMLElement && child.dataset['key'] !== undefined) old.set(child.dataset['key'], child);
  }
  let next: Element | null = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = old.get(name);
    old.delete(name);
    if (element === undefined) {
      element = make(item);
      element.dataset['key'] = name;
    }
    patch(element, item);
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  for (const element of old.values()) element.remove();
}

/** Calls `run` once before the next paint, however often it was asked to. */
export function onceAFrame(run: () => void): () => void {
  let asked = 0;
  return () => {
    if (asked === 0) {
      asked = requestAnimationFrame(() => {
        asked = 0;
        run();
      });
    }
  };
}
