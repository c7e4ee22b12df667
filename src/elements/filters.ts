/**
 * `<inkling-filters>`: the weights of each class as an image. Blue pixels speak for the class, red ones against it. All classes
 * share one symmetric scale, so colours can be compared.
 */
import { css, html, LitElement } from 'lit';
import { define } from './define.ts';
import { DIGITS, formatNumber } from './format.ts';
import { diverging, paint, rgbOf } from './paint.ts';
import { theme } from './theme.ts';

/**
 * Weight images: blue is positive, red is negative.
 *
 * @csspart filter - an image with its class below
 * @csspart scale - the legend
 * @cssprop --inkling-positive - the colour of the largest weight
 * @cssprop --inkling-zero - the colour of no weight
 * @cssprop --inkling-negative - the colour of the largest negative weight
 */
export class InklingFilters extends LitElement {
  static override properties = {
    weights: { attribute: false },
    labels: { attribute: false },
    width: { type: Number },
  };

  /** Weights `[pixels, classes]`, row-major, like the variable `W` of a softmax regression. */
  declare weights: ArrayLike<number> | undefined;
  declare labels: readonly string[];
  /** Pixels in a row of an image. */
  declare width: number;

  constructor() {
    super();
    this.labels = DIGITS;
    this.width = 28;
  }

  #scale = 0;

  protected override willUpdate(): void {
    this.#scale = scaleOf(this.weights);
  }

  protected override render(): unknown {
    const scale = this.#scale;
    return html`
      <div class="list" role="list" aria-label="Weights of each class">
        ${this.labels.map(
          (label) =>
            html`<div part="filter" role="listitem">
              <canvas role="img" aria-label="Weights of ${label}" @transitionend=${this.#paint}></canvas>
              <span aria-hidden="true">${label}</span>
            </div>`,
        )}
      </div>
      <p part="scale" class="scale" ?data-blank=${scale === 0}>
        <span>−${formatNumber(scale)}<span class="words"> against</span></span>
        <span class="ramp" aria-hidden="true"></span>
        <span><span class="words">for </span>+${formatNumber(scale)}</span>
      </p>
    `;
  }

  protected override updated(): void {
    this.#paint();
  }

  readonly #paint = (): void => {
    const weights = this.weights;
    const classes = this.labels.length;
    const height = Math.floor((weights?.length ?? this.width * this.width * classes) / classes / this.width);
    const scale = this.#scale || 1;
    const canvases = this.renderRoot.querySelectorAll('canvas');
    const [first] = canvases;
    if (first === undefined) return;
    const style = getComputedStyle(first);
    const ends = [rgbOf(style.outlineColor), rgbOf(style.backgroundColor), rgbOf(style.color)] as const;
    canvases.forEach((canvas, k) =>
      paint(canvas, this.width, height, (i) => [...diverging((weights?.[i * classes + k] ?? 0) / scale, ...ends), 255]),
    );
  };

  /** @hidden */
  static override styles = [
    theme,
    css`
      :host {
        container-type: inline-size;
      }
      .list {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(3.25rem, 1fr));
        gap: 0.75rem 0.625rem;
        margin: 0;
        padding: 0;
      }
      @container (max-width: 40rem) {
        .list {
          grid-template-columns: repeat(5, 1fr);
        }
      }
      [role='listitem'] {
        display: grid;
        gap: 0.25rem;
        color: var(--_ink);
        font: 1.0625rem/1.2 var(--_serif);
        text-align: center;
        overflow-wrap: anywhere;
      }
      canvas {
        inline-size: 100%;
        aspect-ratio: 1;
        border-radius: var(--_radius);
        /* The three colours of the pictures, for #paint to read. */
        color: var(--_positive);
        background-color: var(--_zero);
        outline: 0 solid var(--_negative);
        box-shadow: 0 0 0 1px var(--_rule);
        transition:
          color 1ms,
          background-color 1ms,
          outline-color 1ms;
        image-rendering: pixelated;
        forced-color-adjust: none;
      }
      .scale {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 0.625rem;
        margin: 0.75rem 0 0;
        color: var(--_muted);
        font-size: 0.8125rem;
        direction: ltr;
      }
      .scale[data-blank] {
        visibility: hidden;
      }
      .ramp {
        inline-size: min(10rem, 30cqi);
        block-size: 0.5rem;
        border-radius: 1px;
        background: linear-gradient(to right, var(--_negative), var(--_zero), var(--_positive));
        forced-color-adjust: none;
      }
    `,
  ];
}

/**
 * The magnitude of full colour: all but one weight in 200 are below it, so a single large one does not pale the others. Weights
 * that are not finite do not count.
 */
function scaleOf(weights: ArrayLike<number> | undefined): number {
  const sizes = Float32Array.from(weights ?? [], Math.abs)
    .filter(Number.isFinite)
    .sort();
  return sizes[Math.floor(sizes.length * 0.995)] ?? 0;
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-filters': InklingFilters;
  }
}

define('inkling-filters', InklingFilters);
