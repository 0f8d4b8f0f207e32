/** Of what every runtime brings along, as much as is used here: the types of Node have none of it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: object };
};

/** A number that an instance exports: what it is now. */
export interface WasmNumber {
  readonly value: number;
}

export interface WasmMemory {
  /** Another one once it has grown: then views of this one are empty. */
  readonly buffer: ArrayBuffer;
}

/** A WebAssembly module as it is kept in a source file. It is compiled with the first instance. */
export class WasmModule<Exports extends object> {
  readonly #base64: string;
  #compiled: object | undefined;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  instance(imports?: Readonly<Record<string, object>>): Exports {
    this.#compiled ??= new WebAssembly.Module(Buffer.from(this.#base64, 'base64'));
    return new WebAssembly.Instance(this.#compiled, imports).exports as Exports;
  }
}
