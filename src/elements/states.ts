/** Custom states, for a page's `:state(…)` selectors. */

/** Makes `wanted` the states that are on. */
export function setStates(internals: ElementInternals, wanted: readonly string[]): void {
  try {
    internals.states.clear();
    for (const name of wanted) internals.states.add(name);
  } catch {
    // Chrome before 125 knows only names with two dashes, and a server none at all; nothing but styling hangs on them.
  }
}
