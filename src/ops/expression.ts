/**
 * Expressions of users' ops: WGSL arithmetic, parsed into a graph of Inkling's own elementwise ops on scalars. So an expression
 * has their rules for special values, and can name nothing but its operands and the functions below.
 */
import { invariant, UsageError } from '../errors.ts';
import type { MapKernel } from '../graph/op.ts';
import { wgsl, type Snippet } from '../graph/snippet.ts';
import { constant, constantValue, isConstant, placeholder } from '../graph/sources.ts';
import { createTensor, input, type Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/walk.ts';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { ceil } from './ceil.ts';
import { clip } from './clip.ts';
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from './compare.ts';
import { div } from './div.ts';
import { FLOAT, literal, unaryOp } from './elementwise.ts';
import { exp } from './exp.ts';
import { floor } from './floor.ts';
import { log } from './log.ts';
import { logicalNot } from './logical-not.ts';
import { logicalAnd, logicalOr } from './logical.ts';
import { maximum, minimum } from './maximum.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { pow } from './pow.ts';
import { reciprocal } from './reciprocal.ts';
import { sign } from './sign.ts';
import { cos, sin } from './sin.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { where } from './where.ts';

/** A parsed expression, for kernels and for checks. */
export interface Expression extends Pick<MapKernel, 'functions' | 'library'> {
  readonly code: (operands: readonly Snippet[]) => Snippet;
  /** Its value in float64. */
  readonly value: (operands: readonly number[]) => number;
}

type Build = (...operands: Tensor[]) => Tensor;

/** A function that only WGSL has. It keeps NaN. */
function builtin(name: string, js: (x: number) => number): (x: Tensor) => Tensor {
  const op = unaryOp({
    name,
    takes: FLOAT,
    functions: ['keepNan'],
    wgsl: (x) => wgsl`keepNan(${name}(${x}), ${x})`,
    js: () => js,
  });
  return (x) => createTensor(op, [x]);
}

const FUNCTIONS: Readonly<Record<string, Build>> = {
  abs,
  atan: /* @__PURE__ */ builtin('atan', Math.atan),
  ceil,
  clamp: (x: Tensor, low: Tensor, high: Tensor) => clip(x, low, high),
  cos,
  exp,
  f32: (x: Tensor) => cast(x, 'float32'),
  floor,
  fma: (a: Tensor, b: Tensor, c: Tensor) => sum(product(a, b), c),
  fract: (x: Tensor) => sub<Tensor, Tensor>(x, floor(x)),
  inverseSqrt: (x: Tensor) => reciprocal(sqrt(x)),
  log,
  max: (a: Tensor, b: Tensor) => maximum(a, b),
  min: (a: Tensor, b: Tensor) => minimum(a, b),
  mix: (a: Tensor, b: Tensor, t: Tensor) => sum(product(a, sub<number, Tensor>(1, t)), product(b, t)),
  pow: (a: Tensor, b: Tensor) => pow(a, b),
  saturate: (x: Tensor) => clip(x, 0, 1),
  select: (no: Tensor, yes: Tensor, condition: Tensor) => where(condition, yes, no),
  sign,
  sin,
  sqrt,
  step: (edge: Tensor, x: Tensor) => cast(lessEqual<Tensor, Tensor>(edge, x), 'float32'),
  tanh,
  trunc: /* @__PURE__ */ builtin('trunc', Math.trunc),
};

const sum = (a: Tensor, b: Tensor): Tensor => add<Tensor, Tensor>(a, b);
const product = (a: Tensor, b: Tensor): Tensor => mul<Tensor, Tensor>(a, b);

/** Binary operators from the loosest to the tightest. */
const OPERATORS: readonly Readonly<Record<string, Build>>[] = [
  { '||': (a: Tensor, b: Tensor) => logicalOr(a, b) },
  { '&&': (a: Tensor, b: Tensor) => logicalAnd(a, b) },
  { '==': equal, '!=': notEqual, '<': less, '<=': lessEqual, '>': greater, '>=': greaterEqual },
  { '+': add, '-': sub },
  { '*': mul, '/': div },
];

const TOKEN = /«\d+»|[A-Za-z_]\w*|\.?\d(?:e[+-]|[\w.])*|[=!<>]=|&&|\|\||\S/gi;
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?f?$/i;

class Parser {
  readonly #op: string;
  readonly #text: string;
  readonly #operands: readonly Tensor[];
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(op: string, text: string, operands: readonly Tensor[]) {
    this.#op = op;
    this.#text = text;
    this.#operands = operands;
    this.#tokens = text.match(TOKEN) ?? [];
  }

  /** The whole text, a number. */
  parse(): Tensor {
    const root = this.#binary(0);
    if (this.#token !== '') this.#fail(`${this.#here} is unexpected; give one expression`);
    if (root.dtype === 'bool') this.#fail('its value is a condition; make it a number by f32(…) or select(…)');
    return root;
  }

  get #token(): string {
    return this.#tokens[this.#at] ?? '';
  }

  get #here(): string {
    return this.#token === '' ? 'the end' : `'${this.#token}'`;
  }

  #fail(problem: string): never {
    throw new UsageError(`defineOp: \`expression\` of '${this.#op}', '${this.#text}': ${problem}.`);
  }

  #expect(token: string): void {
    if (this.#token !== token) this.#fail(`${this.#here} stands where '${token}' must; correct the expression`);
    this.#at++;
  }

  /** A sequence of operators that bind as tightly as those of `level`, or more. */
  #binary(level: number): Tensor {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let token = this.#token; Object.hasOwn(operators, token); token = this.#token) {
      this.#at++;
      left = this.#build(token, operators[token], [left, this.#binary(level + 1)]);
    }
    return left;
  }

  #unary(): Tensor {
    const token = this.#token;
    if (token !== '-' && token !== '!') return this.#primary();
    this.#at++;
    return this.#build(token, token === '-' ? neg : logicalNot, [this.#unary()]);
  }

  #primary(): Tensor {
    const token = this.#token;
    const operand = this.#operands.find(({ name }) => name === token);
    if (NUMBER.test(token)) {
      this.#at++;
      return this.#number(Number(token.replace(/f$/i, '')));
    }
    if (operand !== undefined) {
      this.#at++;
      return operand;
    }
    if (token === '(') {
      this.#at++;
      const inner = this.#binary(0);
      this.#expect(')');
      return inner;
    }
    return this.#call();
  }

  #call(): Tensor {
    const name = this.#token;
    if (!Object.hasOwn(FUNCTIONS, name)) {
      this.#fail(
        `${this.#here} is unexpected; give operands (\${x}), numbers, + - * /, comparisons, && || !, parentheses and the ` +
          `functions ${Object.keys(FUNCTIONS).join(', ')}`,
      );
    }
    const build = FUNCTIONS[name];
    this.#at++;
    this.#expect('(');
    const args = [this.#binary(0)];
    for (; this.#token === ','; args.push(this.#binary(0))) this.#at++;
    this.#expect(')');
    const count = build?.length ?? 0;
    if (args.length !== count) this.#fail(`${name} takes ${count}, not ${args.length}; give it ${count}`);
    return this.#build(name, build, args);
  }

  /** The node of an operator or a function; a number where all operands are numbers. */
  #build(symbol: string, build: Build | undefined, args: readonly Tensor[]): Tensor {
    args.forEach(({ dtype }, i) => {
      const wanted = ['&&', '||', '!'].includes(symbol) || (symbol === 'select' && i === 2) ? 'bool' : 'float32';
      if (symbol === 'f32' || dtype === wanted) return;
      const [takes, remedy] =
        wanted === 'bool' ? ['a condition', 'give a comparison'] : ['a number', 'make the condition one by f32(…)'];
      this.#fail(`'${symbol}' takes ${takes} there; ${remedy}`);
    });
    invariant(build !== undefined, `no function ${symbol}`);
    const node = build(...args);
    return args.every(isConstant) && node.dtype === 'float32' ? this.#number(valueOf(node, [], [])) : node;
  }

  #number(value: number): Tensor {
    if (!Number.isFinite(Math.fround(value)))
      this.#fail(`${value} is not a number that float32 has; give one from -3.4e38 to 3.4e38`);
    return constant(value);
  }
}

