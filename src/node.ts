/**
 * `inkling/node`: a GPU for `createSession` in Node, through the optional package `webgpu` (Dawn), and a decoder of image files
 * for `loadImages`, through the optional package `sharp` (libvips).
 *
 * @module inkling/node
 */
import { setGpuSource } from './webgpu/device/request-device.ts';
import { MAX_PIXELS, setDecoderSource } from './data/images/decode.ts';
import { UsageError } from './errors.ts';

/** Dawn's instance, never released: its devices die with it. It keeps Node running only while there is work on the GPU. */
let gpu: GPU | undefined;

setGpuSource(async () => {
  try {
    const { create } = await import('webgpu');
    gpu ??= create([]);
    return gpu;
  } catch {
    // Without the package, or a build of it for this machine, there is no GPU.
    return undefined;
  }
});

setDecoderSource(async () => {
  const { default: sharp } = await import('sharp').catch((cause: unknown) => {
    throw new UsageError(
      `loadImages() needs the package 'sharp' to decode images in Node. Install it (npm install sharp), or give 'decode' a function.`,
      { cause },
    );
  });
  return async (bytes) => {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS })
      .rotate() // by EXIF
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
});

export * from './index.ts';
