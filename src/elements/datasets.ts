/**
 * Data sets shared by the elements of a page, by name and reference count: ten classifiers hold one copy, on the host and on
 * the device. The last release frees it.
 */
import { type Dataset, loadIdx, loadMnist } from '../data/index.ts';

export interface Sets {
  readonly train: Dataset;
  readonly test: Dataset;
  /** The test set in chunks: an evaluation can be stopped between two. */
  readonly testChunks: readonly Dataset[];
}

const CHUNK_SIZE = 1000;

/** A reference to a shared data set, loaded or not, until `release`. */
export interface DatasetHandle {
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

/** Loads `mnist`, or four files with MNIST's names from the folder at a URL; shares them with earlier callers. */
export function acquireDataset(name: string, onLoaded: OnLoaded): DatasetHandle {
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
  const sets = whole.then(({ train, test }) => ({ train, test, testChunks: chunksOf(test) }));
  const load = { sets, users, stop };
  loads.set(name, load);
  // A later call tries again; those that wait for this load get its error from `sets`.
  sets.catch(() => forget(name, load));
  return load;
}

function forget(name: string, load: Load): void {
  if (loads.get(name) === load) loads.delete(name);
}

function chunksOf(set: Dataset): Dataset[] {
  if (set.size <= CHUNK_SIZE) return [set];
  const [first, rest] = set.split(CHUNK_SIZE);
  return [first, ...chunksOf(rest)];
}

type TrainAndTest = Pick<Sets, 'train' | 'test'>;

function mnist(onLoaded: OnLoaded, signal: AbortSignal): Promise<TrainAndTest> {
  return loadMnist({ signal, onProgress: ({ loaded, total }) => onLoaded(loaded / total) });
}

async function idxFolder(url: string, signal: AbortSignal): Promise<TrainAndTest> {
  const folder = url.endsWith('/') ? url : `${url}/`;
  const load = (name: string): Promise<Dataset> =>
    loadIdx({
      images: `${folder}${name}-images-idx3-ubyte.gz`,
      labels: `${folder}${name}-labels-idx1-ubyte.gz`,
      name,
      signal,
    });
  const [train, test] = await Promise.all([load('train'), load('t10k')]);
  return { train, test };
}
