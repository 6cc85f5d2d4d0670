import { v7 } from 'uuid';

/** A new id: UUIDv7, so that rows made together lie together in their indexes. */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a value is an id in canonical (lower case, dashed) form. */
export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
