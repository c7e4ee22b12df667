/** Small graphs taken through WebGPU's first passes, for the tests of each pass. */
import { simplify } from '../../src/compile/simplify.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { lower } from '../../src/webgpu/lower/lower.ts';
import { baseOf } from '../../src/webgpu/lower/matrix-view.ts';
import { fuse, type Fusion, type Group } from '../../src/webgpu/schedule/fuse.ts';

/** The lowered form of simplified tensors. */
export function loweredOf(...tensors: Tensor[]): Tensor[] {
  return lower(simplify(tensors)).map(baseOf);
}

/** The groups of lowered tensors. */
export function fusionOf(...tensors: Tensor[]): Fusion {
  return fuse(loweredOf(...tensors));
}

/** A group in words: the ops of its members, and its domain. */
export function describeGroup({ members, domain }: Group): string {
  return `${[...members.keys()].map(({ op }) => op.name).join(' ')} [${domain.join(', ')}]`;
}
