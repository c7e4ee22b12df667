/**
 * Training as a Lit controller: what state it is in, what it has measured, and the buttons' meaning. It knows no DOM, so
 * any element can render it. Its life: `load` opens a job, `train` pulls reports, not pulling is the pause, and leaving
 * the document closes all.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type AdapterDescription, DeviceError, NumericsError, type Session, UsageError } from '../index.ts';
import type { Images, Prediction } from '../layers/index.ts';
import type { Status, TrainerEvent } from './events.ts';
import { DIGITS } from './format.ts';
import { closedGate, type Gate } from './gate.ts';
import { Job, type View } from './job.ts';
import { Measured, samplesOf } from './measured.ts';
import { batchSizeFor, defaultsFor, type TrainerOptions } from './options.ts';
import type { InkColor } from './paint.ts';

/** How often the weights are looked at. */
const LOOKS_A_SECOND = 12;

export class Trainer implements ReactiveController {
  status: Status = 'idle';
  /** The loaded share of the data set, 0…1. */
  loaded = 0;
  measured = new Measured(0, []);
  /** What is to be seen of the model's weights: nothing known yet, or nothing at all. */
  view: View | null | undefined;
  labels = DIGITS;
  /** Whether grey pictures of the data set are light or dark ink, or photographs; whether a drawing can be made like them. */
  ink: InkColor = 'light';
  drawable = true;
  prediction: Prediction | undefined;
  backend: Session['backend'] | undefined;
  adapter: AdapterDescription | undefined;
  error: Error | undefined;

  readonly #host: ReactiveControllerHost;
  readonly #tell: (event: TrainerEvent) => void;
  #options: TrainerOptions = defaultsFor('softmax');
  #connected = false;
  /** Aborted when this life ends: on leaving the document, on a failure, on options that need another session. */
  #life = new AbortController();
  #job: Promise<Job> | undefined;
  #run: Promise<void> | undefined;
  #steps: Promise<void> = Promise.resolve();
  #stopRun: AbortController | undefined;
  #gate: Gate | undefined;
  #lookedAt = -Infinity;
  /** The row of the picture whose prediction is kept up to date while the weights change. */
  #picture: Float32Array | undefined;
  #turn = 0;

  constructor(host: ReactiveControllerHost, tell: (event: TrainerEvent) => void) {
    this.#host = host;
    this.#tell = tell;
    host.addController(this);
  }

  /** What is trained: as it was configured, or what a saved classifier holds. */
  get options(): TrainerOptions {
    return this.#options;
  }

  /** Whether a run is under way, or waits for the data. */
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

