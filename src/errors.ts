/**
 * All errors that Inkling throws on purpose. Each message ends with the remedy.
 */

/* eslint-disable @typescript-eslint/class-literal-property-style -- a static field would be assigned, and `name` cannot be */

/** Consoles show an error's class name, which minifiers change, so each class has a getter of it. */
const NAME = 'name' as string; // TypeScript would refuse the literal: it takes it for a field

/** The base class of all of Inkling's errors; `code` is stable and machine-readable. */
export class InklingError extends Error {
  /** @internal */
  static get [NAME](): string {
    return 'InklingError';
  }

  /** A stable identifier of the error's class, e.g. `'graph'`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The graph cannot be built: shapes, dtypes or names that do not fit. */
export class GraphError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'GraphError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('graph', message, options);
  }
}

/** A call has an invalid argument or comes at the wrong time. */
export class UsageError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'UsageError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** A value fed to a placeholder is missing, unknown, or of the wrong shape, dtype or content. */
export class FeedError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'FeedError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('feed', message, options);
  }
}

/** A file or data set is damaged, truncated, hostile, or does not fit. */
export class DataError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'DataError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('data', message, options);
  }
}

/** A loss, gradient or weight became non-finite; the weights of the step before are restored. */
export class NumericsError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'NumericsError';
  }

  /** The step (counted from 1) in which the value became non-finite. */
  readonly step: number;
  /** The tensor that became non-finite. */
  readonly tensor: string;

  constructor(step: number, tensor: string, options?: ErrorOptions) {
    super(
      'numerics',
      `'${tensor}' turned non-finite at step ${step}. The weights of step ${step - 1} are kept. ` +
        `Lower the learning rate, or look for infinite or huge values in the data.`,
      options,
    );
    this.step = step;
    this.tensor = tensor;
  }
}

/** The device was lost, is out of memory, or lacks a required feature. */
export class DeviceError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'DeviceError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('device', message, options);
  }
}

/** A shader does not compile on this device. */
export class ShaderError extends InklingError {
  /** @internal */
  static get [NAME](): string {
    return 'ShaderError';
  }

  /** The kernel whose source does not compile. */
  readonly kernel: string;
  /** The line of `source` (counted from 1) that the device reports. */
  readonly line: number;
  /** The whole WGSL source that the device got. */
  readonly source: string;

  constructor(kernel: string, line: number, detail: string, source: string) {
    super(
      'shader',
      `Kernel '${kernel}' does not compile, line ${line}: ${detail}\n${excerpt(source, line)}\n` +
        `This is an error in Inkling or in the browser's WGSL compiler: please report it with this text; ` +
        `backend: 'cpu' works meanwhile.`,
    );
    this.kernel = kernel;
    this.line = line;
    this.source = source;
  }
}

/** The error of calls after `dispose`. */
export const disposedError = (): UsageError =>
  new UsageError('The session was disposed. Make a new one with createSession().');

/** Checks a condition that no call can break. @throws InklingError of code `internal` if it is broken. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InklingError('internal', `Internal error (please report): ${message}.`);
}

/** The lines around `line`, numbered, for an error message. */
function excerpt(source: string, line: number): string {
  const lines = source.split('\n');
  const first = Math.max(0, line - 3);
  return lines
    .slice(first, line + 2)
    .map((text, i) => `${String(first + i + 1).padStart(4)} ${first + i + 1 === line ? '>' : '|'} ${text}`)
    .join('\n');
}
