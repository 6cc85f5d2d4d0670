import { ApiError } from '../api.ts';
import { failureText, problemText } from '../failure.ts';

/** Why a form was refused: what is wrong with a field at that field, all else with the whole of it. */
export interface Refusal {
  at(field: string): string | undefined;
  whole: string | null;
}

/** Sorts a refusal to the fields of a form. What is wrong inside of a value, such as a part of a condition, is wrong with its field. */
export function refusalOf(failure: unknown, fields: readonly string[]): Refusal {
  const errors = failure instanceof ApiError && failure.code === 'invalid' ? failure.errors : [];
  const fieldOf = (path: string): string | undefined => fields.find((field) => path === field || path.startsWith(`${field}.`));
  const homeless = errors.filter(({ path }) => fieldOf(path) === undefined);
  const whole = errors.length === 0 ? failureText(failure) : homeless.map(problemText).join(' ');
  return {
    at: (field) => {
      const found = errors.find(({ path }) => fieldOf(path) === field);
      return found && problemText(found);
    },
    whole: failure === null || whole === '' ? null : whole,
  };
}
