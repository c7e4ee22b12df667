/** Translator of the functions of a WGSL module into JavaScript, from wgsl_reflect's syntax tree; wgsl-in-js.ts calls it. */

export interface Type {
  readonly name: string;
  readonly format?: Type | null;
  readonly count?: number;
}

/** A node of wgsl_reflect's syntax tree. Its kind decides which of these members it has. */
export interface Node {
  readonly astNodeType?: string;
  readonly name: string;
  readonly operator: string;
  readonly type: Type | null;
  readonly storage?: string | null;
  readonly attributes: readonly { readonly name: string; readonly value: string | readonly string[] }[] | null;
  readonly args: readonly Node[] | null;
  readonly returnType: Type | null;
  readonly body: readonly Statement[];
  readonly value: (Node & { readonly data: ArrayLike<number> }) | null;
  readonly variable: Node;
  readonly left: Node;
  readonly right: Node;
  readonly condition: Node;
  readonly elseif: readonly Node[];
  readonly else: readonly Statement[] | null;
  readonly init: Node | null;
  readonly increment: Node | null;
  readonly initializer: Node;
  readonly postfix: (Omit<Node, 'value'> & { readonly index?: Node; readonly value?: string }) | null;
}
type Statement = Node | readonly Statement[];

/** An expression in JavaScript, and its type in WGSL. */
interface Typed {
  readonly js: string;
  readonly type: Type;
}
interface Variable extends Typed {
  /** Marks memory that invocations share: an access is a call. */
  readonly shared?: boolean;
}

const scalar = (name: string): Type => ({ name });
export const U32 = scalar('u32');
const [BOOL, F32] = [scalar('bool'), scalar('f32')];

/** Returns the type of an array's element or a vector's component. */
const elementOf = ({ name, format }: Type): Type =>
  format ?? scalar({ f: 'f32', u: 'u32', i: 'i32' }[name.at(-1) ?? ''] ?? 'bool');
const isVector = ({ name }: Type): boolean => name.startsWith('vec');
/** Returns the type of an operation: an integer without a suffix takes the other operand's type. */
const common = (a: Type, b: Type): Type => (a.name === 'x32' ? b : a);
/** Wraps an integer to 32 bits. */
const cut = (js: string, { name }: Type): string => (name === 'u32' ? `(${js} >>> 0)` : `(${js} | 0)`);

function arithmetic(operator: string, a: string, b: string, type: Type): string {
  if (type.name === 'f32') return `(${a} ${operator} ${b})`;
  if (type.name === 'bool') return `!!(${a} ${operator} ${b})`;
  if (operator === '*') return cut(`Math.imul(${a}, ${b})`, type);
  if (operator === '/' || operator === '%')
    return cut(`(${b} === 0 ? ${operator === '/' ? a : 0} : ${a} ${operator} ${b})`, type);
  if (operator === '>>') return type.name === 'u32' ? `(${a} >>> ${b})` : `(${a} >> ${b})`;
  return cut(`(${a} ${operator} ${b})`, type);
}

const FLOAT_FUNCTIONS = 'floor ceil round trunc sqrt sign exp log'.split(' ');
const ATOMICS: Readonly<Record<string, (value: string) => string>> = {
  atomicLoad: () => 'old',
  atomicStore: (value) => value,
  atomicMax: (value) => `Math.max(old, ${value})`,
};
const isBarrier = (name: string): boolean => name === 'workgroupBarrier' || name === 'storageBarrier';

export class Translator {
  readonly #functions: ReadonlyMap<string, Node>;
  /** Names of the functions that reach a barrier: they become generators. */
  readonly #waiting = new Set<string>();
  #scope = new Map<string, Variable>();
  #count = 0;

  constructor(functions: ReadonlyMap<string, Node>) {
    this.#functions = functions;
    for (let before = -1; before < this.#waiting.size;) {
      before = this.#waiting.size;
      for (const [name, { body }] of functions) if (this.#waits(body)) this.#waiting.add(name);
    }
  }

  #waits(node: unknown): boolean {
    if (Array.isArray(node)) return node.some((one) => this.#waits(one));
    if (typeof node !== 'object' || node === null) return false;
    const { astNodeType, name, body, elseif, else: otherwise } = node as Node;
    if (astNodeType === 'call') return isBarrier(name) || this.#waiting.has(name);
    return [body, elseif, otherwise].some((part) => this.#waits(part));
  }

  declare(name: string, type: Type, shared = false): string {
    const js = `${name}_${this.#count++}`;
    this.#scope.set(name, { js, type, shared });
    return js;
  }

  functionText({ name, args, body }: Node): string {
    const inner = this.#within(() => {
      const names = (args ?? []).map((argument) => this.declare(argument.name, argument.type ?? U32));
      return `(${names.join(', ')}) { ${this.#statements(body)} }`;
    });
    return `function${this.#waiting.has(name) || name === 'main' ? '*' : ''} ${name}${inner}`;
  }

