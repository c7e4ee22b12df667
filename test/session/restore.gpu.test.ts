/**
 * Restoring files of other programs and other models: tensors that match a variable, tensors that wait, and refusals by name
 * with the remedy. A refused file changes nothing. Continued training is in snapshot.gpu.test.ts.
 */
import { describe, expect, it, vi } from 'vitest';
import { readSafetensors, writeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import {
  adam,
  DataError,
  GraphError,
  momentum,
  ones,
  reduceSum,
  square,
  variable,
  zeros,
  type Variable,
} from '../../src/index.ts';
import { createSession } from '../../src/node.ts';
import type { Session } from '../../src/session/session.ts';
import { backends, keepDevice, rejection } from './programs.ts';

keepDevice();

const float = (values: readonly number[], shape: readonly number[] = [values.length]): StoredTensor => ({
  data: Float32Array.from(values),
  shape,
  dtype: 'float32',
});
const count: StoredTensor = { data: BigInt64Array.of(782n), shape: [], dtype: 'int64' };

/** A file of another program's: PyTorch's says no more of itself. */
const fileOf = (tensors: Readonly<Record<string, StoredTensor>>): Uint8Array =>
  writeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: { format: 'pt' } });

/** A file of one tensor `t`, in an element type that is read but not written. */
function halves(dtype: 'F16' | 'BF16', bits: readonly number[]): Uint8Array {
  const text = JSON.stringify({ t: { dtype, shape: [bits.length], data_offsets: [0, 2 * bits.length] } }).padEnd(80);
  return Uint8Array.of(80, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(text), ...new Uint8Array(Uint16Array.from(bits).buffer));
}

