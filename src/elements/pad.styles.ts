/** Styles of `<inkling-pad>`. */
import { css } from 'lit';

export const padStyles = css`
  :host {
    position: relative;
    max-inline-size: 20rem;
  }
  .pad {
    position: relative;
    aspect-ratio: 1;
    overflow: hidden;
    border: 1px solid var(--_rule);
    border-radius: var(--_radius);
    background: var(--_sunken);
    cursor: crosshair;
    /* A finger draws; it does not scroll, and it selects nothing. */
    touch-action: none;
    user-select: none;
  }
  :host([disabled]) .pad {
    cursor: not-allowed;
    opacity: 0.6;
  }
  svg,
  .picture,
  .hint {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    pointer-events: none;
  }
  .picture {
    color: var(--_ink);
    transition: color 1ms;
    image-rendering: pixelated;
    forced-color-adjust: none;
  }
  path {
    fill: none;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .guide {
    stroke: var(--_muted);
    opacity: 0.45;
  }
  .ink {
    stroke: var(--_ink);
  }
  .pen {
    display: none;
    fill: none;
    stroke: var(--_accent);
    stroke-width: 2;
  }
  .pen[data-down] {
    fill: var(--_accent);
  }
  .pad:focus-visible .pen {
    display: inline;
  }
  .hint {
    display: grid;
    place-items: center;
    padding: 2rem;
    color: var(--_muted);
    font: italic 1.125rem/1.3 var(--_serif);
    text-align: center;
  }
  .hint[hidden] {
    display: none;
  }
  .clear {
    position: absolute;
    inset-block-end: 0.375rem;
    inset-inline-end: 0.375rem;
    min-block-size: 1.75rem;
    padding: 0 0.625rem;
    border: 1px solid var(--_rule);
    border-radius: var(--_radius);
    background: var(--_paper);
    color: inherit;
    font: inherit;
    font-size: 0.8125rem;
    cursor: pointer;
  }
  .clear:disabled {
    visibility: hidden;
  }
  .clear:hover {
    border-color: var(--_accent);
  }
  @media (forced-colors: active) {
    .ink {
      stroke: CanvasText;
    }
  }
`;
