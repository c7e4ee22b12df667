/** Registering an element, once. */

let warned = false;

/**
 * Registers `element` as `name`. Where the name is taken (the script is on the page twice, or in two versions) the first
 * one stays, with one warning for all names.
 */
export function define(name: string, element: CustomElementConstructor): void {
  const present = customElements.get(name);
  if (present === undefined) {
    customElements.define(name, element);
  } else if (present !== element && !warned) {
    warned = true;
    console.warn(`Inkling: <${name}> is defined already, so the first definition is used. Load Inkling once a page.`);
  }
}
