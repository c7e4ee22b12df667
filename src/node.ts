/**
 * `inkling/node`: lets `createSession` find a GPU in Node, through the optional package `webgpu` (Dawn), and `loadImages` decode
 * image files, through the optional package `sharp` (libvips).
 *
 * @module inkling/node
 */
import { setGpuSource } from './webgpu/device/request-device.ts';
import { MAX_PIXELS, setDecoderSource } from './data/images/decode.ts';
import { UsageError } from './errors.ts';

/** Dawn's instance, kept for good: its devices die with it. It keeps Node running only while there is work on the GPU. */
let gpu: GPU | undefined;

setGpuSource(async () => {
  try {
    const { create } = await import('webgpu');
    gpu ??= create([]);
    return gpu;
  } catch {
    // The package is not installed, or has no build for this machine: there is no GPU then.
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
      .rotate() // as EXIF says
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
});

export * from './index.ts';
