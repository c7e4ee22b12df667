/**
 * Shapes in types, checked by `tsc`: results of ops, refused programs, and programs that must be accepted.
 */
import {
  add,
  argMax,
  argMin,
  batchMatmul,
  cast,
  clip,
  constant,
  elu,
  equal,
  expandDims,
  flatten,
  gather,
  gradientDescent,
  gradients,
  greater,
  log,
  logicalAnd,
  matmul,
  mod,
  mul,
  neg,
  oneHot,
  placeholder,
  randomNormal,
  randomUniform,
  range,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  reverse,
  sigmoidCrossEntropy,
  slice,
  softmax,
  softmaxCrossEntropy,
  squeeze,
  topK,
  transpose,
  unstack,
  variable,
  where,
  zeros,
  type Dim,
  type Operand,
  type Placeholder,
  type Shape,
  type Tensor,
  type Variable,
} from 'inkling';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Compiles where the tensor's shape is known to be exactly `S`. */
function shaped<S extends Shape>(): <T>(tensor: T, same: Same<ShapeOf<T>, S>) => void {
  return () => undefined;
}

type ShapeOf<T> = T extends Tensor<infer S> ? S : never;

// The codelab.
const x = placeholder('x', [null, 784]);
const W = variable('W', zeros([784, 10]));
const b = variable('b', zeros([10]));
const y = softmax(add(matmul(x, W), b));
const y_ = placeholder('y_', [null, 10]);
const crossEntropy = neg(reduceSum(mul(y_, log(y))));
gradientDescent(0.01).minimize(crossEntropy, { variables: [W, b] });
shaped<[null, 784]>()(x, true);
shaped<[784, 10]>()(W, true);
shaped<[null, 10]>()(y, true);
shaped<[]>()(crossEntropy, true);
shaped<[null]>()(argMax(y, 1), true);
shaped<[]>()(reduceMean(cast(equal(argMax(y, 1), argMax(y_, 1)), 'float32')), true);
shaped<[null]>()(softmaxCrossEntropy(y, y_), true);

// Products.
shaped<[784, 784]>()(matmul(W, W, { transposeB: true }), true);
shaped<[10, 10]>()(matmul(W, W, { transposeA: true }), true);
shaped<[10, null]>()(matmul(W, x, { transposeA: true, transposeB: true }), true);
// @ts-expect-error 784 columns against 10 rows
matmul(x, variable('V', zeros([10, 784])));
// @ts-expect-error 10 columns against 784 rows
matmul(x, W, { transposeB: true });
// @ts-expect-error a vector is no matrix
matmul(x, b);
// @ts-expect-error a vector is no matrix
matmul(b, W);

// Broadcasting.
shaped<[null, 10]>()(add(y, b), true);
shaped<[null, 10]>()(add(b, y), true);
shaped<[null, 10]>()(mul(y, 2), true);
shaped<[null, 10]>()(mul(2, y), true);
shaped<[7, 3]>()(add(placeholder('column', [7, 1]), placeholder('row', [3])), true);
shaped<[3, 10]>()(add(y, placeholder('three', [3, 1])), true);
shaped<[null, 784]>()(where(greater(x, 0), x, 0), true);
shaped<[null, 784]>()(clip(x, 0, 1), true);
// @ts-expect-error 784 and 10
add(x, b);
// @ts-expect-error 784 and 10
greater(x, b);
// @ts-expect-error labels of 784
softmaxCrossEntropy(y, x);
// @ts-expect-error labels of one axis
softmaxCrossEntropy(y, b);

