/**
 * Sequential models: layers one after the other, as checked plain data, and their graph.
 */
import { checkOptions, refuse } from '../checks.ts';
import {
  GraphError,
  InklingError,
  placeholder,
  softmax,
  UsageError,
  variable,
  type Initializer,
  type Placeholder,
  type Tensor,
  type Variable,
} from '../index.ts';
import { printedBy } from '../print.ts';
import { activationKind, type ActivationLayer } from './activation.ts';
import { batchNormalizationKind, type BatchNormalizationLayer } from './batch-normalization.ts';
import { conv2dKind, type Conv2dLayer } from './conv2d.ts';
import { denseKind, type DenseLayer } from './dense.ts';
import { dropoutKind, type DropoutLayer } from './dropout.ts';
import { flattenKind, type FlattenLayer } from './flatten.ts';
import type { Kind, LayerScope } from './layer.ts';
import { averagePooling2dKind, maxPooling2dKind, type PoolingLayer } from './pooling.ts';
import { summarize } from './summary.ts';

/** A layer as plain data, made by the function of its kind's name. */
export type Layer =
  | ActivationLayer
  | BatchNormalizationLayer
  | Conv2dLayer
  | DenseLayer
  | DropoutLayer
  | FlattenLayer
  | PoolingLayer<'averagePooling2d'>
  | PoolingLayer<'maxPooling2d'>;

const kinds: { readonly [K in Layer['kind']]: Kind<Extract<Layer, { readonly kind: K }>> } = {
  activation: activationKind,
  averagePooling2d: averagePooling2dKind,
  batchNormalization: batchNormalizationKind,
  conv2d: conv2dKind,
  dense: denseKind,
  dropout: dropoutKind,
  flatten: flattenKind,
  maxPooling2d: maxPooling2dKind,
};

const printed = /* @__PURE__ */ printedBy<Sequential>((model) => model.summary());

export interface SequentialOptions {
  /** The shape of one image or row: `[28, 28, 1]`, `[784]`. */
  readonly input: readonly number[];
  /** The classes' names, or their number. */
  readonly classes: readonly string[] | number;
  /** The layers. The last one has as many outputs as there are classes; its `softmax` may be left out. */
  readonly layers: readonly Layer[];
}

/** A model. It survives `JSON.stringify`: {@link sequential} takes the parsed JSON. */
export interface Sequential {
  readonly input: readonly number[];
  readonly classes: readonly string[];
  readonly layers: readonly Layer[];
  /** A table of the layers with output shapes and numbers of parameters. */
  readonly summary: () => string;
  /** The summary. */
  toString(): string;
}

/** A layer with its part of the graph. */
export interface BuiltLayer {
  /** A name that is unique in the model: `dense`, `dense_1`, … */
  readonly name: string;
  /** The output shape, `[null, …]`. */
  readonly shape: Tensor['shape'];
  readonly variables: readonly Variable[];
}

/** The graph of a model. */
export interface BuiltModel {
  /** `[null, …input]` */
  readonly images: Placeholder;
  readonly layers: readonly BuiltLayer[];
  /** `[null, classes]`: the inputs of the softmax. */
  readonly logits: Tensor;
  /** `[null, classes]` */
  readonly probabilities: Tensor;
}

/**
 * A model of layers in sequence, as Keras' `Sequential`.
 *
 * @throws GraphError for a layer that does not fit the output of the one before, or a last one that does not fit the classes;
 * UsageError on an invalid option. Both name the layer by its index, counted from 1, and its kind.
 */
export function sequential(options: SequentialOptions): Sequential {
  checkOptions('sequential', options, '{ input: [784], classes: 10, layers: [dense({ units: 10 })] }');
  const { input, classes, layers } = options;
  checkInput(input);
  if (!Array.isArray(layers) || layers.length === 0)
    throw new UsageError('sequential: `layers` is empty; give a list of layers that ends with dense().');
  const model = {
    input: [...input],
    classes: labelsOf(classes),
    layers: (layers as readonly Layer[]).map((layer, i) => namingLayer(i, layer, () => kindOf(layer).make(layer))),
  };
  const built = buildModel(model);
  return printed({ ...model, summary: () => summarize(built.layers) });
}

