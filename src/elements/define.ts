/** Registration of a custom element, once a page. */

let warned = false;

/**
 * Registers `element` as `name`. A name that is taken (the script is on the page twice, or in two versions) stays with its
 * first element; one warning covers all names.
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
