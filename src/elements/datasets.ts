/**
 * Data sets shared by the elements of a page: each is loaded once, whoever asks, and forgotten with its last user (so
 * ten classifiers hold one copy, on the host and on the device).
 */
import { type Dataset, loadIdx, loadMnist } from '../data/index.ts';

export interface Sets {
  readonly train: Dataset;
  readonly test: Dataset;
  /** The test set in pieces, so that a test can be stopped between them. */
  readonly pieces: readonly Dataset[];
}

const PIECE = 1000;

/** A share in a data set. `release` once it is needed no more, loaded or not. */
export interface Loan {
  readonly sets: Promise<Sets>;
  release(): void;
}

/** Called with the loaded share, 0…1. */
export type OnLoaded = (share: number) => void;

interface Load {
  readonly sets: Promise<Sets>;
  readonly users: Set<OnLoaded>;
  readonly stop: AbortController;
}

const loads = new Map<string, Load>();

/** Borrows `mnist`, or the four files named as MNIST's are in the folder of a URL. */
export function borrowDataset(name: string, onLoaded: OnLoaded): Loan {
  const load = loads.get(name) ?? begin(name);
  load.users.add(onLoaded);
  return {
    sets: load.sets,
    release() {
      load.users.delete(onLoaded);
      if (load.users.size > 0) return;
      load.stop.abort();
      forget(name, load);
    },
  };
}

function begin(name: string): Load {
  const stop = new AbortController();
  const users = new Set<OnLoaded>();
  const onLoaded: OnLoaded = (share) => users.forEach((tell) => tell(share));
  const whole = name === 'mnist' ? mnist(onLoaded, stop.signal) : idxFolder(name, stop.signal);
  const sets = whole.then(({ train, test }) => ({ train, test, pieces: piecesOf(test) }));
  const load = { sets, users, stop };
  loads.set(name, load);
  // A failed load is tried again by the next who asks; those who wait for this one are told by `sets` itself.
  sets.catch(() => forget(name, load));
  return load;
}

function forget(name: string, load: Load): void {
  if (loads.get(name) === load) loads.delete(name);
}

function piecesOf(set: Dataset): Dataset[] {
  if (set.size <= PIECE) return [set];
  const [first, rest] = set.split(PIECE);
  return [first, ...piecesOf(rest)];
}

type Whole = Pick<Sets, 'train' | 'test'>;

function mnist(onLoaded: OnLoaded, signal: AbortSignal): Promise<Whole> {
  return loadMnist({ signal, onProgress: ({ loaded, total }) => onLoaded(loaded / total) });
}

async function idxFolder(url: string, signal: AbortSignal): Promise<Whole> {
  const folder = url.endsWith('/') ? url : `${url}/`;
  const load = (part: string): Promise<Dataset> =>
    loadIdx({
      images: `${folder}${part}-images-idx3-ubyte.gz`,
      labels: `${folder}${part}-labels-idx1-ubyte.gz`,
      name: part,
      signal,
    });
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test };
}