/**
 * Parses the expression that `write` makes of the texts of `count` operands.
 * @throws UsageError where it is not a text, or not an expression that is a number.
 */
export function parseExpression(op: string, write: (...operands: string[]) => unknown, count: number): Expression {
  const operands = Array.from({ length: count }, (_, i): Tensor => placeholder(`«${i + 1}»`, []));
  const text = write(...operands.map(({ name = '' }) => name));
  if (typeof text !== 'string')
    throw new UsageError(`defineOp: \`expression\` of '${op}' returns ${String(text)}; return a text of WGSL.`);
  const root = new Parser(op, text, operands).parse();
  const kernels = topologicalOrder([root]).map(({ op }) => op.kernel);
  const maps = kernels.filter((kernel) => kernel.kind === 'map');
  const libraries = maps.flatMap(({ library }) => (library === undefined ? [] : [library.functions]));
  const functions = [...new Set(maps.flatMap(({ functions = [] }) => functions))];
  return {
    code: (args) => codeOf(root, operands, args),
    value: (args) => valueOf(root, operands, args),
    functions: functions.length === 0 ? undefined : functions,
    library:
      libraries.length === 0 ? undefined : { functions: Object.assign({}, ...libraries) as Record<string, string> },
  };
}

/** The WGSL of a node. */
function codeOf(node: Tensor, operands: readonly Tensor[], args: readonly Snippet[]): Snippet {
  const { op, inputs, attrs } = node;
  const i = operands.indexOf(node);
  if (i >= 0) return input(args, i);
  if (isConstant(node)) return wgsl`${literal(constantValue(node)[0] ?? NaN, node.dtype)}`;
  invariant(op.kernel.kind === 'map', `${op.name} is not elementwise`);
  const types = inputs.map(({ dtype }) => dtype);
  const parts = inputs.map((part) => codeOf(part, operands, args));
  return wgsl`(${op.kernel.wgsl(parts, attrs, types)})`;
}

/** The value of a node, in float64. */
function valueOf(node: Tensor, operands: readonly Tensor[], args: readonly number[]): number {
  const { op, inputs, attrs } = node;
  const i = operands.indexOf(node);
  if (i >= 0) return input(args, i);
  if (isConstant(node)) return constantValue(node)[0] ?? NaN;
  invariant(op.kernel.kind === 'map', `${op.name} is not elementwise`);
  const types = inputs.map(({ dtype }) => dtype);
  return op.kernel.js(attrs, types)(...inputs.map((part) => valueOf(part, operands, args)));
}
