/**
 * How values print, by `String(x)`, in a template, in Node's console and in a browser's: a tensor as
 * `Variable('W', op=variable, shape=[784, 10], dtype=float32)`, and everything else of the engine in that form.
 */

/** Node's console asks an object by this symbol how it prints. */
const inspect: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

type Field = string | number | readonly (number | string | null)[];

/** `Kind('name', key=value, …)`. */
export function describe(kind: string, name: string | undefined, fields: Readonly<Record<string, Field>>): string {
  const parts = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? `[${value.map(String).join(', ')}]` : value}`,
  );
  return `${kind}(${[...(name === undefined ? [] : [`'${name}'`]), ...parts].join(', ')})`;
}

/**
 * An object that prints. Its tag is what a browser's console heads it with, and V8 the frames of its methods in a stack, since
 * class names do not survive a minifier: a text for what has no methods, else a name.
 */
export abstract class Printed {
  /** @internal */
  declare readonly [Symbol.toStringTag]: string;

  /** @internal */
  constructor(tag: string) {
    Object.defineProperty(this, Symbol.toStringTag, { value: tag });
  }

  toString(): string {
    return this[Symbol.toStringTag];
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/**
 * A function that makes plain objects print as `text` says. What it returns has the properties of what it is given, to be
 * copied, compared and sent as before: the methods are its prototype's.
 */
export function printedBy<T extends object>(text: (value: T) => string): (value: T) => T {
  const print = function (this: T): string {
    return text(this);
  };
  const prototype = { toString: print, [inspect]: print };
  return (value) => Object.assign(Object.create(prototype) as T, value);
}
