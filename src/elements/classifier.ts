/**
 * `<inkling-classifier>`: train a classifier in the page, watch it learn, draw a digit and see what it makes of it.
 * It renders what its `Trainer` knows and hands on clicks, strokes and attributes; nothing is computed here.
 */
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Images, Prediction, Sequential } from '../layers/index.ts';
import { Announcer } from './announcer.ts';
import './chart.ts';
import { classifierStyles } from './classifier.styles.ts';
import { controls, header, notice } from './controls.ts';
import { define } from './define.ts';
import './digits.ts';
import type { DigitPick } from './digits.ts';
import { READY, sentence, type TrainerEvent } from './events.ts';
import './filters.ts';
import { DIGITS, formatPercent } from './format.ts';
import { attributeOf, checkOptions, defaultsFor, type ModelName, RECIPE, type TrainerOptions } from './options.ts';
import './pad.ts';
import type { InklingPad, PadInput } from './pad.ts';
import './probabilities.ts';
import { setStates } from './states.ts';
import { theme } from './theme.ts';
import { Trainer } from './trainer.ts';

/** The properties that are options of a run. */
const OPTIONS = ['data', 'model', 'weights', 'seed', 'backend', ...RECIPE] as const;

const SOFTMAX = defaultsFor('softmax');

const CAPTIONS = {
  classes: 'blue speaks for the digit, red against it',
  units: 'of the first units, each on the whole image: blue excites, red inhibits',
  filters: 'the filters of the first layer, as large as what they look at: blue excites, red inhibits',
};

/**
 * A classifier to train in the page.
 *
 * @fires inkling-ready - `{ backend, adapter }`: data and session are there
 * @fires inkling-progress - `{ step, steps, loss, accuracy, stepsPerSecond }`, loss and accuracy of the step's batch
 * @fires inkling-trained - `{ steps, loss, accuracy }`, the accuracy on the test set
 * @fires inkling-prediction - `{ label, index, probabilities }`
 * @fires inkling-error - `{ error }`
 * @csspart header - the title and where it runs
 * @csspart controls - the buttons and readings
 * @csspart model - the choice of a model
 * @csspart progress - the progress bar
 * @csspart notice - what went wrong and what to do
 * @csspart panel - each of the four panels
 * @cssstate idle
 * @cssstate loading
 * @cssstate ready
 * @cssstate training
 * @cssstate paused
 * @cssstate trained
 * @cssstate error
 * @cssprop --inkling-ink - text; likewise --inkling-muted, -paper, -sunken, -rule
 * @cssprop --inkling-accent - the main button, curves, the likeliest class; --inkling-on-accent is text on it
 * @cssprop --inkling-positive - weights above zero; likewise --inkling-zero, --inkling-negative
 * @cssprop --inkling-wrong - the marks of wrong digits and of errors; --inkling-on-wrong is text on it
 */
export class InklingClassifier extends LitElement {
  static override properties = {
    data: { type: String, attribute: 'dataset' },
    model: { type: String },
    weights: { type: String },
    steps: { type: Number },
    batchSize: { type: Number, attribute: 'batch-size' },
    learningRate: { type: Number, attribute: 'learning-rate' },
    optimizer: { type: String },
    seed: { type: Number },
    backend: { type: String },
    autostart: { type: Boolean },
  };

  /** The attribute `dataset` (a property of that name is HTML's own): `mnist`, or the URL of a folder of such files. */
  declare data: string;
  /** `softmax`, `mlp` or `cnn`; as a property also what `sequential()` returns. Another model starts anew. */
  declare model: ModelName | Sequential;
  /** The URL of a saved classifier to begin with; its model is taken. */
  declare weights: string | undefined;
  /**
   * The model decides these, where they are left out; a model that is set later brings its own again, but for those that are
   * set along with it.
   */
  declare steps: number;
  declare batchSize: number;
  /** For the loss summed over the batch, where it matters: with `gradientDescent` and `momentum`. */
  declare learningRate: number;
  declare optimizer: string;
  declare seed: number;
  declare backend: string;
  /** Whether training begins by itself once the element is seen. */
  declare autostart: boolean;

