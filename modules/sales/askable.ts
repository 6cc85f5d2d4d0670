import { typeOf } from '#engine/declare/fields/index.ts';
import type { Model } from '#engine/declare/model.ts';

/** Fields by which a deal lies where it lies: it cannot be asked to fill those in first. */
const PLACE = ['stage', 'pipeline', 'probability', 'forecastCategory', 'closedOn'];

/** Whether a stage or a playbook cannot ask for this field of a deal: there is none, or nobody fills it in. The company's own count. */
export function unaskable(model: Model, key: string): boolean {
  const field = model.object('opportunity').fields.get(key);
  if (!field || field.retired || field.readOnly || field.derived !== undefined || PLACE.includes(key)) return true;
  return typeOf(field).storage === 'inverse';
}
