/** Preparation of curves for drawing, as pure functions: decimation, smoothing, a summary in words. */
import { formatCount, formatNumber, formatPercent } from './format.ts';

/** Values at a step; those that were not measured are left out. */
export interface CurvePoint {
  readonly step: number;
  readonly loss?: number;
  /** Accuracy on the step's batch, 0…1. */
  readonly accuracy?: number;
  /** Accuracy on the test set, 0…1. */
  readonly testAccuracy?: number;
}

type Measure = Exclude<keyof CurvePoint, 'step'>;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The finite values of one measure. */
function series(points: readonly CurvePoint[], measure: Measure): Point[] {
  const result: Point[] = [];
  for (const point of points) {
    const y = point[measure];
    if (y !== undefined && Number.isFinite(y) && Number.isFinite(point.step)) result.push({ x: point.step, y });
  }
  return result;
}

/**
 * At most four points a column of pixels: the first, lowest, highest and last one in it. A line one pixel wide through them
 * equals the line through all points (the "M4" aggregation: Jugel et al., VLDB 2014).
 */
export function decimate(points: readonly Point[], columns: number): readonly Point[] {
  const first = points[0];
  const end = points.at(-1);
  if (first === undefined || end === undefined || points.length <= 4 * columns) return points;
  const width = (end.x - first.x) / columns;
  const decimated: Point[] = [];
  for (let from = 0; from < points.length;) {
    const column = Math.floor(((points[from]?.x ?? 0) - first.x) / width);
    let low = from;
    let high = from;
    let to = from + 1;
    for (; to < points.length && Math.floor(((points[to]?.x ?? 0) - first.x) / width) === column; to++) {
      if ((points[to]?.y ?? 0) < (points[low]?.y ?? 0)) low = to;
      if ((points[to]?.y ?? 0) > (points[high]?.y ?? 0)) high = to;
    }
    const chosen = new Set([from, Math.min(low, high), Math.max(low, high), to - 1]);
    for (const i of chosen) decimated.push(points[i] ?? first);
    from = to;
  }
  return decimated;
}

/** `points` with the test accuracy at `step`: in the last point if it is of that step, else in a new one. */
export function withTest(points: readonly CurvePoint[], step: number, testAccuracy: number): readonly CurvePoint[] {
  const last = points.at(-1);
  if (last?.step !== step) return [...points, { step, testAccuracy }];
  return [...points.slice(0, -1), { ...last, testAccuracy }];
}

/** An exponential moving average over about a tenth of the points, corrected for its bias towards the first value. */
export function smooth(points: readonly Point[]): Point[] {
  const keep = Math.max(0, 1 - 20 / (points.length + 1));
  let mean = 0;
  let weight = 0;
  return points.map(({ x, y }) => {
    mean = keep * mean + (1 - keep) * y;
    weight = keep * weight + (1 - keep);
    return { x, y: mean / weight };
  });
}

/** `count` of the items at even distances, the last one among them; all of them where there are fewer. */
export function thin<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.round(((i + 1) * items.length) / count) - 1] as T);
}

/** A plot of one measure. */
export interface Panel {
  readonly title: string;
  readonly legend: string;
  readonly format: (value: number) => string;
  /** The main line, and the noisy one behind it. */
  readonly bold: readonly Point[];
  readonly faint: readonly Point[];
  /** The latest value, shown as a number. */
  readonly reading: number | undefined;
  readonly top: number;
  readonly dots: boolean;
}

export function panelsOf(points: readonly CurvePoint[]): readonly Panel[] {
  const of = (measure: Measure): Point[] => series(points, measure);
  const loss = of('loss');
  return [
    {
      title: 'Loss',
      legend: 'batches, and smoothed',
      format: formatNumber,
      bold: smooth(loss),
      faint: loss,
      reading: loss.at(-1)?.y,
      top: loss.reduce((top, point) => Math.max(top, point.y), 0) || 1,
      dots: false,
    },
    {
      title: 'Accuracy',
      legend: 'batches, and test set',
      format: formatPercent,
      bold: of('testAccuracy'),
      faint: of('accuracy'),
      reading: of('testAccuracy').at(-1)?.y,
      top: 1,
      dots: true,
    },
  ];
}

/** A chart in one sentence, for screen readers. */
export function summary({ title, bold, faint, format }: Panel): string {
  const curve = bold.length > 0 ? bold : faint;
  const [first] = curve;
  const last = curve.at(-1);
  if (first === undefined || last === undefined) return `${title}: nothing has been trained yet.`;
  const lowest = curve.reduce((low, point) => (point.y < low ? point.y : low), first.y);
  const highest = curve.reduce((high, point) => (point.y > high ? point.y : high), first.y);
  return (
    `${title} from step ${formatCount(first.x)} to ${formatCount(last.x)}: ` +
    `from ${format(first.y)} to ${format(last.y)}, lowest ${format(lowest)}, highest ${format(highest)}.`
  );
}
