/** The demo page's script: it imports Inkling as any page would, and writes into the text what a run has measured. */
import 'inkling/elements';

const text = document.querySelector('#accuracy');

// The text is no live region: the element announces the accuracy itself, and once is enough.
document.querySelector('inkling-classifier')?.addEventListener('inkling-trained', ({ detail: { accuracy, steps } }) => {
  if (text === null) return;
  const share = accuracy.toLocaleString('en', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  text.textContent = `Your last run came to ${share} after ${steps.toLocaleString('en')} steps.`;
});
