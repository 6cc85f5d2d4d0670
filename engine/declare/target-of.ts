import type { BoundField } from './field.ts';

/** The object a reference, user, to-many or many-to-many field leads to; null for other types. */
export function targetOf(field: BoundField): string | null {
  if (field.type === 'user') return 'user';
  const target = field.with.to ?? field.with.of;
  return typeof target === 'string' ? target : null;
}
