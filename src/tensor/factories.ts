import { SarafError } from '../errors.js';

/** How a configuration names an object. */
export interface NamedConfig {
  readonly className: string;
  readonly config: Record<string, unknown>;
}

/** Makes of a configuration what it names. */
export type Factory<T> = (config: Record<string, unknown>) => T;

const keyOf = (name: string): string => String(name).replaceAll('_', '').toLowerCase();

/** What makes objects of one kind by their class names, of saraf's own and of users'. Case and underscores do not matter: Keras writes `glorot_uniform`. */
export class Factories<T> {
  private readonly byName: Map<string, Factory<T>>;
  private readonly names: string;

  /** `kind` as in "an initializer"; `register` is the function that makes others known; `others` are names that are not listed. */
  constructor(
    private readonly kind: string,
    private readonly register: string,
    own: object,
    others: object = {},
  ) {
    this.names = Object.keys(own).join(', ');
    this.byName = new Map(Object.entries({ ...own, ...others }).map(([name, make]) => [keyOf(name), make as Factory<T>]));
  }

  add(className: string, make: Factory<T>): void {
    this.byName.set(keyOf(className), make);
  }

  /** Throws ERR_ARG if nothing has that name. */
  make(op: string, option: string | NamedConfig): T {
    const { className, config } = typeof option === 'string' ? { className: option, config: {} } : option;
    const make = this.byName.get(keyOf(className));
    if (!make)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected ${this.kind}, one of ${this.names}, received ${String(className)}; call ${this.register} for a class of your own`,
      );
    return make(config);
  }
}
