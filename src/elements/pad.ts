/**
 * `<inkling-pad>`: a pad to draw on by mouse, pen, finger or keyboard, read as an image or as 28 × 28 pixels like MNIST's.
 * Strokes are points shown as SVG, crisp at any zoom; pixels are made on demand.
 */
import { html, LitElement } from 'lit';
import { isList, show } from '../checks.ts';
import { UsageError } from '../index.ts';
import { define } from './define.ts';
import { padStyles } from './pad.styles.ts';
import { type InkColor, paint, paintPicture } from './paint.ts';
import { setCustomStates } from './custom-states.ts';
import { digitOf, imageOf, lightnessOf, pathOf, PEN, PIXELS, type Point, rasterize, SIDE } from './strokes.ts';
import { theme } from './theme.ts';

/** The detail of `inkling-input`. */
export interface PadInput {
  /** 28 × 28 pixels, row-major, 0 (paper) … 1 (ink). */
  readonly value: Float32Array;
  readonly empty: boolean;
}

/** A picture on the pad, with its ink and its 28 × 28 values. */
interface Shown {
  readonly image: ImageData;
  readonly ink: InkColor;
  readonly value: Float32Array;
}

/** The distance an arrow key moves the pen. */
const STRIDE = 14;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * A pad to draw on.
 *
 * @fires inkling-input - `PadInput`, at most once a frame, when the drawing changes.
 * @csspart pad - the square to draw on
 * @csspart clear - the button that clears it
 * @cssstate empty - the pad is empty
 * @cssstate drawing - a pen is down
 */
export class InklingPad extends LitElement {
  static override properties = {
    label: { type: String },
    disabled: { type: Boolean, reflect: true },
  };

  /** The pad's hint, and its name for a screen reader. */
  declare label: string;
  declare disabled: boolean;

  readonly #internals = this.attachInternals();
  #strokes: Point[][] = [];
  #picture: Shown | undefined;
  #painted: Shown | undefined;
  #value: Float32Array | undefined;
  #pointer: number | undefined;
  /** The position of the keyboard's pen, and whether it is down. */
  #pen: Point = { x: SIDE / 2, y: SIDE / 4 };
  #penDown = false;
  #frame: number | undefined;

  constructor() {
    super();
    this.label = 'Draw a digit';
    this.disabled = false;
  }

  get empty(): boolean {
    return this.#strokes.length === 0 && this.#picture === undefined;
  }

  /** The drawing as 28 × 28 pixels, fitted and centred like MNIST's; zeros for an empty pad. */
  get value(): Float32Array {
    this.#value ??=
      this.#picture?.value ?? (this.empty ? new Float32Array(PIXELS * PIXELS) : digitOf(rasterize(this.#strokes)));
    return this.#value;
  }

  /** The strokes, black on a transparent square, or the picture that is shown: an input of a classifier's `predict`. */
  get image(): ImageData {
    return this.#picture?.image ?? rasterize(this.#strokes);
  }

  clear(): void {
    this.#strokes = [];
    this.#picture = undefined;
    this.#penDown = false;
    this.#changed();
  }

  /**
   * Puts a picture on the pad; the next stroke starts a new drawing.
   *
   * @param picture - An image of any size, or 28 × 28 numbers of 0 (paper) to 1 (ink), row by row.
   * @param ink - The ink of a grey picture: `light` on dark (the default) and `dark` take the page's colours, `none` shows a
   * photograph.
   */
  show(picture: ImageData | ArrayLike<number>, ink: InkColor = 'light'): void {
    this.#strokes = [];
    if (picture instanceof ImageData) {
      this.#picture = { image: picture, ink, value: lightnessOf(picture) };
    } else {
      checkPixels(picture);
      this.#picture = { image: imageOf(picture), ink, value: Float32Array.from(picture) };
    }
    this.#changed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = this.#pointer = undefined;
  }

  protected override render(): unknown {
    return html`
      <div
        class="pad"
        part="pad"
        role="application"
        aria-roledescription="drawing pad"
        aria-label="${this.label}. Arrow keys move the pen, Space lowers or lifts it, Delete clears."
        aria-disabled=${this.disabled}
        tabindex=${this.disabled ? -1 : 0}
        @pointerdown=${this.#begin}
        @pointermove=${this.#move}
        @pointerup=${this.#end}
        @pointercancel=${this.#end}
        @lostpointercapture=${this.#end}
        @keydown=${this.#key}
        @blur=${this.#lift}
      >
        <canvas class="picture" aria-hidden="true" @transitionend=${this.#paintPicture}></canvas>
        <svg viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true">
          <path class="guide" d="M40 60V40H60M220 40H240V60M240 220V240H220M60 240H40V220" />
          <path class="ink" d=${this.#strokes.map(pathOf).join('')} stroke-width=${PEN} />
          <circle class="pen" ?data-down=${this.#penDown} cx=${this.#pen.x} cy=${this.#pen.y} r=${PEN / 2} />
        </svg>
        <span class="hint" ?hidden=${!this.empty} aria-hidden="true">${this.label}</span>
      </div>
      <button class="clear" part="clear" type="button" ?disabled=${this.empty} @click=${this.#clearAndFocus}>
        Clear
      </button>
    `;
  }

