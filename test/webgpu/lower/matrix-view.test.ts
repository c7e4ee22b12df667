/** Views: a product reads its operands where they are stored. */
import { describe, expect, it } from 'vitest';
import { exp, placeholder, reshape, slice, transpose } from '../../../src/index.ts';
import { baseOf, viewOf } from '../../../src/webgpu/lower/matrix-view.ts';

const x = placeholder('x', [4, 6]);

describe('a view', () => {
  it('of a stored matrix has its width as the stride of rows', () => {
    expect(viewOf(x)).toEqual({ base: x, rows: { shape: [4], strides: [6] }, columns: { shape: [6], strides: [1] }, offset: 0 }); // prettier-ignore
  });

  it('of a reshaped tensor is one of the tensor itself', () => {
    const view = viewOf(reshape(x, [8, 3]));
    expect(view.base).toBe(x);
    expect(view.rows).toEqual({ shape: [8], strides: [3] });
  });

  it('of a transpose has its strides exchanged', () => {
    const view = viewOf(transpose(x));
    expect(view.base).toBe(x);
    expect([view.rows.strides, view.columns.strides]).toEqual([[1], [6]]);
  });

  it('of a slice begins at an offset', () => {
    const view = viewOf(slice(x, [1, 2], [2, 3]));
    expect(view.base).toBe(x);
    expect(view.offset).toBe(8);
  });

  it('of a computed matrix is of that matrix', () => {
    const y = exp(x);
    expect(viewOf(y).base).toBe(y);
  });
});

it('the base of aliases is the tensor with the elements', () => {
  expect(baseOf(reshape(reshape(x, [24]), [3, 8]))).toBe(x);
});
