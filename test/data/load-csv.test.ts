/**
 * Tables in CSV, whole and wrong. fixtures/make.py made the files, by Python's csv.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCsv, type LoadCsvOptions } from '../../src/data/load-csv.ts';
import { CsvCells } from '../../src/data/read/csv-cells.ts';
import { DataError } from '../../src/errors.ts';
import { file, fixture, gz, idx, rejection } from './files.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const load = (text: string, options: LoadCsvOptions = {}) => loadCsv(bytes(text), options);
/** The pixels of row `d` in fixtures/make.py. */
const pixels = (d: number): number[] => Array.from({ length: 16 }, (_, i) => (17 * d + 15 * i) % 256);
const labels = (set: { size: number; label(i: number): number; classes: readonly string[] }) =>
  Array.from({ length: set.size }, (_, row) => set.classes[set.label(row)]);

describe('loadCsv', () => {
  it("reads Kaggle's digits as images of bytes", async () => {
    const set = await loadCsv(await file('kaggle-train.csv'));
    expect(set).toMatchObject({ name: 'kaggle-train.csv', size: 4, imageShape: [4, 4, 1], preprocessing: undefined });
    expect(labels(set)).toEqual(['1', '0', '1', '4']);
    expect(set.images.values).toEqual(Uint8Array.from([1, 0, 1, 4].flatMap(pixels)));
  });

  it("gives the rows of Kaggle's test file, which has no labels", async () => {
    const rows = await loadCsv(await file('kaggle-test.csv'), { label: false });
    expect(rows).toEqual({ data: Uint8Array.from([7, 3].flatMap(pixels)), shape: [2, 4, 4, 1], dtype: 'uint8' });
    const error = await rejection(loadCsv(await file('kaggle-test.csv')));
    expect(error.message).toBe(
      "kaggle-test.csv has no column named label, class or target; its names are 'pixel0', 'pixel1', 'pixel2', 'pixel3', …. " +
        "Give 'label' the name of the column of labels, or label: false for rows without labels.",
    );
    const floats = await loadCsv(bytes('a,b\n1.5,2\n'), { label: false });
    expect(floats).toEqual({ data: Float32Array.of(1.5, 2), shape: [1, 2], dtype: 'float32' });
  });

  it('reads MNIST without names, and knows it by its name', async () => {
    const set = await loadCsv(await file('mnist_train.csv'));
    expect(set).toMatchObject({ size: 3, imageShape: [4, 4, 1] });
    expect(set.images.values).toEqual(Uint8Array.from([5, 0, 4].flatMap(pixels)));
    expect([0, 1, 2].map((row) => set.label(row))).toEqual([5, 0, 4]);
    const box = { box: 4, centre: 'mass' } as const;
    const given = await loadCsv(await file('mnist_train.csv'), { handwriting: box, classes: 10 });
    expect(given.preprocessing).toEqual({ background: 'black', ink: 'light', handwriting: box });
    expect(given.classes).toHaveLength(10);
  });

  it('reads EMNIST upright and labelled from 1, by its name', async () => {
    const set = await loadCsv(await file('emnist-letters-test.csv.gz'));
    expect(set).toMatchObject({ size: 3, imageShape: [28, 28, 1], preprocessing: { handwriting: { box: 24 } } });
    expect(labels(set)).toEqual(['A', 'B', 'C']);
    // The foot of the L: of row 2, 3 pixels wide.
    expect(Array.from(set.images.values.subarray(784 * 2 + 28 * 25, 784 * 2 + 28 * 25 + 6))).toEqual([
      0, 0, 202, 202, 202, 0,
    ]);
  });

  it('reads floats and names of classes, in quotes, with semicolons and a byte order mark', async () => {
    for (const name of ['iris.csv', 'iris-no-names.csv']) {
      const set = await loadCsv(await file(name));
      expect(set).toMatchObject({ size: 4, imageShape: [4], classes: ['setosa', 'versicolor', 'virginica'] });
      expect(labels(set)).toEqual(['setosa', 'versicolor', 'virginica', 'setosa']);
      expect(set.images.values.subarray(4, 8)).toEqual(Float32Array.of(7, 3.2, 4.7, 1.4));
    }
  });

  it("leaves pandas' index out, and reads what is quoted", async () => {
    const set = await loadCsv(await fixture('pandas.csv'));
    expect(set.classes).toEqual(['cat, big', 'the "dog"']);
    expect(set.images.values).toEqual(Float32Array.of(1.5, -2, 1e-3, 40000));
  });

  it('takes the column of labels by name and place, and classes by name', async () => {
    const text = 'a,b,kind\n1,2,x\n3,4,y\n';
    for (const label of ['kind', 2, -1]) expect(labels(await load(text, { label }))).toEqual(['x', 'y']);
    expect((await load(text, { label: 'kind', classes: ['y', 'x'] })).label(0)).toBe(1);
    expect((await load('3,1.5,2\n7,3,4\n', { classes: ['7', '3'] })).label(0)).toBe(1);
    expect((await load('1.5,2,-1\n3,4,1\n', { label: -1 })).classes).toEqual(['-1', '1']);
    expect((await load('0,1,2\n1,2,0\n', { header: true, label: '1' })).images.values).toEqual(Float32Array.of(1, 0));
    expect((await load('5,1.5\n6,2\n', { firstLabel: 5 })).label(1)).toBe(1);
  });

  it('tells bytes of images from other numbers', async () => {
    const kind = async (text: string, options?: LoadCsvOptions) => {
      const { images, imageShape } = await load(text, options);
      return [images.format, imageShape];
    };
    expect(await kind('0,1,2,3,255\n')).toEqual(['uint8', [2, 2, 1]]);
    expect(await kind('0,1,2,3,16\n')).toEqual(['float32', [4]]);
    expect(await kind('0,1,2,3,255\n', { shape: [4] })).toEqual(['float32', [4]]);
    expect(await kind('0,1,2,3,16\n', { shape: [1, 4, 1] })).toEqual(['uint8', [1, 4, 1]]);
    expect(await kind('0,1,2,3,256\n')).toEqual(['float32', [4]]);
    expect(await kind('0,1,2,3.5,255\n')).toEqual(['float32', [4]]);
    expect(await kind('label,pixel0,pixel1,pixel2,pixel3\n0,0,1,1,0\n')).toEqual(['uint8', [2, 2, 1]]);
    expect(await kind('label,1x1,1x2,2x1,2x2\n0,0,1,1,0\n')).toEqual(['uint8', [2, 2, 1]]);
    expect(await kind('label,pixel0,pixel1,pixel2,pixel3\n0,0,0.5,1,0\n')).toEqual(['float32', [2, 2, 1]]);
  });

  it.each([
    ['ends of lines of old Macs', '1,2.5\r0,3\r'],
    ['no end of the last line', '1,2.5\n0,3'],
    ['blank lines', '\n \n1,2.5\r\n\r\n\r\n0,3\n\n'],
    ['spaces', ' 1 , 2.5 \n 0, 3\n'],
    ['tabs', '1\t2.5\n0\t3\n'],
    ['quotes', '"1","2.5"\n"0" ,"3"\n'],
    ['signs and exponents', '1,+25e-1\n0,.3E1\n'],
  ])('reads %s', async (_, text) => {
    const set = await load(text);
    expect([...set.images.values, set.label(0), set.label(1)]).toEqual([2.5, 3, 1, 0]);
  });

  it.each([
    ['label,a,b\n1,2,x\n', "csv, line 2, column 3: 'x' is not a number (at byte 14). Features are numbers"],
    ['label,a,b\r\n1,2,3\r\n1,,3\r\n', 'csv, line 3, column 2: the cell is empty (at byte 20). Fill it in'],
    ['label,a,b\n1,2,nan\n', "line 2, column 3: 'nan' is not a number"],
    ['label,a,b\n1,2,0x10\n', "'0x10' is not a number"],
    ['label,a,b\n1,2,1e39\n', "'1e39' is too large for float32"],
    ['label,a,b\n,2,3\n', 'line 2, column 1: the label is empty (at byte 10)'],
    ['label,a,b\n1,2,3\n\n1,2\n', 'csv, line 4, column 2: the line ends after 2 cells, but the first has 3 (at byte 19). Give every line'],
    ['label,a,b\n1,2,3,4\n', 'csv, line 2, column 4: the line goes on after 3 cells, as many as the first has (at byte 16).'],
    ['label,a,b\n1,2,"3\n4,5,6\n', 'csv, line 2, column 3: its quotes have no end (at byte 14). Close them'],
    ['label,a,b\n1,2,"3"4\n', 'line 2, column 3: there is text after its quotes'],
    ['label,a,b\n0.5,2,3\n', 'csv, line 2, column 1 (at byte 10): the label is 0.5, but labels are class ids or names. Correct'],
    ['label,a,b\n', 'csv has names of columns but no rows.'],
    ['\n\n', 'csv is empty.'],
    ['label\n1\n', 'csv has no features beside its labels.'],
    ['\xff\xfe1\0,\0', 'csv is text in UTF-16. Save it as UTF-8.'],
    ['<html>,', 'csv seems to be a page of HTML'],
  ])('refuses %j', async (text, message) => {
    const error = await rejection(loadCsv(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  }); // prettier-ignore

  it.each([
    [{ label: 'x' }, "csv has no column named 'x'; its names are 'label', 'a', 'b'. Give 'label'"],
    [{ label: 3 }, "csv has 3 columns, none at index 3. Give 'label' an index from 0 to 2."],
    [{ header: false, label: 'a' }, "csv has no line of names, so no column named 'a'. Give 'label' its index"],
    [{ classes: ['7', '8'] }, "'csv', line 2, column 1 (at byte 10): the label is 5, but labels are class ids, integers from 0 to 1"],
    [{ classes: 4 }, "the label is 5, but labels are class ids, integers from 0 to 3 for 4 classes."],
    [{ classes: 5 }, 'csv has labels from 5 to 5 for 5 classes, but the first class has label 0. Give firstLabel: 1.'],
    [{ shape: [3] }, "csv has rows of 2 elements, but 'shape' [3] needs 3."],
  ])('with %j refuses what does not fit', async (options, message) => {
    const error = await rejection(load('label,a,b\n5,1.5,2\n', options));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(message);
  }); // prettier-ignore

  it('names the loader of another format', async () => {
    await expect(loadCsv(idx([2, 2]))).rejects.toThrow(
      'csv seems to be an IDX file, not a table in CSV. Load it with loadIdx().',
    );
    await expect(loadCsv(await file('mnist.npz'))).rejects.toThrow("Load it with loadNpz() if it is NumPy's .npz");
    await expect(loadCsv(await file('x.npy'))).rejects.toThrow("x.npy seems to be NumPy's .npy");
  });

  it('refuses a class that is not among those given', async () => {
    const error = await rejection(load('cat,1\ndog,2\n', { classes: ['cat', 'cow'] }));
    expect(error.message).toBe(
      "'csv', line 2, column 1 (at byte 6): the label 'dog' is not one of the 2 classes. Correct the label, or add it to 'classes'.",
    );
    await expect(load('cat,1\ndog,2\n', { classes: 3 })).rejects.toThrow('There are 2 classes, not 3.');
  });

  it('reads 42,000 rows of 785 cells in a few seconds, without holding up the page, and can be ended', async () => {
    const row = `5,${Array.from({ length: 784 }, (_, i) => (i * 7) % 256).join(',')}\n`;
    const big = bytes(`label,${Array.from({ length: 784 }, (_, i) => `pixel${i}`).join(',')}\n${row.repeat(42_000)}`);
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const start = process.cpuUsage();
    const set = await loadCsv(new Blob([big]));
    const seconds = process.cpuUsage(start).user / 1e6;
    clearInterval(timer);
    console.info(`Kaggle's train.csv, ${(big.length / 1e6).toFixed(0)} MB: ${seconds.toFixed(1)} s of CPU`);
    expect(set).toMatchObject({ size: 42_000, imageShape: [28, 28, 1] });
    expect(seconds).toBeLessThan(10);
    expect(turns).toBeGreaterThan(10);
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 200);
    await expect(loadCsv(new Blob([big]), { signal: controller.signal })).rejects.toBe(reason);
  });

  it('respects maxBytes, for gzipped files too', async () => {
    await expect(loadCsv(gz(bytes('1,2\n'.repeat(1000))), { maxBytes: 1000 })).rejects.toThrow(
      'csv expands beyond 1,000 bytes',
    );
  });
});

it('numbers are those that JavaScript reads', () => {
  const decimal = fc.oneof(
    fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
    fc.integer().map(String),
    fc.tuple(fc.nat(1e9), fc.nat(1e9)).map(([a, b]) => `${a}.${b}`),
    fc.stringMatching(/^-?\d{0,20}\.?\d{0,25}$/),
  );
  const property = fc.property(decimal, (text) => {
    const cells = new CsvCells({ name: 'csv', bytes: bytes(`${text},`) });
    if (!cells.nextLine()) return;
    cells.nextCell();
    const expected = /\d/.test(text) ? Number(text) : NaN;
    expect(cells.number).toBe(expected);
  });
  fc.assert(property, { numRuns: 2000 });
});