  protected override updated(): void {
    if (this.#picture !== this.#painted) this.#paintPicture();
    setCustomStates(this.#internals, [
      ...(this.empty ? ['empty'] : []),
      ...(this.#penDown || this.#pointer !== undefined ? ['drawing'] : []),
    ]);
  }

  readonly #begin = (event: PointerEvent): void => {
    // Another finger, or another button than the main one, draws nothing.
    if (this.disabled || event.button !== 0 || this.#pointer !== undefined) return;
    this.#pointer = event.pointerId;
    pad(event).setPointerCapture(event.pointerId);
    this.#startStroke(positionOf(event, pad(event)));
  };

  readonly #move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#pointer) return;
    // A fast pen moves several times a frame: the coalesced events keep its curves round.
    const moves = event.getCoalescedEvents();
    for (const move of moves.length > 0 ? moves : [event]) this.#strokes.at(-1)?.push(positionOf(move, pad(event)));
    this.#changed();
  };

  readonly #end = (event: PointerEvent): void => {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = undefined;
    this.requestUpdate();
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (this.disabled || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      this.#pen = { x: clampToPad(this.#pen.x + arrow.x * STRIDE), y: clampToPad(this.#pen.y + arrow.y * STRIDE) };
      if (this.#penDown) this.#strokes.at(-1)?.push(this.#pen);
      this.#changed(this.#penDown);
    } else if (event.key === ' ') {
      this.#penDown = !this.#penDown;
      if (this.#penDown) this.#startStroke(this.#pen);
      this.requestUpdate();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
  };

  readonly #lift = (): void => {
    this.#penDown = false;
    this.requestUpdate();
  };

  readonly #clearAndFocus = (): void => {
    this.clear();
    this.renderRoot.querySelector<HTMLElement>('.pad')?.focus({ preventScroll: true });
  };

  #startStroke(at: Point): void {
    this.#picture = undefined;
    this.#strokes.push([at]);
    this.#changed();
  }

  /** Renders again; a change of the `drawing` also fires `inkling-input` at the next frame. */
  #changed(drawing = true): void {
    this.requestUpdate();
    if (!drawing) return;
    this.#value = undefined;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const detail: PadInput = { value: this.value, empty: this.empty };
      this.dispatchEvent(new CustomEvent('inkling-input', { detail, bubbles: true, composed: true }));
    });
  }

  readonly #paintPicture = (): void => {
    const canvas = this.renderRoot.querySelector('canvas');
    if (canvas === null) return;
    const picture = (this.#painted = this.#picture);
    if (picture) paintPicture(canvas, picture.image, picture.ink);
    else paint(canvas, 1, 1, () => [0, 0, 0, 0]);
  };

  /** @hidden */
  static override styles = [theme, padStyles];
}

/** @throws UsageError unless `pixels` are 28 × 28 numbers. */
function checkPixels(pixels: unknown): void {
  if (isList(pixels) && pixels.length === PIXELS * PIXELS && pixels.every(Number.isFinite)) return;
  const given = isList(pixels) ? `${pixels.length} of them` : show(pixels);
  throw new UsageError(
    `show(): the pixels are ${given}; give ${PIXELS} × ${PIXELS} numbers, row by row, from 0 to 1, or ImageData.`,
  );
}

/** The element with the listeners; the event may come from an element inside it. */
function pad(event: Event): HTMLElement {
  return event.currentTarget as HTMLElement;
}

/** The position of an event in the pad's coordinates, under any scrolling, zoom or transform of the page. */
function positionOf(event: PointerEvent, element: HTMLElement): Point {
  const toScreen = element.querySelector('svg')?.getScreenCTM();
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(toScreen?.inverse());
  return { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 };
}

function clampToPad(coordinate: number): number {
  return Math.min(SIDE - PEN / 2, Math.max(PEN / 2, coordinate));
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-pad': InklingPad;
  }
}

define('inkling-pad', InklingPad);
