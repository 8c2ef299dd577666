// Writes to the page only what differs from what is there.

export function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a data attribute. */
export function set(element: HTMLElement, key: string, value: string): void {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
