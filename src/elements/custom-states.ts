/** Custom states of an element, for a page's `:state(…)` selectors. */

/** Sets the states that are on. */
export function setCustomStates(internals: ElementInternals, names: readonly string[]): void {
  try {
    internals.states.clear();
    for (const name of names) internals.states.add(name);
  } catch {
    // Chrome before 125 takes names with two dashes only, and a server has no states. Only styling depends on them.
  }
}
