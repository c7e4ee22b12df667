/**
 * `<inkling-classifier>`: train a classifier in the page, watch it learn, draw a digit and see what it makes of it.
 * It renders what its `Trainer` knows and hands on clicks, strokes and attributes; nothing is computed here.
 */
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { digitFrom } from '../data/index.ts';
import { UsageError } from '../index.ts';
import { Announcer } from './announcer.ts';
import './chart.ts';
import { classifierStyles } from './classifier.styles.ts';
import { define } from './define.ts';
import './digits.ts';
import type { DigitPick } from './digits.ts';
import { nameOf, type Prediction, sentence, type TrainerEvent } from './events.ts';
import './filters.ts';
import { formatCount, formatNumber, formatPercent } from './format.ts';
import { checkOptions, defaults, type TrainerOptions } from './options.ts';
import './pad.ts';
import type { InklingPad, PadInput } from './pad.ts';
import './probabilities.ts';
import { setStates } from './states.ts';
import { theme } from './theme.ts';
import { Trainer } from './trainer.ts';

/** The properties that are options of a run. */
const OPTIONS = ['data', 'model', 'optimizer', 'steps', 'batchSize', 'learningRate', 'seed', 'backend'] as const;

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
  /** `softmax`; `mlp`, `cnn` and models of one's own come with a later version. */
  declare model: string;
  /** The URL of a saved classifier; comes with a later version. */
  declare weights: string | undefined;
  declare steps: number;
  declare batchSize: number;
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
    this.#assign(defaults);
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
   * @param image 28 × 28 values of 0…1 as MNIST has them, or a drawing of any size
   */
  classify(image: ArrayLike<number> | ImageData | HTMLCanvasElement): Promise<Prediction> {
    const drawing = 'length' in image ? Float32Array.from(image) : digitFrom(image);
    return this.#trainer.classify(drawing);
  }

  save(): Promise<Uint8Array> {
    return Promise.reject(later('save()'));
  }

  load(_bytes: Uint8Array): Promise<void> {
    return Promise.reject(later('load()'));
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
    if (changed.has('weights') && this.weights) this.#complain([later('weights')]);
    if (!OPTIONS.some((name) => changed.has(name))) return;
    const { model, optimizer, steps, batchSize, learningRate, seed, backend } = this;
    const given = { dataset: this.data, model, optimizer, steps, batchSize, learningRate, seed, backend };
    const { options, errors } = checkOptions(given);
    this.#assign(options);
    this.#trainer.configure(options);
    this.#complain(errors);
  }

  #assign({ dataset, ...options }: TrainerOptions): void {
    Object.assign(this, options, { data: dataset });
  }

  protected override render(): unknown {
    return html`
      ${this.#header()} ${this.#controls()} ${this.#notice()}
      <p class="visually-hidden" role="status">${this.#announcer.text}</p>
      <div class="panels">${this.#curves()} ${this.#filters()} ${this.#drawing()} ${this.#digits()}</div>
    `;
  }

  protected override updated(): void {
    setStates(this.#internals, [this.#trainer.status]);
  }

  #header(): unknown {
    return html`<header part="header">
      <h2>
        Softmax regression <small>on ${this.data === 'mnist' ? 'MNIST, handwritten digits' : 'your images'}</small>
      </h2>
      <p class="badge">${this.#badge()}</p>
    </header>`;
  }

  /** What it runs on; before that, how far the data set has come. */
  #badge(): unknown {
    const { status, loaded, backend, adapter } = this.#trainer;
    if (status === 'loading') return `loading the images, ${Math.round(loaded * 100)}%`;
    if (adapter === undefined) return nothing;
    return html`<span class="visually-hidden">Runs on </span
      ><b>${backend === 'cpu' ? 'CPU' : 'WebGPU'}</b> ${nameOf(adapter)}`;
  }

  #controls(): unknown {
    const { status, step, goal, loaded, report, testAccuracy, running } = this.#trainer;
    const loading = status === 'loading';
    return html`<div class="controls" part="controls">
        <div class="buttons">
          <button class="main" type="button" ?disabled=${loading && running} @click=${this.#toggle}>
            ${this.#mainLabel()}
          </button>
          <button type="button" ?disabled=${loading} @click=${() => this.step()}>Step</button>
          <button type="button" ?disabled=${loading || step === 0} @click=${() => this.reset()}>Reset</button>
        </div>
        <dl>
          ${reading('Step', html`${formatCount(step)} <small>of ${formatCount(goal)}</small>`)}
          ${reading('Steps a second', report === undefined ? '–' : formatCount(report.stepsPerSecond))}
          ${reading('Loss', report === undefined ? '–' : formatNumber(report.loss))}
          ${reading('Test accuracy', testAccuracy === undefined ? '–' : formatPercent(testAccuracy))}
        </dl>
      </div>
      <progress
        part="progress"
        aria-label=${loading ? 'Loading the data set' : 'Training'}
        max="1"
        .value=${loading ? loaded : step / goal}
      ></progress>`;
  }

  #mainLabel(): string {
    const { status, step, goal, running, loaded } = this.#trainer;
    if (status === 'loading' && running) return `Loading ${Math.round(loaded * 100)}%`;
    if (status === 'training') return 'Pause';
    if (status === 'paused') return 'Resume';
    return step === 0 || step < goal ? 'Train' : `Train ${formatCount(this.steps)} more`;
  }

  #notice(): unknown {
    const { error, backend } = this.#trainer;
    if (error !== undefined) {
      return html`<div class="notice error" part="notice" role="alert">
        <p><b>That did not work.</b> ${error.message}</p>
        <button type="button" @click=${() => this.reset()}>Try again</button>
      </div>`;
    }
    if (backend !== 'cpu' || this.backend === 'cpu') return nothing;
    const why = globalThis.isSecureContext
      ? 'This browser offers no WebGPU here'
      : 'WebGPU needs a page from HTTPS or localhost';
    return html`<p class="notice" part="notice">${why}, so the CPU trains: slower, to the same result.</p>`;
  }

  #curves(): unknown {
    const { points, goal } = this.#trainer;
    return html`<section part="panel" class="curves" aria-labelledby="curves">
      <h3 id="curves" class="visually-hidden">Learning curves</h3>
      <inkling-chart .points=${points} .steps=${goal}></inkling-chart>
    </section>`;
  }

  #filters(): unknown {
    const { weights, labels, width } = this.#trainer;
    return html`<section part="panel" class="filters" aria-labelledby="filters">
      <h3 id="filters">Weights <small>red speaks for the digit, blue against it</small></h3>
      <inkling-filters .weights=${weights} .labels=${labels} .width=${width}></inkling-filters>
    </section>`;
  }

  #drawing(): unknown {
    const { prediction, labels } = this.#trainer;
    return html`<section part="panel" class="drawing" aria-labelledby="drawing">
      <h3 id="drawing">Your digit <small>${this.#verdict()}</small></h3>
      <div class="try">
        <inkling-pad @inkling-input=${this.#drawn}></inkling-pad>
        <inkling-probabilities .values=${prediction?.probabilities} .labels=${labels}></inkling-probabilities>
      </div>
    </section>`;
  }

  #digits(): unknown {
    const { samples, labels } = this.#trainer;
    return html`<section part="panel" class="digits" aria-labelledby="digits">
      <h3 id="digits">Test images <small>${verdictOn(samples)}</small></h3>
      <inkling-digits .samples=${samples} .labels=${labels} @inkling-pick=${this.#picked}></inkling-digits>
    </section>`;
  }

  #verdict(): string {
    const { prediction, step } = this.#trainer;
    if (prediction === undefined) return 'draw one, or pick a test image';
    if (step === 0) return 'untrained: every digit is as likely';
    return `looks like ${prediction.label}, ${formatPercent(prediction.probabilities[prediction.index] ?? 0)}`;
  }

  readonly #toggle = (): void => {
    if (this.#trainer.status === 'training') this.pause();
    else void this.train();
  };

  readonly #drawn = ({ detail }: CustomEvent<PadInput>): void => {
    if (detail.empty) this.#trainer.clearPrediction();
    // A failure is shown by the trainer already.
    else if (this.#trainer.status !== 'error') this.#trainer.classify(detail.value).catch(() => undefined);
  };

  readonly #picked = ({ detail }: CustomEvent<DigitPick>): void => {
    const { data } = detail.sample.image;
    const pixels = Float32Array.from({ length: data.length / 4 }, (_, i) => (data[i * 4] ?? 0) / 255);
    this.renderRoot.querySelector<InklingPad>('inkling-pad')?.show(pixels);
  };

  #tell({ type, detail }: TrainerEvent): void {
    const text = sentence({ type, detail } as TrainerEvent, this.#trainer.step);
    if (text !== undefined) this.#announcer.say(text);
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

  static override styles = [theme, classifierStyles];
}

function reading(name: string, value: unknown): unknown {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function verdictOn(samples: readonly { readonly label: number; readonly predicted?: number }[]): string {
  const judged = samples.filter((sample) => sample.predicted !== undefined);
  if (judged.length === 0) return 'never trained on';
  const right = judged.filter((sample) => sample.predicted === sample.label).length;
  return `${right} of ${judged.length} recognised; wrong ones first`;
}

function later(what: string): UsageError {
  return new UsageError(`${what} comes with a later version of Inkling. Train in the page for now.`);
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
