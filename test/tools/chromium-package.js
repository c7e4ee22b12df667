/**
 * The content of the npm package @sparticuz/chromium (Linux x64): headless Chromium, the libraries and fonts that a bare
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
export const unpackSwiftShader = () => unpack('swiftshader', ['swiftshader.tar.br']);

/**
 * Unpacks the browser with what it needs, and returns its path and environment. Chromium looks for SwiftShader in its
 * own folder.
 */
export async function unpackChromium() {
  const folder = await unpack('chromium', ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br']);
  // The package's own fonts.conf names the folders of a server.
  const fonts = join(folder, 'fonts');
  await writeFile(`${fonts}.conf`, `<fontconfig><dir>${fonts}</dir><cachedir>${fonts}/.cache</cachedir></fontconfig>`);
  const env = { LD_LIBRARY_PATH: `${join(folder, 'lib')}:${folder}`, FONTCONFIG_FILE: `${fonts}.conf` };
  return { executable: join(folder, 'chromium'), env };
}

/**
 * Unpacks beside its place and then renames, so that an interrupted or a second run never sees half a folder.
 * @param {string} name
 * @param {string[]} files
 */
async function unpack(name, files) {
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { version } = /** @type {{ version: string }} */ (JSON.parse(manifest));
  const folder = join(root, '.cache', `chromium-${version}`, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  await Promise.all(files.map((file) => decompress(join(packageFolder, 'bin', file), unfinished)));
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
  return folder;
}

/**
 * @param {string} file
 * @param {string} folder
 */
async function decompress(file, folder) {
  const isArchive = file.endsWith('.tar.br');
  const target = isArchive ? tar.extract(folder) : createWriteStream(join(folder, 'chromium'), { mode: 0o755 });
  await pipeline(createReadStream(file), createBrotliDecompress(), target);
}