  /** What to train, from the next run on; another data set, model, file, optimizer, seed or backend starts anew. */
  configure(options: TrainerOptions): void {
    const before = this.#options;
    this.#options = options;
    if (options.steps > this.measured.step) this.measured.goal = options.steps;
    const anew = (['dataset', 'model', 'weights', 'optimizer', 'seed', 'backend'] as const).some(
      (key) => before[key] !== options[key],
    );
    if (!anew || (this.#job === undefined && this.status !== 'error')) return;
    this.#close('idle');
    void this.load();
  }

  /** Fetches the data set and makes a session. Failures become the state `error`; the promise never rejects. */
  async load(): Promise<void> {
    await this.#opened().catch(() => undefined);
  }

  /** Trains to the goal; where it is reached, as many steps again. Resolves when the run has ended, however it did. */
  train(): Promise<void> {
    if (this.#gate !== undefined) {
      this.#openGate();
      this.#become('training');
    }
    this.#host.requestUpdate(); // Where the data is still loading, the button shows that the click was taken.
    return (this.#run ??= this.#start());
  }

  pause(): void {
    if (this.status !== 'training') return;
    this.#gate = closedGate();
    this.#become('paused');
  }

  resume(): Promise<void> {
    return this.status === 'paused' ? this.train() : Promise.resolve();
  }

  /** One step, from wherever it stands; a run under way ends there. */
  makeStep(): Promise<void> {
    return (this.#steps = this.#steps.then(async () => {
      await this.#halt();
      await (this.#run ??= this.#start(1));
    }));
  }

  /** Back to the initial weights of the same seed. */
  async reset(): Promise<void> {
    await this.#halt();
    const life = this.#life.signal;
    try {
      const job = await this.#opened();
      await job.classifier.session.reset();
      this.#forget();
      await this.#adopt(job, life);
      this.#become('ready');
    } catch (error) {
      if (!life.aborted) this.#fail(error);
    }
  }

  /** The classifier and where its training stands, as a file. */
  async save(): Promise<Uint8Array> {
    return (await this.#opened()).classifier.save();
  }

  /** Goes on from a saved classifier; a run under way ends. Rejects where it cannot be used, and leaves all as it was. */
  async restore(bytes: Uint8Array): Promise<void> {
    const life = this.#life.signal;
    const job = await this.#opened();
    const made = await job.read(bytes, this.#options);
    await this.#halt();
    if (life.aborted) made.classifier.dispose();
    life.throwIfAborted();
    await job.use(made);
    await this.#settle(job, life);
  }

  /** Which class a picture belongs to. Rejects where there is no session to ask. */
  async classify(image: Images): Promise<Prediction> {
    const turn = ++this.#turn;
    const job = await this.#opened();
    const row = await job.rowOf(image);
    // A newer picture, or none, may have taken its place in the meantime.
    if (turn === this.#turn) this.#picture = row;
    try {
      return await this.#predict(job, row);
    } catch (error) {
      if (error instanceof DeviceError) this.#fail(error);
      throw error;
    }
  }

  /** There is nothing to classify any more. */
  clearPrediction(): void {
    this.#turn++;
    this.#picture = this.prediction = undefined;
    this.#host.requestUpdate();
  }

  #opened(): Promise<Job> {
    return (this.#job ??= this.#open(this.#life.signal));
  }

  async #open(life: AbortSignal): Promise<Job> {
    this.loaded = 0;
    this.#become('loading');
    try {
      const onLoaded = (share: number): void => {
        this.loaded = share;
        this.#host.requestUpdate();
      };
      const job = await Job.open(this.#options, onLoaded, life);
      try {
        await this.#settle(job, life);
      } catch (error) {
        job.dispose();
        throw error;
      }
      return job;
    } catch (error) {
      if (!life.aborted) this.#fail(error, true);
      throw error;
    }
  }

  async #settle(job: Job, life: AbortSignal): Promise<void> {
    const { train, test, classifier } = job;
    const { backend, adapter } = classifier.session;
    if (job.options.model !== this.#options.model) this.#options = job.options;
    this.backend = backend;
    this.adapter = adapter;
    this.labels = train.classes;
    this.ink = classifier.images?.ink ?? 'none';
    this.drawable = classifier.images !== null;
    this.measured = new Measured(this.#options.steps, samplesOf(test));
    await this.#adopt(job, life);
    this.#become('ready');
    this.#tell({ type: 'ready', detail: { backend, adapter } });
  }

  /** Shows a classifier as it is: untrained, or as it was saved. */
  async #adopt(job: Job, life: AbortSignal): Promise<void> {
    const { measured } = this;
    measured.step = job.classifier.session.step;
    measured.goal = Math.max(measured.step, this.#options.steps);
    await this.#look(job, life, true);
  }

  async #start(count?: number): Promise<void> {
    const stop = (this.#stopRun = new AbortController());
    try {
      const job = await this.#opened();
      stop.signal.throwIfAborted();
      await this.#pull(job, count, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) this.#fail(error);
    } finally {
      if (this.#stopRun === stop) this.#run = this.#stopRun = this.#gate = undefined;
    }
  }

  async #pull(job: Job, count: number | undefined, signal: AbortSignal): Promise<void> {
    const options = this.#options;
    const { measured } = this;
    if (count !== undefined) measured.goal = Math.max(measured.goal, measured.step + count);
    else if (measured.step >= measured.goal) measured.goal = measured.step + options.steps;
    this.#become('training');
    for await (const report of job.run(count ?? measured.goal - measured.step, options, signal)) {
      const detail = { ...measured.note(report), steps: measured.goal };
      this.#host.requestUpdate();
      this.#tell({ type: 'progress', detail });
      await this.#look(job, signal);
      await this.#gate?.promise;
      signal.throwIfAborted();
    }
    await this.#look(job, signal, true);
    if (measured.step < measured.goal) {
      this.#become('paused');
      return;
    }
    this.#become('trained');
    const { step: steps, report, testAccuracy = NaN } = measured;
    this.#tell({ type: 'trained', detail: { steps, loss: report?.loss ?? NaN, accuracy: testAccuracy } });
  }

  /** Brings the pictures and the test up to the step at which the session stands: now and then, and at the `end`. */
  async #look(job: Job, signal: AbortSignal, end = false): Promise<void> {
    const { measured } = this;
    const { steps } = this.#options;
    const batchSize = batchSizeFor(this.#options, job.train.size);
    // A test is the forward half of as many images, which is a third of the work.
    const test = measured.testDue(job.test.size / batchSize / 3, end);
    if (!end && !test && performance.now() - this.#lookedAt < 1000 / LOOKS_A_SECOND) return;
    this.#lookedAt = performance.now();
    const [view, judged] = await Promise.all([
      job.look(),
      test ? job.judge(signal) : undefined,
      this.#picture && this.#predict(job, this.#picture),
    ]);
    signal.throwIfAborted();
    this.view = view;
    if (judged !== undefined) measured.tested(judged, steps);
    this.#host.requestUpdate();
  }

  async #predict(job: Job, row: Float32Array): Promise<Prediction> {
    const prediction = await job.classify(row);
    if (this.#picture !== row) return prediction;
    this.prediction = prediction;
    this.#host.requestUpdate();
    this.#tell({ type: 'prediction', detail: prediction });
    return prediction;
  }

  /** Ends a run at a step boundary. */
  async #halt(): Promise<void> {
    this.#stopRun?.abort(new UsageError('The run was ended by another call. Call train() again.'));
    this.#openGate();
    await this.#run;
  }

  #openGate(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Shows and tells an error, once; `close` where nothing is left to go on with. */
  #fail(reason: unknown, close = !(reason instanceof NumericsError || reason instanceof UsageError)): void {
    if (reason === this.error) return;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    if (close) this.#close('error');
    else this.#become('error');
    this.error = error;
    this.#tell({ type: 'error', detail: { error } });
  }

  /** Ends this life: what is under way stops, what was opened is closed. The next call begins another. */
  #close(status: Status): void {
    const job = this.#job;
    this.#life.abort();
    this.#stopRun?.abort();
    this.#openGate();
    this.#life = new AbortController();
    this.#job = this.#run = this.#stopRun = undefined;
    job?.then(
      (opened) => opened.dispose(),
      () => undefined,
    );
    if (status === 'idle') this.#forget();
    this.#become(status);
  }

  #forget(): void {
    this.#lookedAt = -Infinity;
    this.measured = new Measured(this.#options.steps, this.measured.samples);
    this.prediction = undefined;
  }

  #become(status: Status): void {
    this.status = status;
    this.error = undefined;
    this.#host.requestUpdate();
  }
}
