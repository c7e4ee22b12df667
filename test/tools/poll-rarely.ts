/**
 * Makes Dawn look for finished work once a millisecond. By itself it looks without a pause, by `setImmediate`, which takes a core
 * from SwiftShader. Set-up of the project `gpu`.
 */
globalThis.setImmediate = ((callback: () => void) => setTimeout(callback, 1)) as unknown as typeof setImmediate;
