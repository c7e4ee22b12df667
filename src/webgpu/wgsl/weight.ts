/**
 * How much compilers have to do, by the length of texts. It decides what is written out and what stands in one module.
 */
import type { EmittedKernel } from './specialize.ts';

/** What a kernel costs beside its text. */
const KERNEL_WEIGHT = 1500;

/** The length of a text in which each call of one of `functions` (texts, too) is that function's body: so it is compiled. */
export function weightOf(text: string, functions: Iterable<string>): number {
  const bodies = new Map([...functions].map((body) => [/fn (\w+)/.exec(body)?.[1], body.slice(body.indexOf('{'))]));
  const weights = new Map<string, number>();
  const weigh = (text: string): number => {
    let weight = text.length;
    for (const [, name = ''] of text.matchAll(/\b(\w+)\(/g)) {
      const body = bodies.get(name);
      if (body === undefined) continue;
      const known = weights.get(name) ?? weigh(body);
      weights.set(name, known);
      weight += known;
    }
    return weight;
  };
  return weigh(text);
}

export function weightOfKernels(kernels: readonly EmittedKernel[]): number {
  return kernels.reduce((sum, { code, functions }) => sum + KERNEL_WEIGHT + weightOf(code, functions), 0);
}
