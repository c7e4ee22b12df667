/**
 * `<inkling-digits>`: images of a test set with their predicted and correct classes. Wrong ones come first, marked by a cross
 * and a frame, not by colour alone. It is a list box: one tab stop, arrow keys inside, Enter to choose.
 */
import { css, html, LitElement, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { define } from './define.ts';
import { formatCount } from './format.ts';
import { type InkColor, paintPicture } from './paint.ts';
import { theme } from './theme.ts';

/** An image of the test set. */
export interface DigitSample {
  /** Pixels, as `Dataset.image(i)` returns them. */
  readonly image: ImageData;
  readonly label: number;
  /** The predicted class; left out before there is a prediction. */
  readonly predicted?: number;
}

/** The detail of `inkling-pick`. */
export interface DigitPick {
  /** The index of the sample in `samples`. */
  readonly index: number;
  readonly sample: DigitSample;
}

/**
 * A grid of samples.
 *
 * @fires inkling-pick - `DigitPick`, when a sample is chosen by click, Enter or Space
 * @csspart sample - an image with its classes below
 * @cssprop --inkling-wrong - the frame and the cross of a wrong one; --inkling-on-wrong is the cross on it
 */
export class InklingDigits extends LitElement {
  static override properties = {
    samples: { attribute: false },
    labels: { attribute: false },
    ink: { type: String },
    current: { state: true },
    chosen: { state: true },
  };

  declare samples: readonly DigitSample[];
  /** The names of the classes; default: the class ids. */
  declare labels: readonly string[] | undefined;
  /** The ink of grey images: `light` on dark (the default) and `dark` take the page's colours, `none` shows photographs. */
  declare ink: InkColor;
  /** The indices in `samples` of the tab stop and of the selection. */
  declare current: number | undefined;
  declare chosen: number | undefined;

  /** Indices in `samples`, in the order shown. */
  #order: readonly number[] = [];
  /** The sample that had the focus before the order changed. */
  #focused: HTMLElement | null = null;

  constructor() {
    super();
    this.samples = [];
    this.ink = 'light';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('samples')) return;
    this.#focused = this.renderRoot.querySelector<HTMLElement>('li:focus');
    const indices = this.samples.map((_, i) => i);
    const wrong = (i: number) => isWrong(this.samples[i]);
    this.#order = [...indices.filter(wrong), ...indices.filter((i) => !wrong(i))];
  }

  protected override render(): unknown {
    const tabStop = this.current !== undefined && this.current < this.samples.length ? this.current : this.#order[0];
    return html`<ul role="listbox" aria-label=${this.#title()}>
      ${repeat(
        this.#order,
        (i) => i,
        (i) => this.#sample(i, i === tabStop),
      )}
    </ul>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('samples') || changed.has('ink')) this.#paint();
    if (!changed.has('samples')) return;
    // A node that is moved in the document loses the focus.
    this.#focused?.focus({ preventScroll: true });
  }

  #title(): string {
    const predicted = this.samples.filter((sample) => sample.predicted !== undefined);
    const right = predicted.filter((sample) => !isWrong(sample)).length;
    if (predicted.length === 0) return `${formatCount(this.samples.length)} test images`;
    return `${formatCount(predicted.length)} test images, ${formatCount(right)} of them recognised; wrong ones first`;
  }

  #sample(i: number, tabStop: boolean): unknown {
    const sample = this.samples[i];
    if (sample === undefined) return '';
    const wrong = isWrong(sample);
    return html`<li
      part="sample"
      role="option"
      tabindex=${tabStop ? 0 : -1}
      aria-selected=${i === this.chosen}
      data-index=${i}
      ?data-wrong=${wrong}
      @click=${() => this.#pick(i)}
      @keydown=${this.#key}
    >
      <canvas aria-hidden="true" @transitionend=${this.#paint}></canvas>
      <span class="classes">${this.#classes(sample)}</span>
    </li>`;
  }

  /** Classes of a wrong sample: "6 ≠ 5" to the eye, "predicted 6 but it is 5" to a screen reader. */
  #classes(sample: DigitSample): unknown {
    const name = (id: number): string => this.labels?.[id] ?? String(id);
    if (sample.predicted === undefined) return name(sample.label);
    if (!isWrong(sample)) return html`${name(sample.label)}<span class="visually-hidden"> recognised</span>`;
    return html`<span class="visually-hidden">predicted </span><em>${name(sample.predicted)}</em
      ><span class="visually-hidden"> but it is</span> <span aria-hidden="true">≠</span> ${name(sample.label)}`;
  }

  readonly #key = (event: KeyboardEvent): void => {
    const options = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=option]')];
    const at = options.indexOf(event.currentTarget as HTMLElement);
    const columns = options.findIndex((option) => option.offsetTop !== options[0]?.offsetTop);
    const to: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + Math.max(1, columns),
      ArrowUp: at - Math.max(1, columns),
      Home: 0,
      End: options.length - 1,
    };
    const goal = to[event.key];
    const index = Number(options[goal ?? at]?.dataset.index);
    if (goal !== undefined) {
      options[goal]?.focus();
      if (options[goal] !== undefined) this.current = index;
    } else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      this.#pick(index);
    } else {
      return;
    }
    event.preventDefault();
  };

  #pick(index: number): void {
    const sample = this.samples[index];
    if (sample === undefined) return;
    this.current = this.chosen = index;
    const detail: DigitPick = { index, sample };
    this.dispatchEvent(new CustomEvent('inkling-pick', { detail, bubbles: true, composed: true }));
  }

  readonly #paint = (): void => {
    for (const option of this.renderRoot.querySelectorAll<HTMLElement>('[role=option]')) {
      const image = this.samples[Number(option.dataset.index)]?.image;
      const canvas = option.querySelector('canvas');
      if (image !== undefined && canvas !== null) paintPicture(canvas, image, this.ink);
    }
  };

  /** @hidden */
  static override styles = [
    theme,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(2.75rem, 1fr));
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        position: relative;
        padding: 2px;
        border: 1px solid var(--_rule);
        border-radius: var(--_radius);
        background: var(--_paper);
        text-align: center;
        cursor: pointer;
      }
      li:hover {
        border-color: var(--_accent);
      }
      li[aria-selected='true'] {
        border-color: var(--_accent);
        box-shadow: 0 0 0 1px var(--_accent);
      }
      canvas {
        display: block;
        inline-size: 100%;
        aspect-ratio: 1;
        color: var(--_ink);
        transition: color 1ms;
        image-rendering: pixelated;
        forced-color-adjust: none;
      }
      .classes {
        display: block;
        color: var(--_muted);
        font-size: 0.75rem;
        line-height: 1.5;
        overflow-wrap: anywhere;
      }
      [data-wrong] {
        border-style: double;
        border-width: 3px;
        border-color: var(--_wrong);
        padding: 0;
      }
      [data-wrong] .classes {
        color: var(--_ink);
      }
      em {
        font-style: normal;
        font-weight: 700;
      }
      [data-wrong]::after {
        content: '×' / '';
        position: absolute;
        inset-block-start: -0.5rem;
        inset-inline-end: -0.4375rem;
        inline-size: 1rem;
        border-radius: 50%;
        background: var(--_wrong);
        color: var(--_on-wrong);
        font: 700 0.8125rem/1rem var(--_sans);
      }
      @media (forced-colors: active) {
        li[aria-selected='true'] {
          border-color: Highlight;
        }
      }
    `,
  ];
}

function isWrong(sample: DigitSample | undefined): boolean {
  return sample?.predicted !== undefined && sample.predicted !== sample.label;
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-digits': InklingDigits;
  }
}

define('inkling-digits', InklingDigits);
