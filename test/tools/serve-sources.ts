/** One development server of Vite's for all files under test/browser/. Set-up of the project `browser`. */
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer, type InlineConfig } from 'vite';
import type { TestProject } from 'vitest/node';
import { root, shared } from '../../vite.config.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The origin of the sources. */
    readonly sources: string;
  }
}

export default async function serveSources(project: TestProject): Promise<() => Promise<void>> {
  // 127.0.0.1 counts as a secure context. The port is chosen here because Vite's client does not follow port 0.
  const server = { host: '127.0.0.1', port: await freePort(), watch: null };
  const config: InlineConfig = { ...shared, configFile: false, root, logLevel: 'warn', appType: 'mpa', server };
  const running = await (await createServer(config)).listen();
  project.provide('sources', `http://127.0.0.1:${server.port}`);
  return () => running.close();
}

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