  readonly #internals = this.attachInternals();
  readonly #trainer = new Trainer(this, (event) => this.#tell(event));
  readonly #announcer = new Announcer(this);
  readonly #complaints = new Set<string>();
  #sight: IntersectionObserver | undefined;

  constructor() {
    super();
    this.#assign(SOFTMAX);
    this.autostart = false;
  }

  /** Trains to the end of `steps`; once there, as many again. Resolves when the run has ended; errors are events. */
  train(): Promise<void> {
    return this.#trainer.train();
  }

  pause(): void {
    this.#trainer.pause();
  }

  resume(): Promise<void> {
    return this.#trainer.resume();
  }

  /** Trains a single step. */
  step(): Promise<void> {
    return this.#trainer.makeStep();
  }

  /** Back to the untrained state. */
  reset(): Promise<void> {
    return this.#trainer.reset();
  }

  /**
   * Which class a picture belongs to.
   *
   * @param image a picture of any size (a canvas, an image, a video, a bitmap, `ImageData`, a file), made like the data set's
   * images; or as many values as these have, flat or nested
   */
  classify(image: Images): Promise<Prediction> {
    return this.#trainer.classify(image);
  }

  /** The classifier as a safetensors file: the model, its weights, the optimizer's state, the step. */
  save(): Promise<Uint8Array> {
    return this.#trainer.save();
  }

  /**
   * Goes on from a saved classifier, with its model; `inkling-ready` tells when it is there.
   *
   * @throws DataError for a damaged file, UsageError where its model does not fit the data set; then all stays as it was
   */
  load(bytes: Uint8Array): Promise<void> {
    return this.#trainer.restore(bytes);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Nothing is fetched before the element comes near the visible part of the page.
    this.#sight ??= new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: '200px' });
    this.#sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sight?.disconnect();
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    this.#sight?.disconnect();
    // What is only moved is seen again, and left alone.
    if (this.#trainer.status === 'idle') void (this.autostart ? this.train() : this.#trainer.load());
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!OPTIONS.some((name) => changed.has(name))) return;
    const given = Object.fromEntries(OPTIONS.map((name) => [name, this[name] as unknown]));
    const isSet = (name: (typeof RECIPE)[number]): boolean =>
      this.hasUpdated ? changed.has(name) : this.hasAttribute(attributeOf(name)) || this[name] !== SOFTMAX[name];
    if (changed.has('model')) for (const name of RECIPE) if (!isSet(name)) given[name] = undefined;
    const { options, errors } = checkOptions({ ...given, dataset: this.data });
    this.#assign(options);
    this.#trainer.configure(options);
    this.#complain(errors);
  }