  #within(work: () => string): string {
    const outer = this.#scope;
    this.#scope = new Map(outer);
    const text = work();
    this.#scope = outer;
    return text;
  }

  #statements = (body: readonly Statement[]): string => body.map((one) => this.#statement(one)).join('\n');
  #block = (body: readonly Statement[]): string => this.#within(() => `{ ${this.#statements(body)} }`);

  #statement(node: Statement): string {
    if (!('astNodeType' in node)) return this.#block(node as readonly Statement[]);
    switch (node.astNodeType) {
      case 'let':
      case 'var':
      case 'const':
        return this.variable(node);
      case 'assign':
        return this.#assign(
          node.variable,
          node.operator.slice(0, -1),
          node.value ? this.expression(node.value) : { js: '0', type: U32 },
        );
      case 'increment':
        return this.#assign(node.variable, node.operator.slice(1), { js: '1', type: scalar('x32') });
      case 'call':
        if (isBarrier(node.name)) return 'yield;';
        return `${this.#call(node.name, node.args ?? []).js};`;
      case 'return':
        return node.value?.astNodeType === 'createExpr' && node.value.type === null
          ? 'return;'
          : `return ${node.value ? this.expression(node.value).js : ''};`;
      case 'if':
        return [
          `if (${this.expression(node.condition).js}) ${this.#block(node.body)}`,
          ...node.elseif.map(
            ({ condition, body }) => `else if (${this.expression(condition).js}) ${this.#block(body)}`,
          ),
          ...(node.else === null ? [] : [`else ${this.#block(node.else)}`]),
        ].join(' ');
      case 'for':
        return this.#within(() => {
          const init = node.init === null ? '' : this.#statement(node.init);
          const condition = (node.condition as Node | null) === null ? '' : this.expression(node.condition).js;
          const increment = node.increment === null ? '' : this.#statement(node.increment);
          return `{ ${init} for (; ${condition}; ${increment.replace(/;$/, '')}) ${this.#block(node.body)} }`;
        });
      case 'while':
        return `while (${this.expression(node.condition).js}) ${this.#block(node.body)}`;
      case 'loop':
        return `while (true) ${this.#block(node.body)}`;
      case 'break':
        return 'break;';
      default:
        throw new Error(`There is no statement ${node.astNodeType ?? '?'} in JavaScript yet.`);
    }
  }

  /** Translates the declaration of a variable. */
  variable({ name, type, value }: Node): string {
    const initial = value === null ? undefined : this.expression(value);
    const own = type ?? initial?.type ?? U32;
    // The value first: it may be that of a variable of the same name around it.
    const text = initial === undefined ? zero(own) : `copy(${initial.js})`;
    return `let ${this.declare(name, own)} = ${text};`;
  }

  #assign(target: Node, operator: string, { js, type }: Typed): string {
    const place = this.#place(target);
    const old = place.shared ? `shared.read(${place.js})` : place.js;
    const value = operator === '' ? `copy(${js})` : arithmetic(operator, old, js, common(place.type, type));
    return place.shared ? `shared.write(${place.js}, ${value});` : `${place.js} = ${value};`;
  }

  /** Translates a reference to a variable; of shared memory, the arguments of an access. */
  #place({ name, postfix }: Node): Variable {
    const variable = this.#scope.get(name);
    if (variable === undefined) throw new Error(`${name} is not declared.`);
    const { js, type } = variable;
    if (variable.shared) {
      if (postfix?.index === undefined) throw new Error(`${name} is not indexed.`);
      const element = elementOf(type);
      return {
        js: `'${name}', ${this.expression(postfix.index).js}`,
        type: element.name === 'atomic' ? elementOf(element) : element,
        shared: true,
      };
    }
    return this.#followed({ js, type }, postfix);
  }

  /** Translates the indices, components and members that follow a value. */
  #followed({ js, type }: Typed, postfix: Node['postfix']): Typed {
    if (postfix === null) return { js, type };
    const { index, value = '', postfix: next } = postfix;
    if (index !== undefined)
      return this.#followed({ js: `${js}[${this.expression(index).js}]`, type: elementOf(type) }, next);
    if (isVector(type)) return this.#followed({ js: `${js}[${'xyzw'.indexOf(value)}]`, type: elementOf(type) }, next);
    return this.#followed({ js: `${js}.${value}`, type: U32 }, next);
  }

  expression(node: Node): Typed {
    switch (node.astNodeType) {
      case 'literalExpr': {
        const [value = 0] = Array.from(node.value?.data ?? []);
        const type = node.type ?? U32;
        return { js: type.name === 'bool' ? String(value !== 0) : `(${value})`, type };
      }
      case 'constExpr':
      case 'varExpr': {
        const { js, type, shared } = this.#place(node);
        return { js: shared ? `shared.read(${js})` : js, type };
      }
      case 'unaryOp': {
        const { js, type } = this.expression(node.right);
        const text = `(${node.operator}${js})`;
        return { js: type.name === 'bool' || type.name === 'f32' ? text : cut(text, type), type };
      }
      case 'binaryOp':
        return this.#binary(node.operator, this.expression(node.left), this.expression(node.right));
      case 'bitcastExpr': {
        const { js, type } = this.expression(node.value ?? node);
        return { js: `bitcast(${js}, '${type.name}', '${node.type?.name ?? ''}')`, type: node.type ?? U32 };
      }
      case 'createExpr':
        return this.#create(
          node.type ?? U32,
          (node.args ?? []).map((one) => this.expression(one)),
        );
      case 'callExpr':
        return this.#followed(this.#call(node.name, node.args ?? []), node.postfix);
      default:
        throw new Error(`There is no expression ${node.astNodeType ?? '?'} in JavaScript yet.`);
    }
  }

  #binary(operator: string, a: Typed, b: Typed): Typed {
    if (/^(?:==|!=)$/.test(operator)) return { js: `(${a.js} ${operator}= ${b.js})`, type: BOOL };
    if (/^(?:<|>|<=|>=|&&|\|\|)$/.test(operator)) return { js: `(${a.js} ${operator} ${b.js})`, type: BOOL };
    const type = operator === '<<' || operator === '>>' ? a.type : common(a.type, b.type);
    return { js: arithmetic(operator, a.js, b.js, type), type };
  }

  #create(type: Type, args: readonly Typed[]): Typed {
    const [{ js } = { js: '0' }] = args;
    if (type.name === 'array' || isVector(type)) {
      const list = args.map((one) => one.js).join(', ');
      return { js: args.length === 0 ? zero(type) : `[${list}]`, type };
    }
    if (type.name === 'bool') return { js: `!!${js}`, type };
    if (type.name === 'f32') return { js: `Number(${js})`, type };
    return { js: cut(`Number(${js})`, type), type };
  }

  #call(name: string, nodes: readonly Node[]): Typed {
    const atomic = ATOMICS[name];
    if (atomic !== undefined) {
      const [target, value] = nodes;
      if (target === undefined) throw new Error(`${name} of nothing`);
      const change = atomic(value === undefined ? '' : this.expression(value).js);
      return { js: `shared.atomic(${this.#place(target.right).js}, (old) => ${change})`, type: U32 };
    }
    const args = nodes.map((one) => this.expression(one));
    const list = args.map(({ js }) => js).join(', ');
    const type = args.map((one) => one.type).reduce(common, scalar('x32'));
    const own = this.#functions.get(name);
    if (own !== undefined)
      return { js: `${this.#waiting.has(name) ? 'yield* ' : ''}${name}(${list})`, type: own.returnType ?? U32 };
    const [a, b, c] = args.map(({ js }) => js);
    if (name === 'select')
      return { js: `(${c} ? ${b} : ${a})`, type: common(args[0]?.type ?? U32, args[1]?.type ?? U32) };
    if (name === 'min' || name === 'max' || name === 'abs') return { js: `Math.${name}(${list})`, type };
    if (name === 'clamp') return { js: `Math.min(Math.max(${a}, ${b}), ${c})`, type };
    if (name === 'fma') return { js: `(${a} * ${b} + ${c})`, type: F32 };
    if (name === 'countLeadingZeros') return { js: `Math.clz32(${a})`, type };
    if (name === 'unpack4x8unorm') return { js: `unpack(${list})`, type: scalar('vec4f') };
    if (name === 'fract') return { js: `(${a} - Math.floor(${a}))`, type: F32 };
    if (FLOAT_FUNCTIONS.includes(name)) return { js: `Math.${name}(${list})`, type: F32 };
    if (/^(?:f32|u32|i32|bool|vec)/.test(name)) return this.#create(scalar(name), args);
    throw new Error(`There is no function ${name} in JavaScript yet.`);
  }
}

/** Returns the initial value of a variable without an initializer. */
function zero(type: Type): string {
  if (isVector(type)) return `Array(${type.name[3]}).fill(0)`;
  if (type.name === 'array') return `Array.from({ length: ${type.count ?? 0} }, () => ${zero(elementOf(type))})`;
  return type.name === 'bool' ? 'false' : '0';
}
