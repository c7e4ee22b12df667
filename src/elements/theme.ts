/**
 * Theme of all elements: paper and ink, one accent; blue for positive weights, red for negative ones, amber for errors. Every
 * colour is a custom property `--inkling-*` with a light and a dark default, chosen by the page's `color-scheme`.
 */
import { css } from 'lit';

/** Colours and type, as private properties that a page sets through `--inkling-*`. */
export const theme = css`
  :host {
    --_ink: var(--inkling-ink, light-dark(#1f1d1a, #e8e4da));
    --_muted: var(--inkling-muted, light-dark(#66605a, #a39e93));
    --_paper: var(--inkling-paper, light-dark(#fdfbf7, #15191a));
    --_sunken: var(--inkling-sunken, light-dark(#f4f0e8, #1d2324));
    --_rule: var(--inkling-rule, light-dark(#d9d3c7, #353c3d));
    --_accent: var(--inkling-accent, light-dark(#0c6b5c, #63d3b5));
    --_on-accent: var(--inkling-on-accent, light-dark(#fdfbf7, #0c1413));
    --_positive: var(--inkling-positive, light-dark(#1f62a8, #5da3ea));
    --_zero: var(--inkling-zero, light-dark(#f7f4ee, #1b2021));
    --_negative: var(--inkling-negative, light-dark(#b3202c, #f0505a));
    --_wrong: var(--inkling-wrong, light-dark(#c07a08, #fab72a));
    --_on-wrong: var(--inkling-on-wrong, #1f1d1a);
    --_radius: var(--inkling-radius, 4px);
    --_serif: var(
      --inkling-font-serif,
      'Iowan Old Style',
      'Palatino Linotype',
      Palatino,
      'TeX Gyre Pagella',
      'URW Palladio L',
      P052,
      'Book Antiqua',
      Georgia,
      serif
    );
    --_sans: var(
      --inkling-font-sans,
      Inter,
      ui-sans-serif,
      system-ui,
      'Segoe UI',
      Roboto,
      'Helvetica Neue',
      sans-serif
    );
    display: block;
    box-sizing: border-box;
    color: var(--_ink);
    font: 400 1rem/1.45 var(--_sans);
    font-variant-numeric: tabular-nums;
    text-align: start;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  ::before,
  ::after {
    box-sizing: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
