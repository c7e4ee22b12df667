/** A trainer's states and events, and their sentences for screen readers. */
import type { AdapterDescription, Session } from '../index.ts';
import type { Prediction } from '../layers/index.ts';
import { formatCount, formatPercent } from './format.ts';
import type { Report } from './job.ts';

/** The state of an `<inkling-classifier>`. */
export type Status = 'idle' | 'loading' | 'ready' | 'training' | 'paused' | 'trained' | 'error';

/** An event of a trainer; the element dispatches it as `inkling-<type>`. */
export type TrainerEvent =
  | { readonly type: 'ready'; readonly detail: Pick<Session, 'backend' | 'adapter'> }
  | { readonly type: 'progress'; readonly detail: Report & { readonly steps: number } }
  | {
      readonly type: 'trained';
      readonly detail: { readonly steps: number; readonly loss: number; readonly accuracy: number };
    }
  | { readonly type: 'prediction'; readonly detail: Prediction }
  | { readonly type: 'error'; readonly detail: { readonly error: Error } };

/** The sentence for the event `ready`, and for a reset, which is not an event. */
export const READY = 'Ready to train.';

/** The sentence for an event, for screen readers. */
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

/** The adapter's name, as far as the browser discloses it. */
export function nameOf({ vendor, architecture, description, class: kind }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ');
  return kind === 'software' ? `${name}${name && ', '}in software` : kind === 'gpu' ? name : '';
}