// Reductions and shapes.
const images = placeholder('images', [null, 28, 28, 1]);
shaped<[null]>()(reduceSum(images, { axis: [1, 2, 3] }), true);
shaped<[null, 1]>()(reduceSum(images, { axis: [-2, 1] }), true);
shaped<[null, 28, 28, 1]>()(reduceMax(images, { axis: -1, keepDims: true }), true);
shaped<[1, 1]>()(reduceMean(x, { keepDims: true }), true);
shaped<[null, 28, 28]>()(squeeze(images, -1), true);
shaped<[null, Dim]>()(flatten(images), true);
shaped<[null, 28, 28]>()(reshape(x, [null, 28, 28]), true);
shaped<[Dim, 4]>()(reshape(x, [-1, 4]), true);
shaped<[10, 784]>()(transpose(W), true);
shaped<[1, null, 28, 28]>()(transpose(images, [3, 0, 1, 2]), true);
shaped<[null, 784, 1]>()(expandDims(x, -1), true);
shaped<[null, 1, 784]>()(expandDims(x, 1), true);
shaped<[Dim, 5]>()(slice(x, [0, 3], [-1, 5]), true);
const ids = placeholder('ids', [null], 'int32');
shaped<[null, 10]>()(oneHot(ids, 10), true);

// Ops of one shape, of rows and of batches.
shaped<[null, 784]>()(elu(mod(x, 2)), true);
shaped<[null, 784]>()(reverse(x, 1), true);
shaped<[null]>()(argMin(y, 1), true);
shaped<[null, 3]>()(topK(y, 3).indices, true);
shaped<[784]>()(unstack(variable('two', zeros([2, 784])))[0] ?? variable('one', zeros([784])), true);
shaped<[null, 10]>()(logicalAnd(greater(y, 0), greater(b, 0)), true);
shaped<[null, 10]>()(sigmoidCrossEntropy(y, y_), true);
shaped<[number]>()(range(0, 3), true);
shaped<[2, 3]>()(randomUniform([2, 3], { name: 'u' }), true);
shaped<[null, 784]>()(randomNormal(x, { name: 'n' }), true);
const queries = placeholder('queries', [null, 8, 5, 16]);
shaped<[null, 8, 5, 5]>()(batchMatmul(queries, queries, { transposeB: true }), true);
shaped<[null, 8, 5, 7]>()(batchMatmul(queries, variable('projection', zeros([16, 7]))), true);
// @ts-expect-error -- Labels have the shape of the logits.
sigmoidCrossEntropy(y, variable('labels', zeros([3, 9])));
// @ts-expect-error -- Truth values broadcast like numbers.
logicalAnd(greater(y, 0), greater(variable('v', zeros([9])), 0));
shaped<[null, 10]>()(gather(W, ids), true);
shaped<[]>()(constant(3), true);
shaped<[2, 2]>()(constant([1, 2, 3, 4], [2, 2]), true);

// Any tensor is a Tensor; unknown shapes fit everywhere.
const plain: readonly Tensor[] = [x, W, b, y, crossEntropy, constant([1, 2])];
let h: Tensor = x;
const H = variable('H', zeros([784, 784]));
for (let i = 0; i < 3; i++) h = relu(matmul(h, H));
shaped<[Dim, 10]>()(matmul(h, W), true);
shaped<Shape>()(add(h, b), true);
gradients(crossEntropy, [W, b]).map((gradient) => add(gradient, W));
for (const tensor of plain) matmul(tensor, W);

// Sizes decided at run time.
const sizes: number[] = [784, 300, 10];
let hidden: Tensor = x;
for (const [i, units] of sizes.slice(1).entries()) {
  const weights = variable(`W${i}`, zeros([sizes[i] ?? 1, units]));
  shaped<[number, number]>()(weights, true);
  hidden = add(matmul(hidden, weights), variable(`b${i}`, zeros([units])));
}
const anyShape: Variable<number[]> = variable('any', zeros(sizes));
add(anyShape, placeholder('also any', sizes));
const units = sizes.length;
shaped<[null, number]>()(matmul(x, variable('some', zeros([784, units]))), true);

// Functions over shapes and operands.
export function dense<S extends Shape>(input: Tensor<S>, weights: Variable, bias: Operand): Tensor {
  return relu(add(matmul<Shape, Shape>(input, weights), bias));
}
export const described: (input: Placeholder | Variable) => Shape = ({ shape }) => shape;

// @ts-expect-error a shape is not for changing
x.shape[1] = 3;
