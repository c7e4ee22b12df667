/** The ledger: one test a rule, then random histories on a simulated device against a replay of all submissions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplesOf } from '../../../src/compile/plan.ts';
import { Ledger, type ConfirmedFailure, type Mark } from '../../../src/webgpu/device/ledger.ts';

const sampling = { kind: 'shuffled', batch: 10, rows: 100 } as const;
const training = { updates: ['w', 'v'], checks: ['loss', 'w'], countsStep: true, sampling };
const assigning = { updates: ['w'], checks: ['w'], countsStep: false, sampling: undefined };
const start = { step: 0, samples: 0 };

/** A ledger after submissions of so many training steps each. */
function trained(...slices: readonly number[]): Ledger {
  const ledger = new Ledger();
  ledger.expect(start, training);
  for (const steps of slices) ledger.submit(training, steps);
  return ledger;
}

describe('submit', () => {
  test('an odd number of steps changes the generation', () => {
    expect(trained(3).generation).toBe(1);
    expect(trained(3, 4, 1).generation).toBe(0);
  });

  test('counts the steps and samples of training alone', () => {
    const ledger = trained(3);
    expect(ledger.expected).toEqual({ step: 3, samples: 30, rows: 100 });
    ledger.submit(assigning, 1);
    expect(ledger.expected).toEqual({ step: 3, samples: 30, rows: 100 });
  });
});

describe('expect', () => {
  test('asks for a write where the device has another record', () => {
    const ledger = trained(3);
    expect(ledger.expect({ step: 3, samples: 30 }, training)).toBe(false);
    expect(ledger.expect({ step: 3, samples: 30 }, { ...training, sampling: { ...sampling, rows: 50 } })).toBe(true);
    expect(ledger.expect(start, training)).toBe(true);
  });

  test('keeps the rows where no step is counted', () => {
    expect(trained(3).expect({ step: 3, samples: 30 }, assigning)).toBe(false);
  });
});

describe('outOfDate', () => {
  test('names what the submission before has set and the next one does not', () => {
    const ledger = trained(1);
    expect(ledger.outOfDate(['w', 'v'])).toEqual([]);
    expect(ledger.outOfDate(['w'])).toEqual(['v']);
    ledger.submit(assigning, 1);
    expect(ledger.outOfDate(['v'])).toEqual(['w']);
  });
});

describe('confirm', () => {
  test('ends the wait for submissions before the mark, not for later ones', () => {
    const ledger = trained(2);
    const { mark } = ledger;
    ledger.submit(training, 2);
    ledger.confirm(mark);
    expect(ledger.isPending).toBe(true);
    ledger.confirm(ledger.mark);
    expect(ledger.isPending).toBe(false);
  });
});

describe('fail', () => {
  test('rolls back to the generation and counters before the failed step', () => {
    const ledger = trained(2, 3, 1);
    const { failure } = ledger.fail({ step: 4, check: 1, generation: 1 });
    expect(failure).toEqual({ step: 4, check: 'w', counters: { step: 3, samples: 30 } });
    expect(ledger).toMatchObject({ generation: 1, expected: { step: 3, samples: 30, rows: 100 }, isPending: false });
  });

  test('names the check by its number from the last', () => {
    const ledger = trained(1);
    expect(ledger.fail({ step: 1, check: 2, generation: 0 }).failure.check).toBe('loss');
  });

  test('voids the failed submission and the later ones, not the earlier one', () => {
    const ledger = trained(2);
    const good = ledger.mark;
    ledger.submit(training, 2);
    const failed = ledger.mark;
    ledger.submit(training, 2);
    const late = ledger.mark;
    const confirmed = ledger.fail({ step: 3, check: 1, generation: 0 });
    expect([good, failed, late].map((mark) => ledger.failureAt(mark))).toEqual([undefined, confirmed, confirmed]);
  });

  test('does not void submissions after it is known', () => {
    const ledger = trained(2);
    ledger.fail({ step: 1, check: 1, generation: 0 });
    ledger.submit(training, 1);
    expect(ledger.failureAt(ledger.mark)).toBeUndefined();
    ledger.confirm(ledger.mark);
    expect(ledger.expected.step).toBe(1);
  });

  test('of a submission that counts no steps leaves the counters', () => {
    const ledger = trained(2);
    ledger.confirm(ledger.mark);
    ledger.submit(assigning, 1);
    const { failure } = ledger.fail({ step: 2, check: 1, generation: 0 });
    expect(failure).toEqual({ step: 3, check: 'w', counters: { step: 2, samples: 20 } });
    expect(ledger).toMatchObject({ generation: 0, expected: { step: 2, samples: 20 } });
  });

  test('of a step that no pending submission takes is an internal error', () => {
    const ledger = trained(2);
    const beyond = { step: 3, check: 1, generation: 0 };
    expect(() => ledger.fail(beyond)).toThrow('Internal error (please report): step 3 is not pending');
  });
});

type Values = Readonly<Record<string, number>>;

/** A kind of plan. Each step sets a variable to a number that its history decides. */
const plans = { training, slow: { ...training, updates: ['v'] }, assigning };
const next = (value: number): number => (value * 31 + 7) % 10_007;

interface Submitted {
  readonly plan: (typeof plans)[keyof typeof plans];
  readonly steps: number;
  /** The number of the step of this submission that fails, from 0. */
  readonly fails: number | undefined;
  /** The number of submissions made when the outcome was known; those up to it are void with it. */
  known?: number;
}

