import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import type { Page, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';

const verbs = ['read', 'create', 'update', 'delete'] as const;
const scopes = ['none', 'own', 'team', 'territory', 'all'] as const;
type Grant = Partial<Record<(typeof verbs)[number], string>>;
interface Role extends RecordData {
  name: string;
  rights: { objects: Record<string, Grant> };
}

/** Which roles may do what with the records of one object; each choice counts at once and can be taken back. */
export function AccessPart({ object, scoped }: { object: string; scoped: boolean }): ReactNode {
  const { t, plural } = useWords();
  const query = useQuery({
    queryKey: ['grants'],
    queryFn: async ({ signal }) => (await get<Page<Role>>('/roles', { limit: 200 }, signal)).items,
  });
  const grant = async (role: Role, verb: (typeof verbs)[number], scope: string): Promise<void> => {
    const { objects } = role.rights;
    const held: Grant = objects[object] ?? objects['*'] ?? {};
    const rights = { ...role.rights, objects: { ...objects, [object]: { ...held, [verb]: scope } } };
    try {
      const { cause } = await request('PATCH', `/roles/${role.id}`, { body: { rights }, headers: { 'if-match': `"${role.version}"` } });
      showUndo(t('catalogue.granted', { role: role.name }), cause, () => void queryClient.invalidateQueries({ queryKey: ['grants'] }));
    } catch (failure) {
      showFailure(failure);
    }
    await queryClient.invalidateQueries({ queryKey: ['grants'] });
  };
  if (query.isError) return <p role="alert">{failureText(query.error)}</p>;
  return (
    <div className={classes.scroll}>
      <table className={classes.grants}>
        <caption>{t('catalogue.accessLead', { object: plural(object) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('catalogue.role')}</th>
            {verbs.map((verb) => (
              <th key={verb} scope="col">
                {t(`catalogue.verb.${verb}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(query.data ?? []).map((role) => (
            <tr key={role.id}>
              <th scope="row">{role.name}</th>
              {verbs.map((verb) => (
                <td key={verb}>
                  <Select
                    aria-label={`${role.name}: ${t(`catalogue.verb.${verb}`)}`}
                    allowDeselect={false}
                    value={role.rights.objects[object]?.[verb] ?? role.rights.objects['*']?.[verb] ?? 'none'}
                    data={scopes
                      .filter((scope) => scoped || scope === 'none' || scope === 'all')
                      .map((scope) => ({ value: scope, label: t(`catalogue.scope.${scope}`) }))}
                    onChange={(scope) => scope && void grant(role, verb, scope)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
