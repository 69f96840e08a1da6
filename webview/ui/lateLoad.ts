/**
 * The toolkit reads the theme's colours when the window's `load` event comes. It is loaded after that, so whoever waits for the
 * event while this is in force is called by `done` instead.
 */
const listen = window.addEventListener.bind(window);
const waiting: (() => void)[] = [];

if (document.readyState === 'complete') {
  window.addEventListener = ((type: string, listener: EventListener, options?: AddEventListenerOptions) => {
    if (type === 'load') waiting.push(() => listener(new Event('load')));
    else listen(type, listener, options);
  }) as typeof window.addEventListener;
}

export function done(): void {
  window.addEventListener = listen;
  for (const call of waiting) call();
}
