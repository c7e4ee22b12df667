/**
 * `inkling/formats`: files of tensors. The public names, nothing else.
 *
 * @module inkling/formats
 */
export { readSafetensors, type StoredTensor, type TensorFile } from './safetensors.ts';
export { DataError } from '../errors.ts';
