/**
 * Printing of the engine's objects by `String(x)`, templates and the consoles of Node and browsers, in the form
 * `Variable('W', op=variable, shape=[784, 10], dtype=float32)`.
 */

/** The method by which Node's console prints an object. */
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
 * An object that prints. Browsers' consoles show its tag, and so do V8's stack traces for its methods; a minifier removes the
 * name of the class. The tag is a full text for objects without methods, else a name.
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
 * Makes a function that copies plain objects so that they print as `text` returns. The copies have the same properties, so
 * they can be copied, compared and sent; the added methods are on the prototype.
 */
export function printedBy<T extends object>(text: (value: T) => string): (value: T) => T {
  const print = function (this: T): string {
    return text(this);
  };
  const prototype = { toString: print, [inspect]: print };
  return (value) => Object.assign(Object.create(prototype) as T, value);
}
