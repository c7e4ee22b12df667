/**
 * What the npm package @sparticuz/chromium carries (Linux x64): headless Chromium, the libraries and fonts that a bare
 * Debian lacks, and SwiftShader, a Vulkan driver in software. Unpacked once into .cache/.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import tar from 'tar-fs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packageFolder = join(root, 'node_modules/@sparticuz/chromium');

export const isCarried = process.platform === 'linux' && process.arch === 'x64' && existsSync(packageFolder);

/** Unpacks SwiftShader and the Vulkan loader, and returns their folder. */
export const unpackSwiftShader = () => unpack('swiftshader', tar.extract);

/** Unpacks everything the browser needs, and returns where it is. */
export async function unpackChromium() {
  const [folder, libraries, fonts, swiftShader] = await Promise.all([
    unpack('chromium', (folder) => createWriteStream(join(folder, 'chromium'), { mode: 0o755 })),
    unpack('al2023', tar.extract),
    unpack('fonts', tar.extract),
    unpackSwiftShader(),
  ]);
  // The package's own fonts.conf names folders of a server.
  const fontsConfiguration = `${fonts}.conf`;
  await writeFile(
    fontsConfiguration,
    `<fontconfig><dir>${fonts}</dir><cachedir>${fonts}/cache</cachedir></fontconfig>`,
  );
  return { executable: join(folder, 'chromium'), libraries: [join(libraries, 'lib'), swiftShader], fontsConfiguration };
}

/**
 * Unpacks beside its place and then renames, so that an interrupted or a second run never sees half a folder.
 * @param {string} name
 * @param {(folder: string) => NodeJS.WritableStream} writer
 */
async function unpack(name, writer) {
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { version } = /** @type {{ version: string }} */ (JSON.parse(manifest));
  const folder = join(root, '.cache', `chromium-${version}`, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  const [file] = [`${name}.tar.br`, `${name}.br`].map((name) => join(packageFolder, 'bin', name)).filter(existsSync);
  if (file === undefined)
    throw new Error(`@sparticuz/chromium ${version} carries no ${name}.br; pin the version we use`);
  await pipeline(createReadStream(file), createBrotliDecompress(), writer(unfinished));
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
  return folder;
}