  #assign({ dataset, ...options }: TrainerOptions): void {
    Object.assign(this, options, { data: dataset });
  }

  protected override render(): unknown {
    return html`
      ${header(this.#trainer)} ${controls(this.#trainer, this.#actions)} ${notice(this.#trainer, this.#actions)}
      <p class="visually-hidden" role="status">${this.#announcer.text}</p>
      <div class="panels">${this.#curves()} ${this.#filters()} ${this.#drawing()} ${this.#digits()}</div>
    `;
  }

  protected override updated(): void {
    setStates(this.#internals, [this.#trainer.status]);
  }

  #curves(): unknown {
    const { points, goal } = this.#trainer.measured;
    return html`<section part="panel" class="curves" aria-labelledby="curves">
      <h3 id="curves" class="visually-hidden">Learning curves</h3>
      <inkling-chart .points=${points} .steps=${goal}></inkling-chart>
    </section>`;
  }

  #filters(): unknown {
    const { view, labels } = this.#trainer;
    if (view === null) return nothing;
    return html`<section part="panel" class="filters" aria-labelledby="filters">
      <h3 id="filters">Weights <small>${CAPTIONS[view?.of ?? 'classes']}</small></h3>
      <inkling-filters
        .weights=${view?.weights}
        .labels=${view?.labels ?? labels}
        .width=${view?.width ?? 28}
      ></inkling-filters>
    </section>`;
  }

  #drawing(): unknown {
    const { prediction, labels, drawable } = this.#trainer;
    const what = labels.every((label) => DIGITS.includes(label)) ? 'digit' : 'picture';
    return html`<section part="panel" class="drawing" aria-labelledby="drawing">
      <h3 id="drawing">Your ${what} <small>${this.#verdict()}</small></h3>
      <div class="try">
        <inkling-pad
          .label=${drawable ? `Draw a ${what}` : 'Nothing to draw: this data set has no pictures'}
          ?disabled=${!drawable}
          @inkling-input=${this.#drawn}
        ></inkling-pad>
        <inkling-probabilities .values=${prediction?.probabilities} .labels=${labels}></inkling-probabilities>
      </div>
    </section>`;
  }

  #digits(): unknown {
    const { labels, measured, ink } = this.#trainer;
    const { samples } = measured;
    return html`<section part="panel" class="digits" aria-labelledby="digits">
      <h3 id="digits">Test images <small>${verdictOn(samples)}</small></h3>
      <inkling-digits .samples=${samples} .labels=${labels} .ink=${ink} @inkling-pick=${this.#picked}></inkling-digits>
    </section>`;
  }

  #verdict(): string {
    const { prediction, measured, drawable } = this.#trainer;
    if (!drawable) return 'the rows of this data set are no pictures';
    if (prediction === undefined) return 'draw one, or pick a test image';
    if (measured.step === 0) return 'untrained: it can only guess';
    return `looks like ${prediction.label}, ${formatPercent(prediction.probabilities[prediction.index] ?? 0)}`;
  }

  readonly #actions = {
    toggle: (): void => {
      if (this.#trainer.status === 'training') this.pause();
      else void this.train();
    },
    step: (): void => void this.step(),
    reset: (): void => {
      // The button that was pressed goes or is disabled, and would take the focus with it.
      this.renderRoot.querySelector<HTMLElement>('.main')?.focus();
      void this.reset().then(() => {
        if (this.#trainer.status === 'ready') this.#announcer.say(READY);
      });
    },
    choose: (model: ModelName): void => {
      this.model = model;
      this.weights = undefined;
    },
  };

  readonly #drawn = (event: CustomEvent<PadInput>): void => {
    const { image } = event.currentTarget as InklingPad;
    if (event.detail.empty) this.#trainer.clearPrediction();
    // A failure is shown by the trainer already.
    else if (this.#trainer.status !== 'error') this.#trainer.classify(image).catch(() => undefined);
  };

  readonly #picked = ({ detail }: CustomEvent<DigitPick>): void => {
    this.renderRoot.querySelector<InklingPad>('inkling-pad')?.show(detail.sample.image, this.#trainer.ink);
  };

  #tell({ type, detail }: TrainerEvent): void {
    const text = sentence({ type, detail } as TrainerEvent, this.#trainer.measured.step);
    if (text !== undefined) this.#announcer.say(text);
    // A saved classifier brings its own.
    if (type === 'ready') this.model = this.#trainer.options.model;
    this.dispatchEvent(new CustomEvent(`inkling-${type}`, { detail, bubbles: true, composed: true }));
  }

  /** Tells of attributes that cannot be used: each once in the console, always by an event. */
  #complain(errors: readonly Error[]): void {
    for (const error of errors) {
      if (!this.#complaints.has(error.message)) console.warn(`Inkling: ${error.message}`);
      this.#complaints.add(error.message);
      this.#tell({ type: 'error', detail: { error } });
    }
  }

  /** @hidden */
  static override styles = [theme, classifierStyles];
}

function verdictOn(samples: readonly { readonly label: number; readonly predicted?: number }[]): string {
  const judged = samples.filter((sample) => sample.predicted !== undefined);
  if (judged.length === 0) return 'never trained on';
  const right = judged.filter((sample) => sample.predicted === sample.label).length;
  return `${right} of ${judged.length} recognised; wrong ones first`;
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-classifier': InklingClassifier;
  }
  interface HTMLElementEventMap {
    'inkling-ready': CustomEvent<Extract<TrainerEvent, { type: 'ready' }>['detail']>;
    'inkling-progress': CustomEvent<Extract<TrainerEvent, { type: 'progress' }>['detail']>;
    'inkling-trained': CustomEvent<Extract<TrainerEvent, { type: 'trained' }>['detail']>;
    'inkling-prediction': CustomEvent<Prediction>;
    'inkling-error': CustomEvent<Extract<TrainerEvent, { type: 'error' }>['detail']>;
  }
}

define('inkling-classifier', InklingClassifier);
