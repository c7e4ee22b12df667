/** Importing the elements in Node uses no API that only browsers have. */
import { LitElement } from 'lit';
import { expect, it, vi } from 'vitest';
import { define } from '../../src/elements/define.ts';
import { diverging } from '../../src/elements/paint.ts';

it('defines the elements in Node, and makes one', async () => {
  const elements = await import('../../src/elements/index.ts');
  expect(customElements.get('inkling-classifier')).toBe(elements.InklingClassifier);
  const classifier = new elements.InklingClassifier();
  expect([classifier.data, classifier.steps, classifier.learningRate]).toEqual(['mnist', 1000, 0.01]);
  expect(new elements.InklingPad().value).toEqual(new Float32Array(784));
});

it('keeps the first of two definitions, with one warning', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  class First extends LitElement {}
  class Second extends LitElement {}
  define('x-first', First);
  define('x-first', First);
  expect(warn).not.toHaveBeenCalled();
  define('x-first', Second);
  define('x-first', Second);
  expect(customElements.get('x-first')).toBe(First);
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();
});

it('mixes three colours, clamped, and treats NaN as zero', () => {
  const colors = [
    [0, 0, 255],
    [100, 100, 100],
    [200, 0, 0],
  ] as const;
  expect(diverging(0, ...colors)).toEqual([100, 100, 100]);
  expect(diverging(NaN, ...colors)).toEqual([100, 100, 100]);
  expect(diverging(5, ...colors)).toEqual([200, 0, 0]);
  expect(diverging(-0.5, ...colors)).toEqual([50, 50, 178]);
});
