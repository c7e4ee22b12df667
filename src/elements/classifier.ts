/**
 * `<inkling-classifier>`: train a classifier in the page, watch it learn, draw a digit and see its prediction. It renders the
 * state of its `Trainer` and hands on clicks, strokes and attributes; nothing is computed here.
 */
import { html, LitElement, type PropertyValues } from 'lit';
import type { Images, Prediction, Sequential } from '../layers/index.ts';
import { Announcer } from './announcer.ts';
import { classifierStyles } from './classifier.styles.ts';
import { controls, header, notice } from './controls.ts';
import { setCustomStates } from './custom-states.ts';
import { define } from './define.ts';
import type { DigitPick } from './digits.ts';
import { READY, sentence, type TrainerEvent } from './events.ts';
import { attributeOf, checkOptions, defaultsFor, type ModelName, RECIPE, type TrainerOptions } from './options.ts';
import type { InklingPad, PadInput } from './pad.ts';
import { panels } from './panels.ts';
import { theme } from './theme.ts';
import { Trainer } from './trainer.ts';

/** The properties that are options of a run. */
const OPTIONS = ['data', 'model', 'weights', 'seed', 'backend', ...RECIPE] as const;

const SOFTMAX = defaultsFor('softmax');

/**
 * A classifier to train in the page.
 *
 * @fires inkling-ready - `{ backend, adapter }`, once the data set is loaded and the session is open
 * @fires inkling-progress - `{ step, steps, loss, accuracy, stepsPerSecond }`, loss and accuracy of the step's batch
 * @fires inkling-trained - `{ steps, loss, accuracy }`, the accuracy on the test set
 * @fires inkling-prediction - `{ label, index, probabilities }`
 * @fires inkling-error - `{ error }`
 * @csspart header - the title and the adapter
 * @csspart controls - the buttons and readings
 * @csspart model - the choice of a model
 * @csspart progress - the progress bar
 * @csspart notice - an error with its remedy
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

  /** The attribute `dataset` (a property of that name is HTML's own): `mnist`, or the URL of a folder of files named alike. */
  declare data: string;
  /** `softmax`, `mlp` or `cnn`; the property also takes a model of `sequential()`. Another model starts anew. */
  declare model: ModelName | Sequential;
  /** The URL of a saved classifier to begin with; it brings its model. */
  declare weights: string | undefined;
  /** Steps of a run. Default: the model's own, as for the next three; another model resets those that are not set with it. */
  declare steps: number;
  declare batchSize: number;
  /** The learning rate. With `gradientDescent` and `momentum` it is for the loss summed over the batch. */
  declare learningRate: number;
  /** `gradientDescent` (or `sgd`, its name in Keras), `momentum`, `rmsProp`, `adagrad`, `adam` or `adamW`. */
  declare optimizer: string;
  declare seed: number;
  declare backend: string;
  /** Begins training once the element is visible. */
  declare autostart: boolean;

  readonly #internals = this.attachInternals();
  readonly #trainer = new Trainer(this, (event) => this.#emit(event));
  readonly #announcer = new Announcer(this);
  readonly #warned = new Set<string>();
  #visibility: IntersectionObserver | undefined;

  constructor() {
    super();
    this.#assign(SOFTMAX);
    this.autostart = false;
  }

  /** Trains to the end of `steps`; from there, as many again. Resolves when the run has ended; errors are events. */
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

  /** Restores the untrained state. */
  reset(): Promise<void> {
    return this.#trainer.reset();
  }

  /**
   * Predicts the class of an image.
   *
   * @param image - An image of any size (a canvas, an image, a video, a bitmap, `ImageData`, a file), which is prepared like the
   * data set's; or as many values as these have, flat or nested.
   */
  classify(image: Images): Promise<Prediction> {
    return this.#trainer.classify(image);
  }

  /** Saves the classifier as a safetensors file: the model, its weights, the optimizer's state, the step. */
  save(): Promise<Uint8Array> {
    return this.#trainer.save();
  }

  /**
   * Goes on from a saved classifier, with its model; `inkling-ready` follows.
   *
   * @throws DataError for a damaged file, UsageError for a model that does not fit the data set; then nothing changes
   */
  load(bytes: Uint8Array): Promise<void> {
    return this.#trainer.restore(bytes);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Nothing is fetched before the element comes near the visible part of the page.
    this.#visibility ??= new IntersectionObserver((entries) => this.#intersect(entries), { rootMargin: '200px' });
    this.#visibility.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#visibility?.disconnect();
  }

  #intersect(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    this.#visibility?.disconnect();
    // An element that is only moved intersects again, and keeps its state.
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
    this.#warn(errors);
  }

  #assign({ dataset, ...options }: TrainerOptions): void {
    Object.assign(this, options, { data: dataset });
  }

  protected override render(): unknown {
    return html`
      ${header(this.#trainer)} ${controls(this.#trainer, this.#actions)} ${notice(this.#trainer, this.#actions)}
      <p class="visually-hidden" role="status">${this.#announcer.text}</p>
      ${panels(this.#trainer, this.#listeners)}
    `;
  }

  protected override updated(): void {
    setCustomStates(this.#internals, [this.#trainer.status]);
  }

  readonly #actions = {
    toggle: (): void => {
      if (this.#trainer.status === 'training') this.pause();
      else void this.train();
    },
    step: (): void => void this.step(),
    reset: (): void => {
      // The pressed button is removed or disabled, and would take the focus with it.
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

  readonly #listeners = {
    draw: (event: CustomEvent<PadInput>): void => {
      const { image } = event.currentTarget as InklingPad;
      if (event.detail.empty) this.#trainer.clearPrediction();
      // The trainer shows a failure itself.
      else if (this.#trainer.status !== 'error') this.#trainer.classify(image).catch(() => undefined);
    },
    pick: ({ detail }: CustomEvent<DigitPick>): void => {
      this.renderRoot.querySelector<InklingPad>('inkling-pad')?.show(detail.sample.image, this.#trainer.info.ink);
    },
  };

  #emit({ type, detail }: TrainerEvent): void {
    const text = sentence({ type, detail } as TrainerEvent, this.#trainer.history.step);
    if (text !== undefined) this.#announcer.say(text);
    // A saved classifier brings its own model.
    if (type === 'ready') this.model = this.#trainer.options.model;
    this.dispatchEvent(new CustomEvent(`inkling-${type}`, { detail, bubbles: true, composed: true }));
  }

  /** Reports invalid attributes: each once in the console, always by an event. */
  #warn(errors: readonly Error[]): void {
    for (const error of errors) {
      if (!this.#warned.has(error.message)) console.warn(`Inkling: ${error.message}`);
      this.#warned.add(error.message);
      this.#emit({ type: 'error', detail: { error } });
    }
  }

  /** @hidden */
  static override styles = [theme, classifierStyles];
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
