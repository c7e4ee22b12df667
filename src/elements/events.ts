/** What a trainer is and tells: its states, its events, and what is said of them. */
import type { AdapterDescription, Session } from '../index.ts';
import type { Prediction } from '../layers/index.ts';
import { formatCount, formatPercent } from './format.ts';
import type { Report } from './job.ts';

/** Where a classifier stands. */
export type Status = 'idle' | 'loading' | 'ready' | 'training' | 'paused' | 'trained' | 'error';

/** What happened; an element makes `inkling-<type>` events of them. */
export type TrainerEvent =
  | { readonly type: 'ready'; readonly detail: Pick<Session, 'backend' | 'adapter'> }
  | { readonly type: 'progress'; readonly detail: Report & { readonly steps: number } }
  | {
      readonly type: 'trained';
      readonly detail: { readonly steps: number; readonly loss: number; readonly accuracy: number };
    }
  | { readonly type: 'prediction'; readonly detail: Prediction }
  | { readonly type: 'error'; readonly detail: { readonly error: Error } };

/** What a screen reader is told when all is there, and after a reset, which is no event. */
export const READY = 'Ready to train.';

/** What a screen reader is told of an event. */
export function sentence(event: TrainerEvent, step: number): string | undefined {
  switch (event.type) {
    case 'ready':
      return READY;
    case 'progress':
      return `Step ${formatCount(event.detail.step)} of ${formatCount(event.detail.steps)}.`;
    case 'trained':
      return `Trained. ${formatPercent(event.detail.accuracy)} of the test images are recognised.`;
    case 'prediction':
      return step === 0 ? 'Untrained: it can only guess.' : `Looks like ${event.detail.label}.`;
    case 'error':
      return undefined; // The notice is an alert.
    default:
      return event satisfies never;
  }
}

/** The adapter as far as the browser tells of it. */
export function nameOf({ vendor, architecture, description, class: kind }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  return kind === 'software' ? `${name}${name && ', '}in software` : kind === 'gpu' ? name : '';
}
