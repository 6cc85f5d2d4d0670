import { fieldOf } from '../../field.ts';
import { referenceType } from '../reference/reference.ts';

/** A reference to a member of staff. A type of its own, because owners decide access and people pick themselves first. */
export const user = fieldOf<string, { inverse?: string }>('user');

export const userType = { ...referenceType, key: 'user' };
