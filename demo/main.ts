/** The demo page's script: it imports Inkling as any page would. Everything else is in index.html. */
import 'inkling/elements';
