/** `<inkling-probabilities>`: the probability of each class as a bar, the likeliest one marked. */
import { css, html, LitElement, type PropertyValues } from 'lit';
import { define } from './define.ts';
import { DIGITS, formatPercent } from './format.ts';
import { theme } from './theme.ts';

/**
 * Bars of class probabilities.
 *
 * @csspart row - one class: its name, bar and number
 * @csspart bar - the filled part of a bar
 * @cssprop --inkling-accent - the likeliest class
 */
export class InklingProbabilities extends LitElement {
  static override properties = {
    values: { attribute: false },
    labels: { attribute: false },
    label: { type: String },
  };

  /** A probability for each class; `undefined` leaves the bars empty. */
  declare values: ArrayLike<number> | undefined;
  declare labels: readonly string[];
  /** The list's name for a screen reader. */
  declare label: string;

  constructor() {
    super();
    this.labels = DIGITS;
    this.label = 'Probabilities';
  }

  /** The likeliest class, or -1 where none stands out. */
  #best = -1;

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const values = this.labels.map((_, i) => share(this.values?.[i]));
    const most = Math.max(...values);
    this.#best = most > 1.5 / Math.max(1, values.length) ? values.indexOf(most) : -1;
  }

  protected override render(): unknown {
    return html`<div class="list" role="list" aria-label=${this.label}>
      ${this.labels.map((label, i) => this.#row(label, i))}
    </div>`;
  }

  #row(label: string, i: number): unknown {
    const value = this.values === undefined ? undefined : share(this.values[i]);
    const text = value === undefined ? '–' : formatPercent(value);
    return html`<div part="row" class="row" role="listitem" ?data-best=${i === this.#best}>
      <span class="name" aria-hidden="true">${label}</span>
      <span
        class="track"
        role="meter"
        aria-label=${label}
        aria-valuemin="0"
        aria-valuemax="1"
        aria-valuenow=${(value ?? 0).toFixed(4)}
        aria-valuetext=${value === undefined ? 'no prediction yet' : text}
      >
        <span class="bar" part="bar"></span>
      </span>
      <span class="number" aria-hidden="true">${text}</span>
    </div>`;
  }

  /** Sets the bars through CSSOM: a strict page forbids `style` attributes, which Lit's `styleMap` begins with. */
  protected override updated(): void {
    this.renderRoot.querySelectorAll<HTMLElement>('.bar').forEach((bar, i) => {
      bar.style.transform = `scaleX(${share(this.values?.[i])})`;
    });
  }

  /** @hidden */
  static override styles = [
    theme,
    css`
      .list {
        display: flex;
        flex-direction: column;
        justify-content: space-between;
        gap: 0.25rem;
        block-size: 100%;
      }
      .row {
        display: grid;
        grid-template-columns: minmax(1.25rem, auto) 1fr 3.5rem;
        align-items: center;
        gap: 0.5rem;
        min-block-size: 1.375rem;
        color: var(--_muted);
        font-size: 0.8125rem;
      }
      .name {
        color: var(--_ink);
        font: 1.0625rem/1 var(--_serif);
        overflow-wrap: anywhere;
      }
      .track {
        block-size: 0.875rem;
        overflow: hidden;
        border-radius: 1px;
        background: var(--_sunken);
        box-shadow: inset 0 -1px var(--_rule);
      }
      .bar {
        display: block;
        block-size: 100%;
        background: var(--_muted);
        transform-origin: left;
      }
      .bar:dir(rtl) {
        transform-origin: right;
      }
      .number {
        text-align: end;
      }
      [data-best] .name,
      [data-best] .number {
        color: var(--_accent);
        font-weight: 700;
      }
      [data-best] .bar {
        background: var(--_accent);
      }
      @media (prefers-reduced-motion: no-preference) {
        .bar {
          transition: transform 120ms ease-out;
        }
      }
      @media (forced-colors: active) {
        .track {
          border: 1px solid CanvasText;
        }
        .bar {
          background: CanvasText;
          forced-color-adjust: none;
        }
        [data-best] .bar {
          background: Highlight;
        }
      }
    `,
  ];
}

/** A probability as a share of the bar, clamped to 0…1; NaN is 0. */
function share(value: number | undefined): number {
  return Math.min(1, Math.max(0, value ?? 0)) || 0;
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-probabilities': InklingProbabilities;
  }
}

define('inkling-probabilities', InklingProbabilities);
