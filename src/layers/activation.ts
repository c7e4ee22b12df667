/** Activations by name: as an option of a layer, and as a layer of its own. */
import { gelu, leakyRelu, relu, sigmoid, softmax, softplus, tanh, type Tensor } from '../index.ts';
import { checkName, type Kind } from './layer.ts';

type Apply = (x: Tensor) => Tensor;

const activations = {
  linear: (x) => x,
  relu,
  leakyRelu,
  sigmoid,
  tanh,
  gelu,
  softplus,
  softmax,
} satisfies Record<string, Apply>;

/** A function of each element of a layer's result (`softmax`: of the last axis); `linear` is the identity. @useDeclaredType */
export type Activation = keyof typeof activations;

export interface ActivationLayer {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/**
 * An activation as a layer of its own, as Keras' `Activation`.
 * @throws UsageError on an unknown name.
 */
export function activation(name: Activation): ActivationLayer {
  checkActivation('activation', name);
  return { kind: 'activation', activation: name };
}

export const activationKind: Kind<ActivationLayer> = {
  make: (options) => activation(options.activation),
  build: (x, layer) => activate(x, layer.activation),
};

export function checkActivation(kind: string, name: Activation): void {
  checkName(kind, 'activation', name, activations);
}

/** Applies the activation of that name to `x`. */
export function activate(x: Tensor, name: Activation): Tensor {
  const apply: Apply = activations[name];
  return apply(x);
}