/** The variables and the counters after all submissions, with one generation, step by step. */
function replay(history: readonly Submitted[]): {
  readonly values: Values;
  readonly step: number;
  readonly samples: number;
} {
  const values: Record<string, number> = { w: 1, v: 2 };
  let [step, samples, voidUntil] = [0, 0, 0];
  history.forEach(({ plan, steps, fails, known = history.length }, i) => {
    for (let taken = 0; taken < steps && i >= voidUntil; taken++) {
      if (taken === fails) voidUntil = known;
      else {
        for (const name of plan.updates) values[name] = next(values[name] ?? 0);
        if (plan.countsStep) [step, samples] = [step + 1, samples + samplesOf(plan)];
      }
    }
  });
  return { values, step, samples };
}

/** A device in two generations, which knows no more than shaders/step.wgsl does, and a host that goes by the ledger. */
class Simulation {
  readonly ledger = new Ledger();
  readonly history: Submitted[] = [];
  readonly #device = [
    { w: 1, v: 2 },
    { w: 1, v: 2 },
  ] as Record<string, number>[];
  /** The records in `control`. */
  #records = [
    { step: 0, failed: 0 },
    { step: 0, failed: 0 },
  ];
  readonly #readbacks: { readonly mark: Mark; readonly record: { step: number; failed: number } }[] = [];
  #kind: Submitted['plan'] = training;

  get values(): Values {
    return { ...this.#device[this.ledger.generation] };
  }

  submit(kind: keyof typeof plans, steps: number, fails: number | undefined): void {
    const plan = plans[kind];
    if (plan !== this.#kind) this.synchronize();
    this.#kind = plan;
    const { ledger } = this;
    const { step, samples } = ledger.expected;
    const taken = plan.countsStep ? steps : 1;
    if (ledger.expect({ step, samples }, plan)) this.#writeRecords();
    for (const name of ledger.outOfDate(plan.updates)) {
      const value = this.#device[ledger.generation]?.[name] ?? NaN;
      Object.assign(this.#device[1 - ledger.generation] ?? {}, { [name]: value });
    }
    for (let i = 0; i < taken; i++) this.#step(plan, (ledger.generation + i) % 2, i === fails);
    ledger.submit(plan, taken);
    this.history.push({ plan, steps: taken, fails });
    if (!plan.countsStep) this.read();
  }

  /** Encodes a readback. */
  read(): void {
    const { mark, isPending } = this.ledger;
    const record = this.#records[mark.generation];
    if (isPending && record !== undefined) this.#readbacks.push({ mark, record: { ...record } });
  }

  /** Lets the oldest readback arrive. */
  arrive(): void {
    const readback = this.#readbacks.shift();
    if (readback === undefined) return;
    const { mark, record } = readback;
    if (this.ledger.failureAt(mark) !== undefined) return;
    if (record.failed === 0) {
      this.ledger.confirm(mark);
      return;
    }
    this.#rollBack(this.ledger.fail({ step: record.step, check: record.failed >> 1, generation: record.failed & 1 }));
  }

  synchronize(): void {
    this.read();
    while (this.#readbacks.length > 0) this.arrive();
  }

  #rollBack({ from, until }: ConfirmedFailure): void {
    const failed = this.history[from - 1];
    if (failed !== undefined) failed.known = until;
    this.#writeRecords();
  }

  #writeRecords(): void {
    const { step } = this.ledger.expected;
    this.#records = [
      { step, failed: 0 },
      { step, failed: 0 },
    ];
  }

  #step(plan: Submitted['plan'], generation: number, fails: boolean): void {
    const [read = {}, write = {}] = [this.#device[generation], this.#device[1 - generation]];
    const { step = 0, failed = 0 } = this.#records[generation] ?? {};
    const counted = plan.countsStep ? step + 1 : step;
    const after = failed > 0 ? { step, failed } : { step: counted, failed: fails ? 2 + generation : 0 };
    this.#records[1 - generation] = after;
    if (failed > 0) return;
    // A step that fails has written some of its variables.
    for (const name of fails ? plan.updates.slice(1) : plan.updates) write[name] = next(read[name] ?? NaN);
  }
}

test('random histories end where a replay of all submissions ends', () => {
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom(...(['training', 'training', 'slow', 'assigning'] as const)),
        steps: fc.integer({ min: 1, max: 4 }),
        fails: fc.option(fc.nat(3), { freq: 4, nil: undefined }),
      }),
    },
    { weight: 4, arbitrary: fc.constantFrom('read' as const, 'arrive' as const) },
    { weight: 1, arbitrary: fc.constant('synchronize' as const) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const simulation = new Simulation();
      for (const command of commands) {
        if (typeof command === 'string') simulation[command]();
        else simulation.submit(command.kind, command.steps, command.fails);
      }
      simulation.synchronize();
      const { ledger, history, values } = simulation;
      const { step, samples, values: replayed } = replay(history);
      expect({ values, step: ledger.expected.step, samples: ledger.expected.samples }).toEqual({
        values: replayed,
        step,
        samples,
      });
    }),
    { numRuns: Number(process.env.RUNS ?? 1000), seed: Number(process.env.SEED ?? 1) },
  );
});
