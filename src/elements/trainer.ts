/**
 * Training as a Lit controller without DOM: its status, its history, and the actions of the buttons. `load` opens a job and
 * `train` pulls reports from it. A run is paused by not pulling. Leaving the document closes everything.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { DeviceError, NumericsError, UsageError } from '../index.ts';
import type { Images, Prediction } from '../layers/index.ts';
import type { Status, TrainerEvent } from './events.ts';
import { DIGITS } from './format.ts';
import { samplesOf, TrainingHistory } from './history.ts';
import { type ClassifierInfo, Job, type WeightView } from './job.ts';
import { batchSizeFor, defaultsFor, needsNewJob, type TrainerOptions } from './options.ts';
import { RunControl } from './run-control.ts';

/** Reads of the weights a second, at most. */
const REFRESHES_PER_SECOND = 12;

export class Trainer implements ReactiveController {
  status: Status = 'idle';
  /** The loaded share of the data set, 0…1. */
  loaded = 0;
  history = new TrainingHistory(0, []);
  /** The first layer's weights as images: `undefined` before they are read, `null` where they are not images. */
  view: WeightView | null | undefined;
  info: ClassifierInfo = { labels: DIGITS, ink: 'light', drawable: true };
  prediction: Prediction | undefined;
  error: Error | undefined;

  readonly #host: ReactiveControllerHost;
  readonly #emit: (event: TrainerEvent) => void;
  #options: TrainerOptions = defaultsFor('softmax');
  #connected = false;
  /** Aborted when the job closes: on leaving the document, on a failure, on options that need another session. */
  #lifetime = new AbortController();
  #job: Promise<Job> | undefined;
  #run: Promise<void> | undefined;
  #control: RunControl | undefined;
  /** The last call of {@link makeStep}: steps are made one after the other. */
  #steps: Promise<void> = Promise.resolve();
  #refreshedAt = -Infinity;
  /** The row of the drawn or picked image: its prediction follows the weights. */
  #row: Float32Array | undefined;
  /** Calls of {@link classify} and {@link clearPrediction}: a later one overtakes an earlier one. */
  #request = 0;

  constructor(host: ReactiveControllerHost, emit: (event: TrainerEvent) => void) {
    this.#host = host;
    this.#emit = emit;
    host.addController(this);
  }

  /** The options in use: as configured, or of the model in a saved classifier. */
  get options(): TrainerOptions {
    return this.#options;
  }

  /** True while a run is under way, or waits for the data. */
  get running(): boolean {
    return this.#run !== undefined;
  }

  hostConnected(): void {
    this.#connected = true;
  }

