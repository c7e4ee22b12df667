/**
 * A service in Node: an HTTP server that classifies the image that is posted to it. The package `sharp` decodes the image.
 *   node test/tools/run.js examples/node-service/server.ts MODEL.safetensors 8080
 *   curl --data-binary @digit.png http://127.0.0.1:8080/
 * `npm run train -- --save MODEL.safetensors` makes such a file, and so does ../own-data/folder.ts.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { loadClassifier } from 'inkling/layers';
import 'inkling/node';
import sharp from 'sharp';

const MAX_BYTES = 10_000_000;

const [, , file, port] = process.argv;
if (file === undefined || port === undefined) throw new Error('Give the file of a classifier and a port.');
const classifier = await loadClassifier(await readFile(file));

/** The body of a request; nothing where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The pixels of an image file, as a page has them in `ImageData`; nothing where it cannot be decoded. */
async function decoded(bytes: Uint8Array): Promise<ImageData | undefined> {
  try {
    const image = sharp(bytes).rotate().toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' });
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return { data: Uint8ClampedArray.from(data), width: info.width, height: info.height, colorSpace: 'srgb' };
  } catch {
    return undefined;
  }
}

/** An HTTP status, and a body to send as JSON. Requests may come while others are answered: the session runs them in turn. */
async function answer(request: IncomingMessage): Promise<[status: number, body: object]> {
  if (request.method !== 'POST') return [405, { error: 'Post an image.' }];
  const bytes = await bodyOf(request);
  if (bytes === undefined) return [413, { error: `An image may have ${MAX_BYTES} bytes.` }];
  const image = await decoded(bytes);
  if (image === undefined) return [400, { error: 'The body is not an image that can be decoded.' }];
  const [prediction] = await classifier.predict(image);
  const probabilities = Object.fromEntries(classifier.model.classes.map((c, i) => [c, prediction?.probabilities[i]]));
  return [200, { label: prediction?.label, probabilities }];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error: unknown): [number, object] => {
      console.error(error);
      return [500, { error: 'The image could not be classified.' }];
    })
    .then(([status, body]) => {
      response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(JSON.stringify(body));
    }, console.error);
});
server.listen(Number(port), '127.0.0.1', () => console.log('Listening at', server.address()));
process.once('SIGTERM', () => server.close());
await once(server, 'close');
classifier.dispose();