/** Builds the graph of a model. A softmax at its end is not part of the logits. */
export function buildModel({ input, classes, layers }: Omit<Sequential, 'summary'>): BuiltModel {
  const images = placeholder('images', [null, ...input]);
  const names = new Map<string, number>();
  const built: BuiltLayer[] = [];
  let x: Tensor = images;
  layers.forEach((layer, i) => {
    const count = names.get(layer.kind) ?? 0;
    names.set(layer.kind, count + 1);
    const name = count === 0 ? layer.kind : `${layer.kind}_${count}`;
    const variables: Variable[] = [];
    const weight = (suffix: string, initial: Initializer, options?: { readonly trainable: boolean }): Variable => {
      const result: Variable = variable(`${name}/${suffix}`, initial, options);
      variables.push(result);
      return result;
    };
    const last = i === layers.length - 1;
    x = namingLayer(i, layer, () => build(x, last ? withoutSoftmax(layer) : layer, { name, weight }), x);
    built.push({ name, shape: x.shape, variables });
  });
  if (x.shape.length !== 2 || x.shape[1] !== classes.length) {
    throw new GraphError(
      `Layer ${layers.length} (${layers.at(-1)?.kind}) is the last, with outputs ${shapeOf(x)} for ${classes.length} classes; ` +
        `end with dense({ units: ${classes.length} }), after flatten() where it follows images.`,
    );
  }
  return { images, layers: built, logits: x, probabilities: softmax(x) };
}

function build(x: Tensor, layer: Layer, scope: LayerScope): Tensor {
  return kindOf(layer).build(x, layer, scope);
}

function withoutSoftmax(layer: Layer): Layer {
  return 'activation' in layer && layer.activation === 'softmax' ? { ...layer, activation: 'linear' } : layer;
}

/** The kind of a layer. Programs without types, and files, may hold any value. */
function kindOf(layer: Layer): Kind<Layer> {
  const kind: unknown = (layer as Partial<Layer> | null | undefined)?.kind;
  if (typeof kind === 'string' && Object.hasOwn(kinds, kind)) return kinds[kind as Layer['kind']];
  throw new UsageError(`there is no such layer; give one made by ${Object.keys(kinds).join('(), ')}().`);
}

/** Runs `work` and adds the layer, and the shape of its input `x`, to the message of an error. */
function namingLayer<T>(index: number, layer: Layer, work: () => T, x?: Tensor): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    const kind = String((layer as Partial<Layer> | null | undefined)?.kind);
    const message = `Layer ${index + 1} (${kind})${x === undefined ? '' : `, with inputs ${shapeOf(x)}`}: ${error.message}`;
    throw error instanceof GraphError
      ? new GraphError(message, { cause: error })
      : new UsageError(message, { cause: error });
  }
}

/** The shape of one row, as text. */
function shapeOf(x: Tensor): string {
  return `[${x.shape.slice(1).join(', ')}]`;
}

function checkInput(input: readonly number[]): void {
  const holds =
    Array.isArray(input) && input.length > 0 && input.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!holds) refuse('sequential: `input`', input, 'the shape of one image or row: sizes from 1 on, e.g. [28, 28, 1]');
}

function labelsOf(classes: readonly string[] | number): readonly string[] {
  const labels: readonly unknown[] =
    typeof classes === 'number'
      ? Array.from({ length: Number.isSafeInteger(classes) && classes < 2 ** 24 ? classes : 0 }, (_, i) => `${i}`)
      : classes;
  if (Array.isArray(labels) && labels.length >= 2 && labels.every((label) => typeof label === 'string'))
    return [...labels];
  refuse('sequential: `classes`', classes, "the classes' names, or their number, two or more");
}