  /** An element that is only moved comes back within the tick, and keeps training. */
  hostDisconnected(): void {
    this.#connected = false;
    setTimeout(() => {
      if (!this.#connected) this.#close('idle');
    });
  }

  /** Sets the options of the next run. Another data set, model, file, optimizer, seed or backend opens another job. */
  configure(options: TrainerOptions): void {
    const before = this.#options;
    this.#options = options;
    if (options.steps > this.history.step) this.history.goal = options.steps;
    if (!needsNewJob(before, options) || (this.#job === undefined && this.status !== 'error')) return;
    this.#close('idle');
    void this.load();
  }

  /** Fetches the data set and makes a session. Failures become the state `error`; the promise never rejects. */
  async load(): Promise<void> {
    await this.#opened().catch(() => undefined);
  }

  /** Trains to the goal; where it is reached, as many steps again. Resolves when the run has ended, even by an error. */
  train(): Promise<void> {
    if (this.#control?.resume()) this.#setStatus('training');
    this.#host.requestUpdate(); // Where the data is still loading, the button shows that the click was taken.
    return (this.#run ??= this.#start());
  }

  pause(): void {
    if (this.status !== 'training') return;
    this.#control?.pause();
    this.#setStatus('paused');
  }

  resume(): Promise<void> {
    return this.status === 'paused' ? this.train() : Promise.resolve();
  }

  /** Trains a single step; a run under way ends first. */
  makeStep(): Promise<void> {
    return (this.#steps = this.#steps.then(async () => {
      await this.#stop();
      await (this.#run ??= this.#start(1));
    }));
  }

  /** Restores the initial weights of the same seed. */
  async reset(): Promise<void> {
    await this.#stop();
    const lifetime = this.#lifetime.signal;
    try {
      const job = await this.#opened();
      await job.classifier.session.reset();
      this.#clearHistory();
      await this.#syncStep(job, lifetime);
      this.#setStatus('ready');
    } catch (error) {
      if (!lifetime.aborted) this.#fail(error);
    }
  }

  /** The classifier and the state of its training, as a file. */
  async save(): Promise<Uint8Array> {
    return (await this.#opened()).classifier.save();
  }

  /** Goes on from a saved classifier; a run under way ends. Rejects for one that cannot be used, and then changes nothing. */
  async restore(bytes: Uint8Array): Promise<void> {
    const lifetime = this.#lifetime.signal;
    const job = await this.#opened();
    const saved = await job.openSaved(bytes, this.#options);
    await this.#stop();
    if (lifetime.aborted) saved.classifier.dispose();
    lifetime.throwIfAborted();
    await job.use(saved);
    await this.#attach(job, lifetime);
  }

  /** Predicts the class of an image. Rejects where no session can be opened. */
  async classify(image: Images): Promise<Prediction> {
    const request = ++this.#request;
    const job = await this.#opened();
    const row = await job.rowOf(image);
    if (request === this.#request) this.#row = row;
    try {
      return await this.#predict(job, row);
    } catch (error) {
      if (error instanceof DeviceError) this.#fail(error);
      throw error;
    }
  }

  clearPrediction(): void {
    this.#request++;
    this.#row = this.prediction = undefined;
    this.#host.requestUpdate();
  }

  #opened(): Promise<Job> {
    return (this.#job ??= this.#open(this.#lifetime.signal));
  }

  async #open(lifetime: AbortSignal): Promise<Job> {
    this.loaded = 0;
    this.#setStatus('loading');
    try {
      const onLoaded = (share: number): void => {
        this.loaded = share;
        this.#host.requestUpdate();
      };
      const job = await Job.open(this.#options, onLoaded, lifetime);
      try {
        await this.#attach(job, lifetime);
      } catch (error) {
        job.dispose();
        throw error;
      }
      return job;
    } catch (error) {
      if (!lifetime.aborted) this.#fail(error, true);
      throw error;
    }
  }

  /** Shows a job's classifier, new or from a file. */
  async #attach(job: Job, lifetime: AbortSignal): Promise<void> {
    const { backend, adapter } = (this.info = job.info);
    if (job.options.model !== this.#options.model) this.#options = job.options;
    this.history = new TrainingHistory(this.#options.steps, samplesOf(job.test));
    await this.#syncStep(job, lifetime);
    this.#setStatus('ready');
    this.#emit({ type: 'ready', detail: { backend, adapter } });
  }

  /** Takes over the session's step, that of a saved classifier or 0, and refreshes the view. */
  async #syncStep(job: Job, lifetime: AbortSignal): Promise<void> {
    const { history } = this;
    history.step = job.classifier.session.step;
    history.goal = Math.max(history.step, this.#options.steps);
    await this.#refresh(job, lifetime, true);
  }

  async #start(count?: number): Promise<void> {
    const control = (this.#control = new RunControl());
    try {
      const job = await this.#opened();
      control.signal.throwIfAborted();
      await this.#pull(job, count, control);
    } catch (error) {
      if (!control.signal.aborted) this.#fail(error);
    } finally {
      if (this.#control === control) this.#run = this.#control = undefined;
    }
  }

  async #pull(job: Job, count: number | undefined, control: RunControl): Promise<void> {
    const options = this.#options;
    const { history } = this;
    const { signal } = control;
    if (count !== undefined) history.goal = Math.max(history.goal, history.step + count);
    else if (history.step >= history.goal) history.goal = history.step + options.steps;
    this.#setStatus('training');
    for await (const report of job.run(count ?? history.goal - history.step, options, signal)) {
      const detail = { ...history.addReport(report), steps: history.goal };
      this.#host.requestUpdate();
      this.#emit({ type: 'progress', detail });
      await this.#refresh(job, signal);
      await control.checkpoint();
    }
    await this.#refresh(job, signal, true);
    if (history.step < history.goal) {
      this.#setStatus('paused');
      return;
    }
    this.#setStatus('trained');
    const { step: steps, report, testAccuracy = NaN } = history;
    this.#emit({ type: 'trained', detail: { steps, loss: report?.loss ?? NaN, accuracy: testAccuracy } });
  }

  /** Updates weight images, prediction and test accuracy to the session's step: now and then, and at the `end` of a run. */
  async #refresh(job: Job, signal: AbortSignal, end = false): Promise<void> {
    const { history } = this;
    const { steps } = this.#options;
    const batchSize = batchSizeFor(this.#options, job.train.size);
    // A test is the forward half of as many images, which is a third of the work.
    const test = history.testDue(job.test.size / batchSize / 3, end);
    if (!end && !test && performance.now() - this.#refreshedAt < 1000 / REFRESHES_PER_SECOND) return;
    this.#refreshedAt = performance.now();
    const [view, result] = await Promise.all([
      job.readWeights(),
      test ? job.evaluate(signal) : undefined,
      this.#row && this.#predict(job, this.#row),
    ]);
    signal.throwIfAborted();
    this.view = view;
    if (result !== undefined) history.addTest(result, steps);
    this.#host.requestUpdate();
  }

  async #predict(job: Job, row: Float32Array): Promise<Prediction> {
    const prediction = await job.classify(row);
    if (this.#row !== row) return prediction;
    this.prediction = prediction;
    this.#host.requestUpdate();
    this.#emit({ type: 'prediction', detail: prediction });
    return prediction;
  }

  /** Ends a run at a step boundary. */
  async #stop(): Promise<void> {
    this.#control?.stop(new UsageError('Another call ended the run. Call train() again.'));
    await this.#run;
  }

  /** Shows and emits an error, once; `close` closes the job, unless training can go on with it. */
  #fail(reason: unknown, close = !(reason instanceof NumericsError || reason instanceof UsageError)): void {
    if (reason === this.error) return;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    if (close) this.#close('error');
    else this.#setStatus('error');
    this.error = error;
    this.#emit({ type: 'error', detail: { error } });
  }

  /** Stops the run and closes the job. The next call opens another. */
  #close(status: Status): void {
    const job = this.#job;
    this.#lifetime.abort();
    this.#control?.stop();
    this.#lifetime = new AbortController();
    this.#job = this.#run = this.#control = undefined;
    job?.then(
      (opened) => opened.dispose(),
      () => undefined,
    );
    if (status === 'idle') this.#clearHistory();
    this.#setStatus(status);
  }

  #clearHistory(): void {
    this.#refreshedAt = -Infinity;
    this.history = new TrainingHistory(this.#options.steps, this.history.samples);
    this.prediction = undefined;
  }

  #setStatus(status: Status): void {
    this.status = status;
    this.error = undefined;
    this.#host.requestUpdate();
  }
}
