import type { Warning } from '@millrace/core/model';

/** Collects what could not be passed on as it was; each loss once, with how often it occurred. */
export interface LossReport {
  add(type: 'unsupported' | 'compatibility', feature: string, details: string): void;
  list(): readonly Warning[];
}

/** No loss yet. */
export const createLossReport = (): LossReport => {
  const seen = new Map<string, { warning: Exclude<Warning, { type: 'other' }>; count: number }>();
  return {
    add(type, feature, details) {
      const known = seen.get(`${type} ${feature} ${details}`);
      if (known !== undefined) known.count += 1;
      else seen.set(`${type} ${feature} ${details}`, { warning: { type, feature, details }, count: 1 });
    },
    list: () =>
      [...seen.values()].map(({ warning, count }) =>
        count === 1 ? warning : { ...warning, details: `${warning.details} (${count} times)` },
      ),
  };
};
