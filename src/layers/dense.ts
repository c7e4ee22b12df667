/** A fully connected layer. */
import { checkOptions } from '../checks.ts';
import { add, GraphError, matmul, type Tensor } from '../index.ts';
import { activate, checkActivation, type Activation } from './activation.ts';
import { checkInitializer, initializer, type InitializerName } from './initializers.ts';
import { checkBoolean, checkCount, type Kind, type LayerScope } from './layer.ts';

/** Options of layers with a kernel. */
export interface KernelOptions {
  /** Default: `linear`. */
  readonly activation?: Activation | undefined;
  /** Default: true. */
  readonly useBias?: boolean | undefined;
  /** Default: `glorotUniform`. */
  readonly kernelInitializer?: InitializerName | undefined;
  /** Default: `zeros`. */
  readonly biasInitializer?: InitializerName | undefined;
}

export interface DenseOptions extends KernelOptions {
  /** The number of values in a row of the result. */
  readonly units: number;
}

type Filled<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** {@link KernelOptions} with the defaults filled in. */
export type FilledKernelOptions = Filled<KernelOptions>;

export interface DenseLayer extends FilledKernelOptions {
  readonly kind: 'dense';
  readonly units: number;
}

/**
 * A fully connected layer, activation(x · kernel + bias), as Keras' `Dense`: `[batch, n]` → `[batch, units]`.
 * @throws UsageError on an invalid option.
 */
export function dense(given: DenseOptions): DenseLayer {
  checkOptions('dense', given, '{ units: 10 }');
  const { units, ...options } = given;
  checkCount('dense', 'units', units);
  return { kind: 'dense', units, ...fillKernelOptions('dense', options) };
}

export const denseKind: Kind<DenseLayer> = {
  make: dense,
  build(x, layer, scope) {
    const [, size, ...more] = x.shape;
    if (!size || more.length > 0) throw new GraphError('dense takes rows of numbers; put flatten() before it.');
    const kernel = scope.weight('kernel', initializer(layer.kernelInitializer, [size, layer.units]));
    return addBiasAndActivate(matmul(x, kernel), layer.units, layer, scope);
  },
};

/** Checks the options and fills in the defaults. */
export function fillKernelOptions(
  kind: string,
  {
    activation = 'linear',
    useBias = true,
    kernelInitializer = 'glorotUniform',
    biasInitializer = 'zeros',
  }: KernelOptions,
): FilledKernelOptions {
  checkActivation(kind, activation);
  checkBoolean(kind, 'useBias', useBias);
  checkInitializer(kind, 'kernelInitializer', kernelInitializer);
  checkInitializer(kind, 'biasInitializer', biasInitializer);
  return { activation, useBias, kernelInitializer, biasInitializer };
}

/** Adds the bias to the product with a kernel, `[…, units]`, and applies the activation. */
export function addBiasAndActivate(
  product: Tensor,
  units: number,
  { useBias, biasInitializer, activation }: FilledKernelOptions,
  scope: LayerScope,
): Tensor {
  const biased = useBias ? add(product, scope.weight('bias', initializer(biasInitializer, [units]))) : product;
  return activate(biased, activation);
}
