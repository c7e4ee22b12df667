/** A gate that who waits stands before until it is opened. */

export interface Gate {
  readonly promise: Promise<void>;
  readonly open: () => void;
}

export function closedGate(): Gate {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
