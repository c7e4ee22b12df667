/** Runs in the page: opens a session and returns its adapter. */
import { createSession, type SessionOptions } from 'inkling';

export default async function open(backend: NonNullable<SessionOptions['backend']>): Promise<string> {
  const session = await createSession({ backend });
  session.dispose();
  return session.backend;
}
