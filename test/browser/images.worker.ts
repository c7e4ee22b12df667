/** A module worker around images.page.ts. */
import run from './images.page.ts';

run().then((found) => postMessage(found), reportError);
