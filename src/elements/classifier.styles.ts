/** Styles of `<inkling-classifier>`: four panels under a row of controls, laid out by the element's width, not the page's. */
import { css } from 'lit';

export const classifierStyles = css`
  :host {
    container-type: inline-size;
    padding: clamp(1rem, 4cqi, 2rem);
    border: 1px solid var(--_rule);
    border-radius: calc(2 * var(--_radius));
    background: var(--_paper);
  }
  h2,
  h3,
  p,
  dl,
  dd {
    margin: 0;
    font: inherit;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 0.25rem 1.5rem;
    margin-block-end: 1.25rem;
  }
  h2 {
    font: 600 1.5rem/1.25 var(--_serif);
    text-wrap: balance;
  }
  h3 {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.75rem;
    margin-block-end: 0.875rem;
    padding-block-start: 0.625rem;
    border-block-start: 1px solid var(--_ink);
    font: 600 1.125rem/1.4 var(--_serif);
  }
  :is(h2, h3) small {
    color: var(--_muted);
    font: italic 400 1rem/1.4 var(--_serif);
  }
  .badge {
    color: var(--_muted);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }
  .badge b {
    color: var(--_ink);
    font-weight: 600;
  }

  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 1rem 2rem;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  button,
  select {
    min-block-size: 2.75rem;
    padding: 0 1.125rem;
    border: 1px solid var(--_rule);
    border-radius: var(--_radius);
    background: transparent;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  :is(button, select):hover:enabled {
    border-color: var(--_accent);
  }
  select {
    max-inline-size: 100%;
    padding-inline: 0.75rem;
    background: var(--_paper);
  }
  button:disabled {
    color: var(--_muted);
    cursor: default;
  }
  .main {
    min-inline-size: 8.5rem;
    border-color: transparent;
    background: var(--_accent);
    color: var(--_on-accent);
    font-weight: 600;
  }
  .main:hover[aria-disabled='false'] {
    background: color-mix(in oklab, var(--_accent), var(--_ink) 18%);
  }
  .main[aria-disabled='true'] {
    background: var(--_sunken);
    color: var(--_muted);
    cursor: default;
  }
  dl {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 2.25rem;
  }
  dt {
    color: var(--_muted);
    font-size: 0.8125rem;
    line-height: 1.3;
  }
  dd {
    min-inline-size: 4.5rem;
    font-size: 1.25rem;
    line-height: 1.3;
  }
  dd small {
    color: var(--_muted);
    font-size: 0.8125rem;
  }

  progress {
    display: block;
    inline-size: 100%;
    block-size: 0.375rem;
    margin-block: 1.25rem 2rem;
    appearance: none;
    border: 0;
    border-radius: 1px;
    background: var(--_sunken);
    color: var(--_accent);
  }
  progress::-webkit-progress-bar {
    border-radius: 1px;
    background: var(--_sunken);
    box-shadow: inset 0 -1px var(--_rule);
  }
  progress::-webkit-progress-value {
    border-radius: 1px;
    background: var(--_accent);
  }
  progress::-moz-progress-bar {
    background: var(--_accent);
  }

  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.75rem 1.5rem;
    margin-block-end: 1.5rem;
    padding: 0.75rem 1rem;
    border-inline-start: 3px solid var(--_accent);
    background: var(--_sunken);
    overflow-wrap: anywhere;
  }
  .notice.error {
    border-color: var(--_wrong);
  }
  .notice p {
    flex: 1 1 20rem;
  }

  inkling-chart::part(panel) {
    padding-block-start: 0.625rem;
    border-block-start: 1px solid var(--_ink);
  }

  .panels {
    display: grid;
    gap: 2.25rem;
  }
  section {
    min-inline-size: 0;
  }
  .try {
    display: grid;
    grid-template-columns: minmax(8rem, 19rem) minmax(10rem, 1fr);
    gap: 1.25rem;
  }
  @container (max-width: 30rem) {
    /* On a line of its own, whatever its length: the pad below must not move under the pen. */
    h3 small {
      flex-basis: 100%;
    }
  }
  @container (max-width: 26rem) {
    .try {
      grid-template-columns: minmax(0, 1fr);
    }
    .buttons {
      inline-size: 100%;
    }
    .main,
    label {
      flex: 1 1 100%;
    }
    select {
      inline-size: 100%;
    }
    dl {
      display: grid;
      grid-template-columns: 1fr 1fr;
      inline-size: 100%;
      gap: 0.625rem 1rem;
    }
  }
  @container (min-width: 56rem) {
    .panels {
      grid-template-columns: 1fr 1fr;
      gap: 2.25rem;
    }
    .curves,
    .filters {
      grid-column: 1 / -1;
    }
  }
  @media (forced-colors: active) {
    .main {
      border-color: ButtonText;
    }
    progress,
    progress::-webkit-progress-bar {
      border: 1px solid CanvasText;
      background: Canvas;
      forced-color-adjust: none;
    }
    progress::-webkit-progress-value {
      background: CanvasText;
    }
  }
  @media print {
    .buttons {
      display: none;
    }
  }
`;