describe.each(backends)('on %s', (backend) => {
  /** Runs `test` in a session that has met `variables`. */
  async function inSession(variables: readonly Variable[], test: (session: Session) => Promise<void>): Promise<void> {
    const session = await createSession({ backend, seed: 3 });
    try {
      await session.run(variables);
      await test(session);
    } finally {
      session.dispose();
    }
  }
  const refusal = async (session: Session, ...args: Parameters<Session['restore']>): Promise<string[]> => {
    const before = await session.snapshot();
    const error = await rejection(session.restore(...args));
    expect(error).toBeInstanceOf(DataError);
    expect(await session.snapshot()).toEqual(before);
    return (error as Error).message.split('\n  ');
  };
  const snapshotOf = async (...variables: Variable[]): Promise<Uint8Array> => {
    let bytes = new Uint8Array();
    await inSession(variables, async (session) => void (bytes = (await session.snapshot()).slice()));
    return bytes;
  };
  const foreign =
    /readSafetensors\(bytes\) of inkling\/formats gives its tensors, session\.set\(variable, values\) takes/;

  it('returns the names that matched a variable, and those that wait', async () => {
    const a = variable('a', zeros([2]));
    const b = variable('b', zeros([2]));
    const bytes = fileOf({ b: float([3, 4]), a: float([1, 2]), c: float([5]), n: count });
    await inSession([a], async (session) => {
      expect(await session.restore(bytes)).toEqual({ restored: ['a'], waiting: ['n', 'b', 'c'] });
      expect((await session.get(a)).data).toEqual(Float32Array.of(1, 2));
      expect((await session.get(b)).data).toEqual(Float32Array.of(3, 4));
      expect(await session.restore(bytes)).toEqual({ restored: ['b', 'a'], waiting: ['n', 'c'] });
    });
    await inSession([], async (session) => {
      expect(await session.restore(bytes)).toEqual({ restored: [], waiting: ['n', 'b', 'a', 'c'] });
    });
  });

  it('a file none of whose names is that of a variable is refused', async () => {
    const W = variable('W', ones([2]));
    await inSession([W], async (session) => {
      const [head, ...lines] = await refusal(session, fileOf({ 'fc.weight': float([1, 2]), n: count }));
      expect(head).toMatch(/^restore: the snapshot does not fit, none of its names is that of a variable here; /);
      expect(head).toMatch(foreign);
      expect(lines).toEqual([
        "'W': missing in the snapshot",
        "'n': in the snapshot only",
        "'fc.weight': in the snapshot only",
      ]);
      expect((await refusal(session, await snapshotOf(variable('V', ones([2])))))[0]).toMatch(
        /none of its names .*; restore it into a session of the program it was taken from\.$/,
      );
    });
  });

  it("one without a variable is refused, with the variable's name", async () => {
    const [a, b] = [variable('a', ones([1])), variable('b', ones([1]))];
    await inSession([a, b], async (session) => {
      expect((await refusal(session, fileOf({ a: float([1]), c: float([1]) }))).slice(1)).toEqual([
        "'b': missing in the snapshot",
      ]);
    });
  });

  it('a long list is cut, and so is a long name', async () => {
    const many = Array.from({ length: 30 }, (_, i) => variable(`${i}${'x'.repeat(100)}`, ones([1])));
    await inSession(many, async (session) => {
      const lines = await refusal(session, fileOf({ a: float([1]) }));
      expect(lines).toHaveLength(22);
      expect(lines.at(-1)).toBe('and 11 more');
      expect(lines.join().length).toBeLessThan(3000);
    });
  });

  it.each<[string, readonly number[], readonly number[], string]>([
    ['a Linear’s weight', [4, 6], [6, 4], "; it is stored transposed, as PyTorch stores a Linear's weight: transpose it"],
    ['a column', [1, 6], [6, 1], "; it is stored transposed, as PyTorch stores a Linear's weight: transpose it"],
    ['a Conv2d’s weight', [8, 2, 3, 3], [3, 3, 2, 8], "; it is stored as PyTorch stores a convolution's weight, [out, in, height, width]: transpose it by [2, 3, 1, 0]"],
    ['a Conv2d’s weight with equal sizes', [2, 2, 3, 2], [3, 2, 2, 2], "; it is stored as PyTorch stores a convolution's weight, [out, in, height, width]: transpose it by [2, 3, 1, 0]"],
    ['another order', [2, 3, 4], [2, 4, 3], '; its axes are in another order: transpose it'],
    ['another order of ten and two', [10, 2, 1], [2, 10, 1], '; its axes are in another order: transpose it'],
    ['another shape of as many elements', [2, 12], [4, 6], ''],
    ['another rank', [6], [1, 6], ''],
  ])('%s is named as what it is', async (_, stored, here, reason) => {
    const size = stored.reduce((product, dim) => product * dim, 1);
    const bytes = fileOf({ W: float(Array.from({ length: size }, (_, i) => i), stored) });
    const W = variable('W', zeros(here));
    const line = `'W': float32 [${stored.join(', ')}] in the snapshot, float32 [${here.join(', ')}] here${reason}`;
    await inSession([W], async (session) => {
      expect((await refusal(session, bytes)).slice(1)).toEqual([line]);
    });
    await inSession([], async (session) => {
      expect((await refusal(session, bytes, { variables: [W] })).slice(1)).toEqual([line]);
      await session.restore(bytes);
      const error = (await rejection(session.get(W))) as Error;
      expect(error.message).toMatch(/or forget it by session\.reset\(\)\.\n/);
      expect(error.message.split('\n  ').slice(1)).toEqual([line]);
      await session.reset();
      expect((await session.get(W)).data).toEqual(new Float32Array(size));
    });
  }); // prettier-ignore

  it.each<[string, Uint8Array, readonly number[]]>([
    ['F16', halves('F16', [0x3c00, 0xc000, 0x0001]), [1, -2, 2 ** -24]],
    ['BF16', halves('BF16', [0x3f80, 0xc020, 0x0001]), [1, -2.5, 2 ** -133]],
    ['F64', fileOf({ t: { data: Float64Array.of(1, 0.1, -3e38), shape: [3], dtype: 'float64' } }), [1, 0.1, -3e38]],
  ])('a variable takes %s, met before or after', async (_, bytes, values) => {
    const t = variable('t', zeros([3]));
    for (const met of [[t], []])
      await inSession(met, async (session) => {
        await session.restore(bytes);
        expect((await session.get(t)).data).toEqual(Float32Array.from(values));
        expect(readSafetensors(await session.snapshot()).tensors.get('t')).toEqual(float(values));
      });
  });

  it.each<StoredTensor>([
    { data: BigInt64Array.of(1n, 2n), shape: [2], dtype: 'int64' },
    { data: BigUint64Array.of(1n, 2n), shape: [2], dtype: 'uint64' },
    { data: Int32Array.of(1, 2), shape: [2], dtype: 'int32' },
    { data: Int8Array.of(1, 2), shape: [2], dtype: 'int8' },
    { data: Uint8Array.of(1, 2), shape: [2], dtype: 'uint8' },
    { data: Uint8Array.of(1, 0), shape: [2], dtype: 'bool' },
  ])('a variable does not take $dtype', async (tensor) => {
    const n = variable('n', zeros([2]));
    await inSession([n], async (session) => {
      expect((await refusal(session, fileOf({ n: tensor }))).slice(1)).toEqual([
        `'n': ${tensor.dtype} [2] in the snapshot, float32 [2] here; convert it to float32`,
      ]);
      expect((await refusal(session, fileOf({ n: { ...tensor, shape: [2, 1] } })))[1]).toBe(
        `'n': ${tensor.dtype} [2, 1] in the snapshot, float32 [2] here; convert it to float32`,
      );
    });
  });

  it('F64 beyond float32 is not finite', async () => {
    const t = variable('t', zeros([2]));
    await inSession([t], async (session) => {
      const bytes = fileOf({ t: { data: Float64Array.of(1, 1e39), shape: [2], dtype: 'float64' } });
      expect(await refusal(session, bytes)).toEqual([
        expect.stringMatching(/not finite in float32/),
        "'t': 1 of 2 values",
      ]);
      await session.restore(bytes, { allowNonFinite: true });
      expect((await session.get(t)).data).toEqual(Float32Array.of(1, Infinity));
    });
  });

  it('tensors that never match are in every snapshot, to the bit', async () => {
    const a = variable('a', zeros([1]));
    const double: StoredTensor = { data: Float64Array.of(0.1), shape: [1], dtype: 'float64' };
    const bits: StoredTensor = { data: Uint8Array.of(1, 0), shape: [2], dtype: 'bool' };
    await inSession([a], async (session) => {
      await session.restore(fileOf({ a: float([1]), n: count, double, bits }));
      const expected = new Map(Object.entries({ a: float([1]), n: count, double, bits }));
      expect(readSafetensors(await session.snapshot()).tensors).toEqual(expected);
      await session.restore(await session.snapshot());
      await session.set(a, [7]);
      expect(readSafetensors(await session.snapshot()).tensors).toEqual(expected.set('a', float([7])));
    });
  });

  describe('with { variables }', () => {
    const a = variable('a', zeros([1]));

    it('these are known from then on', async () => {
      await inSession([], async (session) => {
        const bytes = fileOf({ a: float([4]) });
        expect(await session.restore(bytes, { variables: [a] })).toEqual({ restored: ['a'], waiting: [] });
        expect((await refusal(session, fileOf({ b: float([1]) })))[1]).toBe("'a': missing in the snapshot");
        expect((await session.get(a)).data).toEqual(Float32Array.of(4));
      });
    });

    it('other tensors are refused, but for those that no variable could take', async () => {
      await inSession([], async (session) => {
        const bytes = fileOf({ a: float([4]), n: count, b: float([1]) });
        expect((await refusal(session, bytes, { variables: [a] })).slice(1)).toEqual(["'b': in the snapshot only"]);
        const report = await session.restore(fileOf({ a: float([4]), n: count }), { variables: [a] });
        expect(report).toEqual({ restored: ['a'], waiting: ['n'] });
      });
    });

    it('another variable of a name that is known is refused', async () => {
      await inSession([a], async (session) => {
        const error = await rejection(session.restore(fileOf({ a: float([4]) }), { variables: [variable('a', [0])] }));
        expect(error).toBeInstanceOf(GraphError);
        expect((await session.get(a)).data).toEqual(Float32Array.of(0));
      });
    });
  });

  describe('a note tells of variables that a restored file has nothing for', () => {
    const notes = async (work: () => Promise<unknown>): Promise<string[]> => {
      const spy = vi.spyOn(console, 'info').mockReturnValue();
      await work();
      const said = spy.mock.calls.map(String);
      spy.mockRestore();
      return said;
    };
    const W = variable('W', ones([2]));
    const step = (make: typeof adam) => make(0.1).minimize(reduceSum(square(W)));

    it('while trained tensors still wait', async () => {
      await inSession([], async (session) => {
        const [a, b] = [variable('a', ones([1])), variable('b', ones([1]))];
        const bytes = await snapshotOf(a, b);
        expect(await notes(() => session.restore(bytes))).toEqual([]);
        expect(await notes(() => session.get(a))).toEqual([]);
        expect(await notes(() => session.run(W))).toEqual([
          "Inkling: the restored file has no values for 'W': initial ones are used. Of its names these still wait for variables: 'b'.",
        ]);
        expect(await notes(() => session.get(variable('rate', ones([]), { trainable: false })))).toEqual([]);
        expect(await notes(() => session.get(b))).toEqual([]);
        expect(await notes(() => session.get(variable('head', ones([1]))))).toEqual([]);
      });
    });

    it('of another optimizer', async () => {
      let bytes = new Uint8Array();
      await inSession([], async (session) => {
        await session.run(step((rate) => momentum(rate as number, 0.9)));
        bytes = (await session.snapshot()).slice();
      });
      await inSession([], async (session) => {
        await session.restore(bytes);
        expect(await notes(() => session.run(step(adam)))).toEqual([
          expect.stringMatching(
            /no values for .*'W\/adam\/m'.*: initial ones .* still wait for variables: 'W\/momentum\/momentum'\.$/,
          ),
        ]);
        expect((await refusal(session, bytes)).slice(1)).toContain("'W/adam/m': missing in the snapshot");
      });
    });
  });
});
