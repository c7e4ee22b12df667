/** Styles of `<inkling-chart>`: two plots side by side, one below the other where it is narrow. */
import { css } from 'lit';

export const chartStyles = css`
  :host {
    container-type: inline-size;
  }
  .panels {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 1.25rem 2.25rem;
  }
  @container (max-width: 34rem) {
    .panels {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  figure {
    min-inline-size: 0;
    margin: 0;
  }
  figcaption {
    display: flex;
    align-items: baseline;
    gap: 0.625rem;
    margin-block-end: 0.25rem;
  }
  .title {
    font: 600 1.0625rem/1.3 var(--_serif);
  }
  .legend {
    flex: 1;
    overflow: hidden;
    color: var(--_muted);
    font: italic 0.875rem/1.3 var(--_serif);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .reading {
    color: var(--_accent);
    font-size: 1.0625rem;
    font-weight: 600;
  }
  .plot {
    position: relative;
    overflow: hidden;
  }
  svg {
    display: block;
    direction: ltr;
  }
  .empty {
    position: absolute;
    inset: 0 0 1.5rem 2.5rem;
    display: grid;
    place-items: center;
    margin: 0;
    color: var(--_muted);
    font: italic 1rem/1 var(--_serif);
  }
  text {
    fill: var(--_muted);
    font: 11px var(--_sans);
  }
  .x {
    text-anchor: middle;
  }
  .y {
    text-anchor: end;
  }
  line {
    stroke: var(--_rule);
    shape-rendering: crispEdges;
  }
  .grid {
    stroke-dasharray: 1 3;
  }
  .base {
    stroke: var(--_muted);
  }
  path {
    fill: none;
    stroke: var(--_accent);
    stroke-linejoin: round;
  }
  .faint {
    stroke-width: 1;
    opacity: 0.45;
  }
  .bold {
    stroke-width: 2;
  }
  .dot {
    fill: var(--_paper);
    stroke: var(--_accent);
    stroke-width: 1.5;
  }
  .last {
    fill: var(--_accent);
  }
  details {
    margin-block-start: 0.5rem;
    color: var(--_muted);
    font-size: 0.8125rem;
  }
  summary {
    inline-size: fit-content;
    padding-block: 0.25rem;
    cursor: pointer;
  }
  table {
    inline-size: 100%;
    max-inline-size: 30rem;
    border-collapse: collapse;
    color: var(--_ink);
  }
  :is(th, td) {
    padding: 0.125rem 0.5rem 0.125rem 0;
    border-block-end: 1px solid var(--_rule);
    font-weight: 400;
    text-align: end;
  }
  @media (forced-colors: active) {
    path,
    .dot {
      stroke: CanvasText;
    }
    .last,
    text {
      fill: CanvasText;
    }
  }
`;
