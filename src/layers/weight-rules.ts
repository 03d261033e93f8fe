import { getConstraint, type Constraint, type ConstraintOption } from '../constraints/index.js';
import { getRegularizer, type Regularizer, type RegularizerOption } from '../regularizers/index.js';

/** Options that a layer takes for each weight that has an initializer: a penalty added to the loss, and what holds after each update. */
export type WeightRuleOptions<Names extends string> = { [K in Names as `${K}Regularizer`]?: RegularizerOption } & {
  [K in Names as `${K}Constraint`]?: ConstraintOption;
};

const RULE = /^(\w+)(Regularizer|Constraint)$/;

/** The option names that go with an initializer's. */
export const withRules = (names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const weight = /^(\w+)Initializer$/.exec(name)?.[1];
    return weight === undefined ? [name] : [name, `${weight}Regularizer`, `${weight}Constraint`];
  });

/** The regularizers and constraints among a layer's options, by option name. */
export class WeightRules {
  private readonly rules = new Map<string, Regularizer | Constraint>();

  constructor(op: string, options: object) {
    for (const [name, option] of Object.entries(options) as [string, unknown][]) {
      const kind = RULE.exec(name)?.[2];
      if (kind === undefined || option === undefined || option === null) continue;
      this.rules.set(
        name,
        kind === 'Regularizer' ? getRegularizer(op, option as RegularizerOption) : getConstraint(op, option as ConstraintOption),
      );
    }
  }

  /** Of what the layer gives. */
  get activity(): Regularizer | null {
    return (this.rules.get('activityRegularizer') as Regularizer | undefined) ?? null;
  }

  /**
   * Of the weight with this name: `kernel`, `query/kernel`, `recurrent_kernel` (whose options are called `recurrent…`). A
   * depthwise convolution's `kernel` has options called `depthwise…`.
   */
  of(weight: string): { regularizer: Regularizer | null; constraint: Constraint | null } {
    const last = weight.split('/').at(-1) ?? weight;
    const names = last === 'kernel' ? ['kernel', 'depthwise'] : [last.replace(/_kernel$/, '')];
    const rule = (kind: string): Regularizer | Constraint | null =>
      names.map((name) => this.rules.get(name + kind)).find((found) => found !== undefined) ?? null;
    return { regularizer: rule('Regularizer') as Regularizer | null, constraint: rule('Constraint') as Constraint | null };
  }

  getConfig(): Record<string, unknown> {
    return Object.fromEntries([...this.rules].map(([name, rule]) => [name, { className: rule.className, config: rule.getConfig() }]));
  }
}
