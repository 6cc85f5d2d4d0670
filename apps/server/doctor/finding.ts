/** Asks the database; rows come under their names. */
export type Ask = <R>(sql: string, values?: unknown[]) => Promise<R[]>;

/** One thing that was looked at: what is so and, where it is not as it must be, how to mend it in one sentence. */
export interface Finding {
  /** `note`: nobody has to do anything now. */
  is: 'ok' | 'note' | 'wrong';
  what: string;
  mend?: string;
}

export const ok = (what: string): Finding => ({ is: 'ok', what });
export const note = (what: string, mend?: string): Finding => (mend === undefined ? { is: 'note', what } : { is: 'note', what, mend });
export const wrong = (what: string, mend: string): Finding => ({ is: 'wrong', what, mend });
/** As it must be, or else with its mend. */
export const must = (good: boolean, what: string, mend: string): Finding => (good ? ok(what) : wrong(what, mend));

const HEADS: Record<Finding['is'], string> = { ok: 'ok    ', note: 'note  ', wrong: 'WRONG ' };

export const lineOf = ({ is, what, mend }: Finding): string => `${HEADS[is]} ${what}${mend ? `: ${mend}` : ''}`;
