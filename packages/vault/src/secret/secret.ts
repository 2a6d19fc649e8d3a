const HIDDEN = '[secret]';

/**
 * Something secret that does not show itself: text, JSON, `util.inspect`, template strings and structured clones hold
 * `[secret]`. The bytes are zeroed by `dispose`. What `reveal` gives is an ordinary string, which JavaScript keeps
 * until it is collected: ask for it as late as possible and do not keep it.
 */
export class Secret implements Disposable {
  /** What a structured clone shows. */
  readonly secret: string = HIDDEN;
  #bytes: Uint8Array | undefined;

  /** @param bytes - Owned by the secret from now on. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Make one of text. The text itself cannot be erased. */
  static of(text: string): Secret {
    return new Secret(new TextEncoder().encode(text));
  }

  /** Whether it was disposed of. */
  get disposed(): boolean {
    return this.#bytes === undefined;
  }

  /**
   * The secret as text.
   *
   * @throws Error when it was disposed of.
   */
  reveal(): string {
    return this.use((bytes) => new TextDecoder().decode(bytes));
  }

  /**
   * Work with the bytes; they must not be kept.
   *
   * @throws Error when it was disposed of.
   */
  use<Result>(work: (bytes: Uint8Array) => Result): Result {
    if (this.#bytes === undefined) throw new Error('The secret was disposed of.');
    return work(this.#bytes);
  }

  /** Overwrite the bytes. May be called twice. */
  dispose(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }
}

// Node's name for it, without an import of Node.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => HIDDEN });
