import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import type { WouldGet } from './assignment.ts';

/** Who would get a lead if it were given out now. */
export function TryPart(): ReactNode {
  const { t, option } = useWords();
  const [lead, setLead] = useState<Named | null>(null);
  const { data, error } = useQuery({
    queryKey: ['assignment', 'try', lead?.id],
    queryFn: async () => (await post<{ items: WouldGet[] }>('/assignments/preview', { ids: [lead?.id] })).items[0] ?? null,
    enabled: lead !== null,
    gcTime: 0,
    retry: false,
  });
  return (
    <SettingsPart title={t('assignment.try')}>
      <RecordPicker
        object="lead"
        value={lead}
        onChange={setLead}
        label={t('assignment.tryLead')}
        ariaLabel={t('assignment.tryLead')}
        clearable
      />
      <div role="status">
        {error && <p role="alert">{failureText(error)}</p>}
        {lead && data === null && <p>{t('assignment.notOpen')}</p>}
        {lead && data && (
          <p>
            {data.user && data.why
              ? t('assignment.wouldGet', { name: data.user.name, rule: data.why.rule, way: option('assignmentRule', 'way', data.why.way) })
              : t('assignment.nobody')}
          </p>
        )}
      </div>
    </SettingsPart>
  );
}
